//! `iam-destination-region-missing`: a policy leaves out a region that the profile routes to.

use crate::diagnose::access::iam::{Missing, calls, destinations, missing, other_regions, with_simulation};
use crate::diagnose::statement::{self, CALLS};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy leaves out a region that the profile routes to.
pub const KIND: Kind = Kind {
    name: "iam-destination-region-missing",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy leaves out a region that the profile routes to",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`403 … on resource: arn:aws:bedrock:OTHER-REGION::foundation-model/… because no identity-based policy allows …`: AWS names a region that you never
chose.

## Why

A cross-region profile is authorized on the model in *every* region that it routes to. The policy allows only some of them.

## Fix

Allow `arn:aws:bedrock:*::foundation-model/anthropic.*`, or list each destination of the profile. The whole policy:

    bedrockup iam --for claude

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (models, principal) = missing(case, Missing::Destination);
    let Some(principal) = principal else {
        return Vec::new();
    };
    let summary = format!(
        "The policy of {principal} leaves out {}, where {} is routed to.",
        other_regions(&models),
        look::ids(&models)
    );
    let mut found = look::with_models(Found::new(summary), &models);
    for refused in &models {
        if let Some(arns) = destinations(case, &refused.model.id) {
            found = found.evidence(format!("destinations of {}", refused.model.id), arns);
        }
    }
    let text =
        "Allow arn:aws:bedrock:*::foundation-model/anthropic.* in each destination of the profile; the whole policy:";
    let found = with_simulation(case, found);
    let lacks = calls(case, &CALLS, &models, |id| statement::model_arns(case, id));
    vec![found.fix(Fix::command(text, "bedrockup iam --for claude").by(Who::AwsAdmin).policy(lacks))]
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
    fn another_region_in_the_resource() {
        let finding = denied("arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-8", NO_IDENTITY)
            .expect_first("iam-destination-region-missing");
        assert!(finding.summary.contains("us-west-2"));
        assert!(
            finding.evidence.iter().any(|evidence| evidence.what.contains("us-east-2")),
            "the destinations are listed"
        );
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-destination-region-missing");
    }
}
