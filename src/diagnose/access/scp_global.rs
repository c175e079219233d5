//! `scp-global`: a policy of the organization denies the global route.

use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{self, policy_arns};
use crate::diagnose::region_and_models::fit::stay_near;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy of the organization denies the global route.
pub const KIND: Kind = Kind {
    name: "scp-global",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy of the organization denies the global route",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … with an explicit deny in a service control policy`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.
The resource has no region: `arn:aws:bedrock:::foundation-model/…`.

## Why

A `global.` profile is authorized on a model without a region, and `aws:RequestedRegion` is `unspecified` then. A region deny of the organization meets it.

## Fix

Pin the geography id (`us.`, `eu.`, …) of the model; or ask who administers the organization to allow `unspecified` for `bedrock:InvokeModel*`.

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denials: Vec<_> = look::denials(case)
        .into_iter()
        .filter(|(_, denial)| denial.action != "bedrock:CallWithBearerToken")
        .filter(|(_, denial)| {
            denial
                .reason
                .is_some_and(|reason| matches!(reason.policy, Policy::ServiceControl | Policy::ResourceControl))
        })
        .filter(|(_, denial)| iam::place(case, denial) == iam::Place::Global)
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found = look::with_models(
        Found::new(format!("A policy of the organization denies the region-less route of {}.", look::ids(&models))),
        &models,
    );
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }

    for refused in &models {
        found = found.fix(stay_near(case, &refused.model.id));
    }
    vec![
        found.fix(Fix::words(Who::OrgAdmin, "Or allow `unspecified` as aws:RequestedRegion for bedrock:InvokeModel*.")),
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
    fn an_empty_region_is_the_global_route() {
        let scene = denied(
            "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8",
            "with an explicit deny in a service control policy",
        );
        scene.expect_first("scp-global");
        scene.expect_absent("scp-destination-region");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("scp-global");
    }
}
