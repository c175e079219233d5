//! `iam-count-tokens-denied`: calls answer, and counting tokens is denied.

use crate::aws::told::{Told, told};
use crate::diagnose::statement::{self, Statement};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, look, words};

/// Calls answer, and counting tokens is denied.
pub const KIND: Kind = Kind {
    name: "iam-count-tokens-denied",
    layer: Layer::Access,
    severity: Severity::Warning,
    title: "Calls answer, and counting tokens is denied",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`/context` shows zeros or fails; old clients crash on it. `claude` answers all the same.

## Why

`/context` asks Bedrock to count tokens, which needs an action of its own: `bedrock:CountTokens`. Policies that were written for calls alone lack it. It
costs nothing.

## Fix

Add `bedrock:CountTokens` on the models; the whole policy:

    bedrockup iam --for claude

## Check

`bedrockup doctor` counts a token.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let denied = case.answers.models.iter().find_map(|model| {
        let refusal = model.count_tokens.refused()?;
        // The runtime knows models that it cannot count for: a 400, and no matter of rights.
        let by_policy = matches!(told(refusal), Told::Denied(_));
        (by_policy && model.stream.got().is_some()).then_some((model, refusal))
    });
    let Some((model, refusal)) = denied else {
        return Vec::new();
    };
    let found = Found::new("Calls answer, and counting tokens is denied: `/context` shows nothing.")
        .evidence(format!("CountTokens for {}", model.id), words::refusal(refusal))
        .evidence(look::call(model), "answered");
    let text = "Add bedrock:CountTokens on the models; the whole policy:";
    let here = &case.route.region.name;
    let arns = statement::model_arns(case, &model.id).into_iter().filter(|arn| {
        // Counting is done in the region itself, whatever the profile routes to.
        arn.split(':').nth(3).is_some_and(|region| region == here || region == "*")
    });
    let lacks = Statement::allow(["bedrock:CountTokens"], arns);
    vec![found.fix(Fix::command(text, "bedrockup iam --for claude").by(Who::AwsAdmin).policy(lacks))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_policy_for_calls_alone() {
        let mut scene = Scene::healthy();
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
        scene.model(OPUS).count_tokens = Answer::Refused(denial("bedrock:CountTokens", arn, NO_IDENTITY));
        let finding = scene.expect_first("iam-count-tokens-denied");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.fixes[0].text.contains("bedrock:CountTokens"));
    }

    #[test]
    fn a_model_that_cannot_be_counted_for_is_no_matter_of_rights() {
        let mut scene = Scene::healthy();
        let text = "The provided model doesn't support counting tokens.";
        scene.model(OPUS).count_tokens = Answer::Refused(refusal(400, "ValidationException", text));
        scene.expect_absent("iam-count-tokens-denied");
    }

    #[test]
    fn where_calls_are_denied_too_that_is_the_finding() {
        let mut scene = Scene::healthy();
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
        scene.model(OPUS).count_tokens = Answer::Refused(denial("bedrock:CountTokens", arn, NO_IDENTITY));
        scene.refuse_models(&denial("bedrock:InvokeModelWithResponseStream", arn, NO_IDENTITY));
        scene.expect_absent("iam-count-tokens-denied");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-count-tokens-denied");
    }
}
