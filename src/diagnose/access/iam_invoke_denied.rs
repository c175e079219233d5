//! `iam-invoke-denied`: no policy of yours allows to call the models.

use crate::diagnose::access::iam::{Missing, by_identity, calls, is_call, missing, with_doubt, with_simulation};
use crate::diagnose::statement::{self, CALLS, Statement};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// No policy of yours allows to call the models.
pub const KIND: Kind = Kind {
    name: "iam-invoke-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "No policy of yours allows to call the models",
    page: PAGE,
    owns: &["iam-list-denied"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: arn:aws:… is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:… because no
identity-based policy allows the bedrock:InvokeModelWithResponseStream action`, headed `AWS authentication failed · refresh your AWS
credentials`: the headline is wrong, the credentials are good.

## Why

The user or role that calls has no policy that allows `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream` on the profiles and the models behind them.

## Fix

Have an administrator attach the policy that this prints:

    bedrockup iam --for claude

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    calls_denied(case).into_iter().chain(beside_denied(case)).collect()
}

/// Something else that the call needs is denied: a key of KMS, a guardrail.
fn beside_denied(case: &Case<'_>) -> Option<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| !is_call(&denial.action) && denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| denial.reason.is_some() && by_identity(case, denial) == Some(false))
        .collect();
    let (_, first) = denials.first()?;
    let resource = first.resource.as_ref().map(|resource| resource.arn.clone());
    let on = resource.as_ref().map_or_else(String::new, |arn| format!(" on {arn}"));
    let (principal, action) = (&first.principal, &first.action);
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let summary =
        format!("No policy of {principal} allows {action}{on}, which a call of {} needs here.", look::ids(&models));
    let text = format!("Add this statement for {action} to a policy of {principal}.");
    let statement = Statement::allow([action], resource);
    Some(look::with_models(Found::new(summary), &models).fix(Fix::words(Who::AwsAdmin, text).policy(statement)))
}

fn calls_denied(case: &Case<'_>) -> Option<Found> {
    let (models, principal) = missing(case, Missing::Invoke);
    let principal = principal?;
    let found = look::with_models(
        Found::new(format!("No policy of {principal} allows to call {}.", look::ids(&models))),
        &models,
    );
    let found = with_doubt(case, with_simulation(case, found));
    let lacks = calls(case, &CALLS, &models, |id| statement::resources(case, id));
    let through_profiles = lacks.resource.iter().any(|arn| arn.contains("inference-profile/"));
    let what = if through_profiles { ", for the inference profile and the models behind it," } else { "" };
    let text = format!("Add this statement{what} to a policy of {principal}; the whole policy to attach:");
    Some(found.fix(Fix::command(text, "bedrockup iam --for claude").by(Who::AwsAdmin).policy(lacks)))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    /// Each model is denied, in streaming and plain calls alike.
    fn denied(resource: &str, reason: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.refuse_models(&denial("bedrock:InvokeModelWithResponseStream", resource, reason));
        scene
    }

    #[test]
    fn both_calls_denied_on_the_model_of_this_region() {
        let scene = denied("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8", NO_IDENTITY);
        let finding = scene.expect_first("iam-invoke-denied");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup iam --for claude"));
    }

    #[test]
    fn denied_on_every_profile_alike_is_no_policy_at_all() {
        let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{OPUS}");
        denied(&arn, NO_IDENTITY).expect_first("iam-invoke-denied");
    }

    #[test]
    fn what_a_call_needs_beside_itself() {
        let key = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd");
        let mut scene = Scene::healthy();
        scene.refuse_models(&denial("kms:Decrypt", &key, NO_IDENTITY));
        let finding = scene.expect_first("iam-invoke-denied");
        assert!(finding.summary.contains("kms:Decrypt") && finding.fixes[0].command.is_none(), "{finding:?}");
        let statement = finding.fixes[0].policy.as_ref().expect("a statement").text();
        assert!(statement.contains("kms:Decrypt") && statement.contains(&key), "{statement}");
        scene.expect_absent("aws-refused");
    }

    #[test]
    fn an_organization_that_denies_is_another_cause() {
        let resource = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
        denied(resource, "with an explicit deny in a service control policy").expect_absent("iam-invoke-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-invoke-denied");
    }
}
