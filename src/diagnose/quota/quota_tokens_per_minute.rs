//! `quota-tokens-per-minute`: the tokens of a minute are used up.

use crate::aws::told::Told;
use crate::diagnose::quota::limits::{self, Unit, applied, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The tokens of a minute are used up.
pub const KIND: Kind = Kind {
    name: "quota-tokens-per-minute",
    layer: Layer::Quota,
    severity: Severity::Error,
    title: "The tokens of a minute are used up",
    page: PAGE,
    owns: &["output-reservation"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Request rejected (429) · Too many tokens, please wait before trying again.`, after three minutes of tries.

## Why

The applied quota of tokens per minute for this model is below what Claude Code needs: a turn begins with some 20,000 tokens of input, and reserves room for its answer. New accounts get a fraction of the default.

## Fix

Have the quota raised in Service Quotas (name and code are shown); or use the `global.` id, whose quota is its own, or a smaller model.

## Check

`bedrockup doctor` shows the applied quota.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in &case.answers.models {
        let throttled =
            model.stream.refused().filter(|refusal| crate::aws::told::told(refusal) == Told::TokensPerMinute);
        let quota = applied(case, model, Unit::TokensPerMinute);
        let none = quota.is_some_and(|quota| quota.value <= 0.0);
        // A small call that answers proves little: a real turn is larger. Where even its room is missing, lowering that helps.
        let room = limits::room(case, model);
        let small = model.stream.got().is_some()
            && quota.is_some_and(|quota| {
                quota.value < limits::FIRST_TURN && (quota.value >= limits::LITTLE || quota.value >= room.tokens)
            });
        if none || (throttled.is_none() && !small) {
            continue;
        }
        let how =
            if throttled.is_some() { "used up, or too few for a turn" } else { "too few for a turn of Claude Code" };
        let mut found = Found::new(format!("The tokens per minute of {} are {how}.", model.id));
        if let Some(refusal) = throttled {
            found = found.evidence(look::call(model), crate::diagnose::words::refusal(refusal));
        } else if quota.is_some_and(|quota| quota.value < limits::LITTLE) {
            // Somebody made room already, and knows.
            found = found.severity(Severity::Warning);
        }
        found = match quota {
            Some(quota) => {
                let reserved = format!("{} ({})", room.tokens, room.source());
                let found =
                    found.evidence("applied quota", shown(quota)).evidence("reserved for each answer", reserved);
                found.fix(Fix::command("Ask for more of this quota.", format!(
                "aws service-quotas request-service-quota-increase --service-code bedrock --quota-code {} --desired-value {} --region {}",
                quota.code,
                // Twice the present value, and room for a first turn at least.
                (quota.value * 2.0).max(limits::FIRST_TURN * 2.0),
                case.route.region.name
            )).by(Who::AwsAdmin))
            }
            None => found.fix(Fix::words(
                Who::AwsAdmin,
                "Raise `tokens per minute` of this model in Service Quotas, Amazon Bedrock.",
            )),
        };
        list.push(found.fix(Fix::words(
            Who::You,
            "Or pin the `global.` id, or a smaller model; lower CLAUDE_CODE_MAX_OUTPUT_TOKENS meanwhile.",
        )));
    }
    Found::together(list)
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    const TEXT: &str = "Too many tokens, please wait before trying again.";

    #[test]
    fn throttled_above_a_small_quota() {
        let finding = throttled(TEXT, opus("tokens per minute", 20_000.0)).expect_first("quota-tokens-per-minute");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("L-0AD9E5BF")));
        assert_eq!(finding.fixes[0].who, Who::AwsAdmin);
    }

    #[test]
    fn a_small_call_that_passes_beneath_a_quota_too_small_for_a_turn() {
        let mut scene = throttled(TEXT, opus("tokens per minute", 20_000.0));
        scene.model(OPUS).stream = answering(OPUS).stream;
        scene.expect_first("quota-tokens-per-minute");
    }

    #[test]
    fn the_day_is_another_quota() {
        let text = "Too many tokens per day, please wait before trying again.";
        throttled(text, opus("tokens per minute", 200_000.0)).expect_absent("quota-tokens-per-minute");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-tokens-per-minute");
    }
}
