//! IAM (query): `SimulatePrincipalPolicy` over [`Account::simulations`].

use std::collections::BTreeSet;

use super::account::{Account, Decision, Simulation};
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
    let resources = members(call, "ResourceArns");
    let decide = |action: &str, resource: &str| {
        account.simulations.iter().find(|simulation| simulation.covers(&source, action, resource))
    };
    let results: Vec<String> = actions.iter().map(|action| result(action, &resources, decide)).collect();
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

/// One action. The decision on each resource stands inside; above it the strictest of them, and no resource's own ARN.
fn result<'a>(action: &str, resources: &[String], decide: impl Fn(&str, &str) -> Option<&'a Simulation>) -> String {
    let every = [String::from("*")];
    let asked = if resources.is_empty() { &every } else { resources };
    let found: Vec<_> = asked.iter().map(|resource| (resource, decide(action, resource))).collect();
    let decision = |found: Option<&Simulation>| found.map_or(Decision::ImplicitDeny, |simulation| simulation.decision);
    let strictest = found.iter().map(|(_, simulation)| decision(*simulation)).max().unwrap_or_default();
    let deciding = found.iter().filter(|(_, simulation)| decision(*simulation) == strictest);
    let matched: BTreeSet<&str> = deciding.flat_map(|(_, simulation)| policies(*simulation)).collect();

    let specific: String = found
        .iter()
        .filter(|(resource, _)| *resource != "*")
        .map(|(resource, simulation)| {
            format!(
                "<member><EvalResourceName>{}</EvalResourceName><EvalResourceDecision>{}</EvalResourceDecision>{}<MissingContextValues/></member>",
                xml(resource),
                decision(*simulation).as_str(),
                statements(policies(*simulation))
            )
        })
        .collect();
    let template = match action.split_once(':') {
        Some(("bedrock", operation)) if operation.starts_with("InvokeModel") || operation == "CountTokens" => {
            "arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}"
        }
        _ => "*",
    };
    format!(
        "\n      <member><EvalActionName>{}</EvalActionName><EvalResourceName>{template}</EvalResourceName><EvalDecision>{}</EvalDecision>{}<MissingContextValues/><ResourceSpecificResults>{specific}</ResourceSpecificResults></member>",
        xml(action),
        strictest.as_str(),
        statements(matched),
    )
}

fn policies(simulation: Option<&Simulation>) -> impl Iterator<Item = &str> {
    simulation.into_iter().flat_map(|simulation| simulation.policies.iter().map(String::as_str))
}

fn statements<'a>(policies: impl IntoIterator<Item = &'a str>) -> String {
    let one = |policy| {
        format!(
            "<member><SourcePolicyId>{}</SourcePolicyId><SourcePolicyType>IAM Policy</SourcePolicyType><StartPosition><Line>3</Line><Column>16</Column></StartPosition><EndPosition><Line>9</Line><Column>6</Column></EndPosition></member>",
            xml(policy)
        )
    };
    let all: String = policies.into_iter().map(one).collect();
    format!("<MatchedStatements>{all}</MatchedStatements>")
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
