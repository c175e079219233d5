//! `output-reservation`: the room reserved for answers exceeds the quota.

use crate::diagnose::quota::limits::{RESERVED, Unit, applied, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// The room reserved for answers exceeds the quota.
pub const KIND: Kind = Kind {
    name: "output-reservation",
    layer: Layer::Quota,
    severity: Severity::Error,
    title: "The room reserved for answers exceeds the quota",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`429 Too many tokens` at the word \"hi\", though nobody else uses the model; `bedrockup doctor`'s small call answers.

## Why

Each request reserves its `max_tokens` at once, 32,000 and more. The applied quota of tokens per minute is smaller, so that not even one request fits.

## Fix

    export CLAUDE_CODE_MAX_OUTPUT_TOKENS=4096

until the quota is raised.

## Check

`claude -p hi` answers.
";

const LIMIT: &str = "CLAUDE_CODE_MAX_OUTPUT_TOKENS";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let reserved = case.route.value(LIMIT).and_then(|value| value.trim().parse::<f64>().ok()).unwrap_or(RESERVED);
    let mut list = Vec::new();
    for model in case.answers.models.iter().filter(|model| model.stream.got().is_some()) {
        let Some(quota) = applied(case, &model.id, Unit::TokensPerMinute) else {
            continue;
        };
        // Between half the room and the room, the input of a turn counts as much: then the quota itself is the finding.
        if quota.value <= 0.0 || quota.value >= reserved || quota.value >= RESERVED / 2.0 {
            continue;
        }
        let summary = format!(
            "Each request to {} reserves {reserved} tokens, and the quota of a minute is {}.",
            model.id, quota.value
        );
        list.push(
            Found::new(summary)
                .evidence(look::call(model), "answered, with one token reserved")
                .evidence("applied quota", shown(quota))
                .fix(Fix::command("Reserve less, until the quota is raised.", words::export(case, LIMIT, "4096")))
                .fix(Fix::words(Who::AwsAdmin, format!("Raise {} ({}) in Service Quotas.", quota.name, quota.code))),
        );
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    fn small(value: f64) -> Scene {
        let mut scene = throttled("", opus("tokens per minute", value));
        scene.model(OPUS).stream = answering(OPUS).stream;
        scene
    }

    #[test]
    fn a_small_call_answers_and_the_room_does_not_fit() {
        let finding = small(8_000.0).expect_first("output-reservation");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export CLAUDE_CODE_MAX_OUTPUT_TOKENS=4096"));
    }

    #[test]
    fn a_quota_that_holds_the_room_is_fine() {
        small(200_000.0).expect_absent("output-reservation");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("output-reservation");
    }
}
