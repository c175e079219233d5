//! AWS's sentence about a denied action, read as a sentence.
//!
//! A word search takes `explicit deny in a service control policy` of another region for "IAM", and a session policy for an
//! identity policy. The sentence has a fixed grammar, so it is parsed: who, what, on what, and which policy said no.

use std::sync::LazyLock;

use regex::Regex;

/// What a denial says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// ARN of the caller.
    pub principal: String,
    /// The action, with its service (`bedrock:InvokeModel`).
    pub action: String,
    /// The resource, where the sentence names one.
    pub resource: Option<Resource>,
    /// Which policy said no, where the sentence tells.
    pub reason: Option<Reason>,
    /// Some policy denies, of whatever kind; else none allows.
    pub explicit: bool,
    /// ARN of that policy; told since 2026, for some policies.
    pub policy_arn: Option<String>,
}

/// The resource of a denial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The ARN, or `*`, as written.
    pub arn: String,
    /// Its region; `Some("")` in a region-less ARN (the `global.` route), `None` where it is no ARN.
    pub region: Option<String>,
    /// Its account; empty for AWS's own models.
    pub account: String,
    /// `foundation-model`, `inference-profile`, `application-inference-profile`, …; empty where it is no ARN.
    pub kind: String,
}

/// Why it was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason {
    /// The kind of policy.
    pub policy: Policy,
    /// It denies (`explicit deny`); otherwise no policy of that kind allows.
    pub explicit: bool,
}

/// Kinds of policy that can say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Attached to the user or role.
    Identity,
    /// Service control policy of the organization.
    ServiceControl,
    /// Resource control policy of the organization.
    ResourceControl,
    /// Permissions boundary of the user or role.
    Boundary,
    /// Given when the role was assumed.
    Session,
    /// Of the VPC endpoint that the call goes through.
    Endpoint,
    /// Attached to the resource.
    Resource,
}

static SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        User:\s(?P<principal>\S+)\sis\snot\sauthorized\sto\sperform:\s(?P<action>[\w-]+:[\w*]+)
        (?:\son\sresource:\s(?P<resource>\S+))?
        (?:
            \sbecause\sno\s(?P<silent>[A-Za-z\ -]+?)\sallows\sthe\s
          | \swith\san\sexplicit\sdeny\sin\san?\s(?P<denying>[A-Za-z\ -]+?)(?:\sattached\b[^:]*)?(?::\s(?P<policy>arn:\S+)|[.,]?\s*$|[.,(]\s*)
        )?",
    )
    .ok()
});

/// Reads AWS's message; `None` where it is no such sentence.
pub fn parse(message: &str) -> Option<Denial> {
    let found = SENTENCE.as_ref()?.captures(message)?;
    let text = |name: &str| found.name(name).map(|part| part.as_str());
    let reason = match (text("silent"), text("denying")) {
        (Some(policy), _) => Policy::from_words(policy).map(|policy| Reason { policy, explicit: false }),
        (_, Some(policy)) => Policy::from_words(policy).map(|policy| Reason { policy, explicit: true }),
        _ => None,
    };
    Some(Denial {
        principal: text("principal")?.to_owned(),
        action: text("action")?.to_owned(),
        resource: text("resource").map(|arn| Resource::new(arn.trim_end_matches(['.', ',']))),
        explicit: message.contains("with an explicit deny"),
        reason,
        policy_arn: text("policy").map(|arn| arn.trim_end_matches(['.', ',']).to_owned()),
    })
}

impl Resource {
    fn new(arn: &str) -> Self {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, _, region, account, rest] => Self {
                arn: arn.to_owned(),
                region: Some((*region).to_owned()),
                account: (*account).to_owned(),
                kind: rest.split(['/', ':']).next().unwrap_or_default().to_owned(),
            },
            _ => Self { arn: arn.to_owned(), region: None, account: String::new(), kind: String::new() },
        }
    }

    /// It is a profile, system-defined or of the account.
    pub fn is_profile(&self) -> bool {
        matches!(self.kind.as_str(), "inference-profile" | "application-inference-profile")
    }

    /// The region as people read it: `no region` for the `global.` route.
    pub fn region_in_words(&self) -> &str {
        match self.region.as_deref() {
            None | Some("") => "no region",
            Some(region) => region,
        }
    }
}

