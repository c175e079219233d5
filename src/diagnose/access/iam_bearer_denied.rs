//! `iam-bearer-denied`: the user of the Bedrock API key may not use such keys.

use crate::aws::denial::{Denial, Policy};
use crate::diagnose::access::iam::policy_arns;
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The user of the Bedrock API key may not use such keys.
pub const KIND: Kind = Kind {
    name: "iam-bearer-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The user of the Bedrock API key may not use such keys",
    page: PAGE,
    owns: &["bearer-token-rejected"],
    detect,
};

const PAGE: &str = "\
## What you see

`403 … is not authorized to perform: bedrock:CallWithBearerToken`.

## Why

Calls with a Bedrock API key need `bedrock:CallWithBearerToken` for the user or role that the key belongs to, beside the rights on the models. The key itself is well-formed.

## Fix

Allow `bedrock:CallWithBearerToken` for the principal of the key (named in the text), or use a profile instead. Where AWS's words name a permissions
boundary or a service control policy, it must be allowed there too, and an explicit deny must be taken back: another policy that allows does not help.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> =
        look::denials(case).into_iter().filter(|(_, denial)| denial.action == "bedrock:CallWithBearerToken").collect();
    let Some((_, first)) = denials.first() else {
        return Vec::new();
    };
    let summary = format!("{} may not use a Bedrock API key (bedrock:CallWithBearerToken).", first.principal);
    let fix = cure(first);
    let arns = policy_arns(&denials);
    let models: Vec<_> = denials.into_iter().map(|(refused, _)| refused).collect();
    let mut found = look::with_models(Found::new(summary), &models);
    if let Some(arns) = arns {
        found = found.evidence("the policy that denies", arns);
    }
    vec![found.fix(fix).fix(Fix::words(Who::You, "Or use a profile instead of the key."))]
}

/// What cures it, and who can: a policy that allows helps only where the lack of one is the cause, and where it belongs.
fn cure(denial: &Denial) -> Fix {
    const ACTION: &str = "bedrock:CallWithBearerToken";
    let principal = &denial.principal;
    let policy = denial.reason.map(|reason| reason.policy);
    let (who, place) = match policy {
        None | Some(Policy::Identity | Policy::Resource) => (Who::AwsAdmin, format!("a policy of {principal}")),
        Some(Policy::Boundary) => (Who::AwsAdmin, format!("the permissions boundary of {principal}")),
        Some(Policy::Session) => (Who::AwsAdmin, "the session policy, where the role is assumed".to_owned()),
        Some(Policy::Endpoint) => (Who::AwsAdmin, "the policy of the VPC endpoint".to_owned()),
        Some(Policy::ServiceControl) => (Who::OrgAdmin, "the service control policies of the account".to_owned()),
        Some(Policy::ResourceControl) => (Who::OrgAdmin, "the resource control policies of the account".to_owned()),
    };
    if denial.explicit {
        let named = denial.policy_arn.as_ref().map(|arn| format!(" ({arn})")).unwrap_or_default();
        let text = format!(
            "Exempt {ACTION} for {principal} from the Deny in {place}{named}: no policy that allows it can help."
        );
        return Fix::words(who, text);
    }
    let text = match policy {
        None | Some(Policy::Identity) => format!("Allow {ACTION} for {principal}."),
        _ => format!("Allow {ACTION} in {place}: what the policies of {principal} allow does not reach beyond it."),
    };
    Fix::words(who, text).policy(Statement::allow([ACTION], []))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;

    #[test]
    fn the_action_names_it() {
        let mut scene = Scene::healthy();
        scene.use_bearer("ABSKexample");
        scene.refuse_models(&denial("bedrock:CallWithBearerToken", "*", NO_IDENTITY));
        let finding = scene.expect_first("iam-bearer-denied");
        assert!(finding.fixes[0].text.contains("bedrock:CallWithBearerToken"));
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn who_can_cure_it_and_where_is_told_by_the_kind_of_policy() {
        let none = |policy: &str| format!("because no {policy} allows the bedrock:CallWithBearerToken action");
        for (reason, who, part, allows) in [
            (none("permissions boundary"), Who::AwsAdmin, "in the permissions boundary", true),
            ("with an explicit deny in a permissions boundary".to_owned(), Who::AwsAdmin, "Exempt", false),
            (none("service control policy"), Who::OrgAdmin, "service control policies", true),
            ("with an explicit deny in a service control policy".to_owned(), Who::OrgAdmin, "Exempt", false),
            ("with an explicit deny in an identity-based policy".to_owned(), Who::AwsAdmin, "Exempt", false),
        ] {
            let mut scene = Scene::healthy();
            scene.use_bearer("ABSKexample");
            scene.refuse_models(&denial("bedrock:CallWithBearerToken", "*", &reason));
            let fix = scene.expect_first("iam-bearer-denied").fixes[0].clone();
            assert!(fix.who == who && fix.text.contains(part), "{reason}: {fix:?}");
            assert_eq!(fix.policy.is_some(), allows, "{reason}: {fix:?}");
        }
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-bearer-denied");
    }
}
