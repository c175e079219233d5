//! `iam-explicit-deny`: a policy of yours denies the call.

use crate::diagnose::access::iam::{by_identity, policy_arns, with_doubt, with_simulation};
use crate::diagnose::region_and_models::fit::stay_near;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy of yours denies the call.
pub const KIND: Kind = Kind {
    name: "iam-explicit-deny",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy of yours denies the call",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … with an explicit deny in an identity-based policy`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.

## Why

A policy of the user or role denies the call outright, often by a condition on the region or on a guardrail. An allow elsewhere does not help.

## Fix

Exempt `bedrock:InvokeModel*` from the Deny; or pin a model whose route meets its condition (a geography id instead of `global.`).

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| by_identity(case, denial) == Some(true))
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found =
        look::with_models(Found::new(format!("A policy of yours denies {} outright.", look::ids(&models))), &models);
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    let found = with_doubt(case, with_simulation(case, found));
    let global = denials
        .iter()
        .find(|(_, denial)| denial.resource.as_ref().is_some_and(|resource| resource.region.as_deref() == Some("")));
    let found = found
        .fix(Fix::words(Who::AwsAdmin, "Exempt bedrock:InvokeModel* from the Deny statement, or from its condition."));
    // A condition on the region meets the empty one of the global route.
    vec![match global {
        Some((refused, _)) => found.fix(stay_near(case, &refused.model.id)),
        None => found,
    }]
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
    fn an_explicit_deny_is_not_a_missing_policy() {
        let scene = denied(
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8",
            "with an explicit deny in an identity-based policy",
        );
        scene.expect_first("iam-explicit-deny");
        scene.expect_absent("iam-invoke-denied");
    }

    #[test]
    fn a_region_less_resource_offers_a_geography_id() {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", "global.anthropic.claude-opus-4-8");
        scene.refuse_models(&denial(
            "bedrock:InvokeModelWithResponseStream",
            "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8",
            "with an explicit deny in an identity-based policy",
        ));
        let finding = scene.expect("iam-explicit-deny");
        assert!(finding.fixes[1].text.contains("geography"));
        scene.expect_absent("scp-global");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-explicit-deny");
    }
}
