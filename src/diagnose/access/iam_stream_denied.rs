//! `iam-stream-denied`: a policy allows plain calls and not streaming ones.

use crate::diagnose::access::iam::{Missing, calls, missing};
use crate::diagnose::statement::{self, CALLS};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// A policy allows plain calls and not streaming ones.
pub const KIND: Kind = Kind {
    name: "iam-stream-denied",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "A policy allows plain calls and not streaming ones",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`aws bedrock-runtime invoke-model` answers, and Claude Code says `403 … is not authorized to perform: bedrock:InvokeModelWithResponseStream … because
no identity-based policy allows the bedrock:InvokeModelWithResponseStream action`.

## Why

Claude Code streams. Streaming is an action of its own, and the policy has only `bedrock:InvokeModel`; the usual test with the AWS CLI passes.

## Fix

Add `bedrock:InvokeModelWithResponseStream` beside `bedrock:InvokeModel`, on the same resources. The whole policy:

    bedrockup iam --for claude

## Check

`bedrockup doctor` calls each model again; a new policy takes a few seconds.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (models, principal) = missing(case, Missing::Stream);
    let Some(principal) = principal else {
        return Vec::new();
    };
    let summary = format!("{principal} may call {} and may not stream; Claude Code streams.", look::ids(&models));
    let found = look::with_models(Found::new(summary), &models).evidence("the same call without streaming", "answered");
    let text = "Add bedrock:InvokeModelWithResponseStream beside bedrock:InvokeModel, on the same resources; the whole policy:";
    let lacks = calls(case, &CALLS[1..], &models, |id| statement::resources(case, id));
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
    fn a_plain_call_that_answers_leaves_the_stream() {
        let mut scene = denied("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8", NO_IDENTITY);
        for model in &mut scene.answers.models {
            model.invoke = answering(&model.id).stream;
        }
        let finding = scene.expect_first("iam-stream-denied");
        assert!(finding.fixes[0].text.contains("bedrock:InvokeModelWithResponseStream"));
    }

    #[test]
    fn a_plain_call_that_is_denied_too_is_another_cause() {
        denied("arn:aws:bedrock:us-east-1::foundation-model/x", NO_IDENTITY).expect_absent("iam-stream-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-stream-denied");
    }
}
