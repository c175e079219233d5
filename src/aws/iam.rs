//! What IAM's own simulator says of a caller's policies: a hint, since it knows neither all conditions of the organization nor
//! session policies, and never proof.

use aws_smithy_xml::decode::{ScopedDecoder, XmlDecodeError};

use super::answer::Answer;
use super::clients::Aws;
use super::query::{Service, each, text};

/// One action on one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulated {
    /// `bedrock:InvokeModel`.
    pub action: String,
    /// ARN.
    pub resource: String,
    /// `allowed`, `implicitDeny` or `explicitDeny`, in AWS's own words.
    pub decision: String,
    /// Ids of the policies whose statements decided, each with the line where the statement begins.
    pub statements: Vec<String>,
    /// The permissions boundary allows it, where there is one.
    pub boundary: Option<bool>,
    /// The organization's policies allow it, as far as the simulator knows them.
    pub organization: Option<bool>,
}

impl Simulated {
    /// Nothing denies it and something allows it.
    pub fn is_allowed(&self) -> bool {
        self.decision == "allowed"
    }
}

/// `SimulatePrincipalPolicy` for a user or role, at this URL.
pub async fn simulate(
    aws: &Aws,
    (url, region): (&str, &str),
    principal: &str,
    actions: &[&str],
    resources: &[String],
) -> Answer<Vec<Simulated>> {
    let service = Service { url, name: "iam", region, version: "2010-05-08" };
    let mut parameters = vec![("PolicySourceArn".to_owned(), principal.to_owned())];
    let numbered = |list: &str, at: usize| format!("{list}.member.{}", at + 1);
    parameters
        .extend(actions.iter().enumerate().map(|(at, action)| (numbered("ActionNames", at), (*action).to_owned())));
    parameters.extend(resources.iter().enumerate().map(|(at, arn)| (numbered("ResourceArns", at), arn.clone())));
    service.call(aws, "SimulatePrincipalPolicy", &parameters, results).await
}

