//! `boundary-denied`: the permissions boundary does not allow the call.

use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{allowing, policy_arns, with_simulation};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The permissions boundary does not allow the call.
pub const KIND: Kind = Kind {
    name: "boundary-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The permissions boundary does not allow the call",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … because no permissions boundary allows the bedrock:… action`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.

## Why

The user or role has a permissions boundary. Whatever its policies allow, the boundary must allow too.

## Fix

Have an administrator add `bedrock:InvokeModel*` to the boundary. The actions and resources: `bedrockup iam --for claude`.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| denial.reason.is_some_and(|reason| reason.policy == Policy::Boundary))
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found = look::with_models(
        Found::new("The permissions boundary of your user or role does not allow the call."),
        &models,
    );
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    let found = with_simulation(case, found);
    let lacks = allowing(case, &denials);
    vec![
        found.fix(
            Fix::words(
                Who::AwsAdmin,
                "Add bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream to the permissions boundary.",
            )
            .policy(lacks),
        ),
    ]
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
            "because no permissions boundary allows the bedrock:InvokeModelWithResponseStream action",
        );
        scene.expect_first("boundary-denied");
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("boundary-denied");
    }
}
