//! `iam-profile-arn-missing`: a policy allows the models and not the inference profiles.

use crate::diagnose::access::iam::{Missing, calls, missing, with_simulation};
use crate::diagnose::statement::{self, CALLS};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy allows the models and not the inference profiles.
pub const KIND: Kind = Kind {
    name: "iam-profile-arn-missing",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy allows the models and not the inference profiles",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`403 … on resource: arn:aws:bedrock:REGION:ACCOUNT:inference-profile/us.anthropic.… because no identity-based policy allows the
bedrock:InvokeModelWithResponseStream action` (or `application-inference-profile/…`).

## Why

A call through a profile is authorized on the profile *and* on every model behind it. The policy names models, or other profiles, and not this one.

## Fix

Add `arn:aws:bedrock:*:*:inference-profile/*`, and `arn:aws:bedrock:*:*:application-inference-profile/*` for profiles of the account, to the
resources of the policy. The whole policy:

    bedrockup iam --for claude

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (models, principal) = missing(case, Missing::ProfileArn);
    let Some(principal) = principal else {
        return Vec::new();
    };
    let summary = format!("The policy of {principal} does not name the inference profile of {}.", look::ids(&models));
    let text = "Add arn:aws:bedrock:*:*:inference-profile/* and arn:aws:bedrock:*:*:application-inference-profile/* to its resources; the whole policy:";
    let found = with_simulation(case, look::with_models(Found::new(summary), &models));
    let lacks = calls(case, &CALLS, &models, |id| statement::profile_arn(case, id).into_iter().collect());
    vec![found.fix(Fix::command(text, "bedrockup iam --for claude").by(Who::AwsAdmin).policy(lacks))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn a_profile_denied_beside_models_that_answer() {
        let mut scene = Scene::healthy();
        let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/{OPUS}");
        let refusal = denial("bedrock:InvokeModelWithResponseStream", &arn, NO_IDENTITY);
        scene.model(OPUS).stream = Answer::Refused(refusal.clone());
        scene.model(OPUS).invoke = Answer::Refused(refusal);
        let finding = scene.expect_first("iam-profile-arn-missing");
        assert!(finding.fixes[0].text.contains("application-inference-profile/*"));
    }

    #[test]
    fn a_profile_of_the_account_is_never_in_a_policy_for_models() {
        let mut scene = Scene::healthy();
        let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:application-inference-profile/abc");
        scene.refuse_models(&denial("bedrock:InvokeModelWithResponseStream", &arn, NO_IDENTITY));
        scene.expect_first("iam-profile-arn-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-profile-arn-missing");
    }
}
