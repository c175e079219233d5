//! `session-policy-denied`: the session policy does not allow the call.

use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{allowing, policy_arns};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The session policy does not allow the call.
pub const KIND: Kind = Kind {
    name: "session-policy-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The session policy does not allow the call",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … because no session policy allows the bedrock:… action`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.

## Why

Who assumed the role for you (a CI step, a broker, a permission set) gave a session policy along, which narrows the role. It leaves Bedrock out.

## Fix

Add the actions to the session policy where the role is assumed. The actions and resources: `bedrockup iam --for claude`.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| reason.policy == Policy::Session))
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found = look::with_models(
        Found::new("The session policy, given when the role was assumed, does not allow the call."),
        &models,
    );
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    let lacks = allowing(case, &denials);
    vec![found.fix(Fix::words(Who::AwsAdmin, "Add bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream to the session policy where the role is assumed (CI step, broker, permission set).").policy(lacks))]
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
    fn the_sentence_names_the_policy() {
        let scene = denied(
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8",
            "because no session policy allows the bedrock:InvokeModelWithResponseStream action",
        );
        scene.expect_first("session-policy-denied");
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("session-policy-denied");
    }
}
