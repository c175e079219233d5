//! `quota-tokens-per-day`: the tokens of the day are used up.

use crate::aws::told::Told;
use crate::diagnose::quota::limits::{Unit, applied, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The tokens of the day are used up.
pub const KIND: Kind = Kind {
    name: "quota-tokens-per-day",
    layer: Layer::Quota,
    severity: Severity::Error,
    title: "The tokens of the day are used up",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Request rejected (429) · Too many tokens per day, please wait before trying again.`

## Why

The account's tokens of the day are used up, often by others in it: each request reserves its input and its whole `max_tokens`, and output counts several times. Waiting minutes does not help.

## Fix

Ask AWS Support for more tokens per day; lower what each request reserves; or wait until the day turns (UTC).

    export CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192

## Check

`bedrockup doctor` calls the models again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut models = look::refused_with(case, |told| *told == Told::TokensPerDay);
    // A quota of nothing is another cause, with another cure.
    models.retain(|refused| applied(case, &refused.model.id, Unit::TokensPerDay).is_none_or(|quota| quota.value > 0.0));
    if models.is_empty() {
        return Vec::new();
    }
    let mut found = look::with_models(
        Found::new(
            "The account's tokens of this day are used up, also by others in it; waiting minutes does not help.",
        ),
        &models,
    );
    for refused in &models {
        if let Some(quota) = applied(case, &refused.model.id, Unit::TokensPerDay) {
            found = found.evidence("applied quota", shown(quota));
        }
    }
    vec![
        found
            .fix(Fix::words(
                Who::Support,
                "Open a case with AWS Support for more tokens per day (model, region, request id).",
            ))
            .fix(Fix::command(
                "Reserve less per request.",
                crate::diagnose::words::export(case, "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "8192"),
            ))
            .fix(Fix::words(Who::Wait, "Or wait until the day turns, at midnight UTC.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;

    use crate::diagnose::quota::limits::scene::{opus, throttled};

    #[test]
    fn the_day_does_not_heal_in_minutes() {
        let scene = throttled(
            "Too many tokens per day, please wait before trying again.",
            opus("tokens per minute", 200_000.0),
        );
        let finding = scene.expect_first("quota-tokens-per-day");
        assert!(finding.fixes.iter().any(|fix| fix.text.contains("midnight UTC")));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-tokens-per-day");
    }
}