fn results(root: ScopedDecoder<'_, '_>) -> Result<Vec<Simulated>, XmlDecodeError> {
    let mut found = Vec::new();
    each(root, |name, inside| match name {
        "SimulatePrincipalPolicyResult" => each(inside, |name, list| match name {
            "EvaluationResults" => each(list, |_, member| {
                found.extend(one_action(member)?);
                Ok(())
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok(found)
}

/// One action. Where several resources were asked for, the decision on each stands inside, and what stands outside is the
/// strictest of them.
fn one_action(member: ScopedDecoder<'_, '_>) -> Result<Vec<Simulated>, XmlDecodeError> {
    let mut whole = Simulated::default();
    let mut each_resource = Vec::new();
    each(member, |name, inside| {
        match name {
            "EvalActionName" => whole.action = text(inside)?,
            "ResourceSpecificResults" => each(inside, |_, member| {
                each_resource.push(one_resource(member)?);
                Ok(())
            })?,
            _ => decided(&mut whole, name, inside)?,
        }
        Ok(())
    })?;
    if each_resource.is_empty() {
        return Ok(vec![whole]);
    }
    let action = whole.action;
    Ok(each_resource.into_iter().map(|one| Simulated { action: action.clone(), ..one }).collect())
}

fn one_resource(member: ScopedDecoder<'_, '_>) -> Result<Simulated, XmlDecodeError> {
    let mut one = Simulated::default();
    each(member, |name, inside| decided(&mut one, name, inside))?;
    Ok(one)
}

fn decided(one: &mut Simulated, name: &str, inside: ScopedDecoder<'_, '_>) -> Result<(), XmlDecodeError> {
    match name {
        "EvalResourceName" => one.resource = text(inside)?,
        "EvalDecision" | "EvalResourceDecision" => one.decision = text(inside)?,
        "MatchedStatements" => each(inside, |_, member| {
            one.statements.push(statement(member)?);
            Ok(())
        })?,
        "PermissionsBoundaryDecisionDetail" => one.boundary = flag(inside, "AllowedByPermissionsBoundary")?,
        "OrganizationsDecisionDetail" => one.organization = flag(inside, "AllowedByOrganizations")?,
        _ => {}
    }
    Ok(())
}

/// `policy-id, from line 3 on`.
fn statement(member: ScopedDecoder<'_, '_>) -> Result<String, XmlDecodeError> {
    let (mut policy, mut line) = (String::new(), None);
    each(member, |name, inside| {
        match name {
            "SourcePolicyId" => policy = text(inside)?,
            "StartPosition" => each(inside, |name, inside| {
                if name == "Line" {
                    line = Some(text(inside)?);
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(line.map_or_else(|| policy.clone(), |line| format!("{policy}, from line {line} on")))
}

fn flag(detail: ScopedDecoder<'_, '_>, wanted: &str) -> Result<Option<bool>, XmlDecodeError> {
    let mut value = None;
    each(detail, |name, inside| {
        if name == wanted {
            value = Some(text(inside)?.trim() == "true");
        }
        Ok(())
    })?;
    Ok(value)
}

/// The user or role whose policies a caller has, as the simulator wants it; several where its path is not known. A session's
/// ARN does not carry the path of its role, which is fixed for the roles of IAM Identity Center.
pub fn principals(caller: &str, sso_region: Option<&str>) -> Vec<String> {
    let parts: Vec<&str> = caller.splitn(6, ':').collect();
    let ["arn", partition, service, _, account, resource] = parts[..] else { return Vec::new() };
    match (service, resource.split('/').collect::<Vec<_>>().as_slice()) {
        ("iam", ["user" | "role", ..]) => vec![caller.to_owned()],
        ("sts", ["assumed-role", role, ..]) => {
            let named = |path: &str| format!("arn:{partition}:iam::{account}:role/{path}{role}");
            if !role.starts_with("AWSReservedSSO_") {
                return vec![named("")];
            }
            let with_region = sso_region.map(|region| named(&format!("aws-reserved/sso.amazonaws.com/{region}/")));
            // Without the region where Identity Center is at home in us-east-1.
            let without = named("aws-reserved/sso.amazonaws.com/");
            match sso_region {
                Some("us-east-1") => std::iter::once(without).chain(with_region).collect(),
                _ => with_region.into_iter().chain([without]).collect(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_xml::decode::Document;

    use super::*;

    const ANSWER: &str = r#"<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>
    <member><EvalActionName>bedrock:InvokeModel</EvalActionName>
      <EvalResourceName>arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}</EvalResourceName>
      <EvalDecision>explicitDeny</EvalDecision><MatchedStatements/><MissingContextValues/>
      <ResourceSpecificResults>
        <member><EvalResourceName>arn:a</EvalResourceName><EvalResourceDecision>allowed</EvalResourceDecision></member>
        <member><EvalResourceName>arn:b</EvalResourceName><EvalResourceDecision>explicitDeny</EvalResourceDecision>
          <MatchedStatements><member><SourcePolicyId>DenyRegions</SourcePolicyId><SourcePolicyType>IAM Policy</SourcePolicyType>
            <StartPosition><Line>12</Line><Column>5</Column></StartPosition></member></MatchedStatements>
          <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>
        </member>
      </ResourceSpecificResults></member>
    <member><EvalActionName>bedrock:CountTokens</EvalActionName><EvalResourceName>*</EvalResourceName>
      <EvalDecision>implicitDeny</EvalDecision></member>
  </EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"#;

    #[test]
    fn decisions_are_read_for_each_resource() {
        let mut document = Document::new(ANSWER);
        let found = document.root_element().and_then(results).expect("the answer is read");
        let shown: Vec<_> = found.iter().map(|one| (&*one.resource, &*one.decision)).collect();
        assert_eq!(shown, [("arn:a", "allowed"), ("arn:b", "explicitDeny"), ("*", "implicitDeny")]);
        assert_eq!(found[1].action, "bedrock:InvokeModel");
        assert_eq!(found[1].statements, ["DenyRegions, from line 12 on"]);
        assert_eq!((found[1].boundary, found[0].boundary), (Some(false), None));
    }

    #[test]
    fn whose_policies_they_are() {
        let user = "arn:aws:iam::111111111111:user/team/ada";
        assert_eq!(principals(user, None), [user]);
        assert_eq!(
            principals("arn:aws:sts::111111111111:assumed-role/Developer/ada", None),
            ["arn:aws:iam::111111111111:role/Developer"]
        );
        let session = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_0a1b/ada@example.com";
        let path = "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com";
        assert_eq!(
            principals(session, Some("eu-west-1")),
            [format!("{path}/eu-west-1/AWSReservedSSO_Dev_0a1b"), format!("{path}/AWSReservedSSO_Dev_0a1b")]
        );
        assert_eq!(principals(session, None).len(), 1);
        assert!(principals("arn:aws:iam::111111111111:root", None).is_empty());
    }
}