impl Policy {
    fn from_words(words: &str) -> Option<Self> {
        Some(match words {
            "identity-based policy" => Self::Identity,
            "service control policy" => Self::ServiceControl,
            "resource control policy" => Self::ResourceControl,
            "permissions boundary" => Self::Boundary,
            "session policy" => Self::Session,
            "VPC endpoint policy" => Self::Endpoint,
            "resource-based policy" | "resource policy" => Self::Resource,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "arn:aws:sts::111111111111:assumed-role/Dev/ada@example.com";

    fn sentence(resource: &str, rest: &str) -> String {
        format!(
            "User: {USER} is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: {resource} {rest}"
        )
    }

    #[test]
    fn every_reason_has_its_policy() {
        use Policy::*;
        let allows = "allows the bedrock:InvokeModelWithResponseStream action";
        for (rest, policy, explicit) in [
            (format!("because no identity-based policy {allows}"), Identity, false),
            ("with an explicit deny in an identity-based policy".to_owned(), Identity, true),
            (format!("because no service control policy {allows}"), ServiceControl, false),
            ("with an explicit deny in a service control policy".to_owned(), ServiceControl, true),
            ("with an explicit deny in a resource control policy".to_owned(), ResourceControl, true),
            (format!("because no permissions boundary {allows}"), Boundary, false),
            ("with an explicit deny in a permissions boundary".to_owned(), Boundary, true),
            (format!("because no session policy {allows}"), Session, false),
            ("with an explicit deny in a session policy.".to_owned(), Session, true),
            (format!("because no VPC endpoint policy {allows}"), Endpoint, false),
            ("with an explicit deny in a VPC endpoint policy".to_owned(), Endpoint, true),
            (format!("because no resource-based policy {allows}"), Resource, false),
        ] {
            let text = sentence("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8", &rest);
            let denial = parse(&text).expect("a denial");
            assert_eq!(denial.reason, Some(Reason { policy, explicit }), "{text}");
            assert_eq!(denial.principal, USER);
            assert_eq!(denial.action, "bedrock:InvokeModelWithResponseStream");
            assert_eq!(denial.policy_arn, None);
        }
    }

    #[test]
    fn the_resource_is_taken_apart() {
        let rest = "with an explicit deny in a service control policy";
        let of = |arn: &str| parse(&sentence(arn, rest)).and_then(|denial| denial.resource).expect("a resource");
        let model = of("arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0");
        assert_eq!(
            (model.region.as_deref(), model.kind.as_str(), model.is_profile()),
            (Some("us-east-2"), "foundation-model", false)
        );
        let global = of("arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8");
        assert_eq!((global.region.as_deref(), global.region_in_words()), (Some(""), "no region"));
        let profile = of("arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc123");
        assert_eq!((profile.account.as_str(), profile.is_profile()), ("111111111111", true));
        assert_eq!(of("*").region, None);
    }

    #[test]
    fn the_policy_arn_at_the_end_is_read() {
        let policy = "arn:aws:organizations::111111111111:policy/o-exampleorg/service_control_policy/p-12345678";
        let text = sentence(
            "arn:aws:bedrock:us-east-2::foundation-model/x",
            &format!("with an explicit deny in a service control policy: {policy}"),
        );
        let denial = parse(&text).expect("a denial");
        assert_eq!(denial.policy_arn.as_deref(), Some(policy));
        assert_eq!(denial.reason, Some(Reason { policy: Policy::ServiceControl, explicit: true }));
    }

    #[test]
    fn a_sentence_without_resource_or_reason_is_still_read() {
        let denial =
            parse("User: arn:aws:iam::111111111111:user/BedrockAPIKey-abcd is not authorized to perform: bedrock:CallWithBearerToken").expect("a denial");
        assert_eq!(
            (denial.action.as_str(), denial.resource, denial.reason),
            ("bedrock:CallWithBearerToken", None, None)
        );
    }

    #[test]
    fn other_refusals_are_no_denials() {
        for text in [
            "You don't have access to the model with the specified model ID.",
            "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days",
            "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions \
             (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model.",
            "The security token included in the request is invalid.",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
