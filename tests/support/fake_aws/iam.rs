//! IAM (query): `SimulatePrincipalPolicy` over [`Account::simulations`].

use super::account::{Account, Simulation};
use super::errors::{Fault, xml};
use super::identity::{self, Identity};
use super::wire::{Call, Reply};

/// Answers one operation.
pub fn answer(call: &Call, account: &Account, request_id: &str) -> Result<Reply, Fault> {
    if call.operation != "SimulatePrincipalPolicy" {
        return Err(Fault::unknown_operation(call));
    }
    let source = call.form("PolicySourceArn").unwrap_or_default();
    check_source(&source, account)?;
    let actions = members(call, "ActionNames");
    if actions.is_empty() {
        return Err(Fault::new(
            400,
            "ValidationError",
            "1 validation error detected: Value at 'actionNames' failed to satisfy constraint: Member must not be null",
        ));
    }
    let mut resources = members(call, "ResourceArns");
    if resources.is_empty() {
        resources.push("*".into());
    }
    let mut results = Vec::new();
    for action in &actions {
        for resource in &resources {
            let first = account.simulations.iter().find(|simulation| simulation.covers(&source, action, resource));
            results.push(result(action, resource, first));
        }
    }
    let number = |name: &str| call.form(name).and_then(|text| text.parse::<usize>().ok());
    let (from, size) = (number("Marker").unwrap_or(0), number("MaxItems").unwrap_or(100).clamp(1, 1_000));
    let page: String = results.iter().skip(from).take(size).map(String::as_str).collect();
    let more = match from + size < results.len() {
        true => format!("<IsTruncated>true</IsTruncated><Marker>{}</Marker>", from + size),
        false => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    let body = format!(
        "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <SimulatePrincipalPolicyResult>\n    <EvaluationResults>{page}</EvaluationResults>\n    {more}\n  </SimulatePrincipalPolicyResult>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n</SimulatePrincipalPolicyResponse>\n"
    );
    Ok(Reply::new(200, "text/xml", body))
}

/// Only users, groups and roles have policies; a session's ARN does not even tell which role it is of.
fn check_source(source: &str, account: &Account) -> Result<(), Fault> {
    let parts: Vec<&str> = source.splitn(6, ':').collect();
    let entity = match parts[..] {
        ["arn", _, "iam", "", _, resource] => resource.split_once('/'),
        _ => None,
    };
    let Some((kind @ ("user" | "role" | "group"), name)) = entity else {
        let text = format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
        return Err(Fault::new(400, "InvalidInput", text));
    };
    let of_key = |arn: &str, owner: &str| match Identity::of(arn) {
        Identity::Session { role, .. } => identity::role_arn(owner, role),
        _ => arn.to_owned(),
    };
    let known = kind == "group"
        || account.roles.iter().any(|role| role.arn == source)
        || account.keys.iter().any(|key| of_key(&key.arn, &key.account) == source);
    if known {
        return Ok(());
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    Err(Fault::new(404, "NoSuchEntity", format!("The {kind} with name {name} cannot be found.")))
}

fn members(call: &Call, list: &str) -> Vec<String> {
    (1..).map_while(|at| call.form(&format!("{list}.member.{at}"))).collect()
}

fn result(action: &str, resource: &str, simulation: Option<&Simulation>) -> String {
    let decision = simulation.map_or("implicitDeny", |simulation| simulation.decision.as_str());
    let policies = simulation.map_or(&[][..], |simulation| simulation.policies.as_slice());
    let statements: String = policies
        .iter()
        .map(|policy| {
            format!(
                "<member><SourcePolicyId>{}</SourcePolicyId><SourcePolicyType>IAM Policy</SourcePolicyType><StartPosition><Line>3</Line><Column>16</Column></StartPosition><EndPosition><Line>9</Line><Column>6</Column></EndPosition></member>",
                xml(policy)
            )
        })
        .collect();
    format!(
        "\n      <member><EvalActionName>{}</EvalActionName><EvalResourceName>{}</EvalResourceName><EvalDecision>{decision}</EvalDecision><MatchedStatements>{statements}</MatchedStatements><MissingContextValues/></member>",
        xml(action),
        xml(resource)
    )
}

impl Simulation {
    fn covers(&self, principal: &str, action: &str, resource: &str) -> bool {
        self.principal.as_deref().is_none_or(|wanted| wanted == principal)
            && matches(&self.action.to_lowercase(), &action.to_lowercase())
            && matches(&self.resource, resource)
    }
}

/// IAM's patterns: `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    text.strip_prefix(head).is_some_and(|text| {
        rest.is_empty() || (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| matches(rest, &text[at..]))
    })
}
