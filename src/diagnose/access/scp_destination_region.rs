//! `scp-destination-region`: a policy of the organization denies a region that the profile routes to.

use crate::aws::denial::Policy;
use crate::diagnose::access::iam::{self, policy_arns};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy of the organization denies a region that the profile routes to.
pub const KIND: Kind = Kind {
    name: "scp-destination-region",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy of the organization denies a region that the profile routes to",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 User: … is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: … with an explicit deny in a service control policy`, headed `AWS authentication failed · refresh your AWS credentials`: the headline is wrong, the credentials are good.
The resource names a region that you never chose; it may come and go.

## Why

A cross-region profile is authorized in every region that it routes to. The organization denies one of them, usually by a region list without an exemption for Bedrock. Your own region is not the problem.

## Fix

Ask who administers the organization to exempt `bedrock:InvokeModel*` from the region deny for the destinations listed; or pin a profile that stays inside the allowed regions.

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
        .filter(|(_, denial)| iam::place(case, denial) == iam::Place::OtherRegion)
        .collect();
    if denials.is_empty() {
        return Vec::new();
    }
    let models: Vec<_> = denials.iter().map(|(refused, _)| *refused).collect();
    let mut found = look::with_models(
        Found::new(format!(
            "A policy of the organization denies {}, where {} is routed to.",
            iam::other_regions(&models),
            look::ids(&models)
        )),
        &models,
    );
    if let Some(arns) = policy_arns(&denials) {
        found = found.evidence("the policy that denies", arns);
    }
    for refused in &models {
        if let Some(arns) = iam::destinations(case, &refused.model.id) {
            found = found.evidence(format!("destinations of {}", refused.model.id), arns);
        }
    }
    vec![found.fix(Fix::words(Who::OrgAdmin, "Exempt bedrock:InvokeModel* from the region deny for the destinations of the profile."))
        .fix(Fix::words(Who::You, "Or pin a profile that stays inside the allowed regions (`aws bedrock list-inference-profiles` lists those of your region)."))]
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
    fn another_region_is_denied() {
        let scene = denied(
            "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-8",
            "with an explicit deny in a service control policy",
        );
        let finding = scene.expect_first("scp-destination-region");
        assert!(finding.summary.contains("us-west-2"));
        assert_eq!(finding.fixes[0].who, crate::diagnose::Who::OrgAdmin);
        scene.expect_absent("scp-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("scp-destination-region");
    }
}
