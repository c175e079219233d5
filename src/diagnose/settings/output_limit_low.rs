//! `output-limit-low`: the limit on output tokens is low.

use crate::diagnose::quota::limits;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, words};
use crate::resolve::Provider;

const NAME: &str = "CLAUDE_CODE_MAX_OUTPUT_TOKENS";
/// At or below this, long edits do not fit into one answer.
const LOW: u64 = 8192;

/// The limit on output tokens is low.
pub const KIND: Kind = Kind {
    name: "output-limit-low",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "The limit on output tokens is low",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Long edits end with `response exceeded the 4096 output token maximum`.

## Why

`CLAUDE_CODE_MAX_OUTPUT_TOKENS` limits each answer. Old guides set it to 4096 against throttling. Where a small quota refuses larger requests it
may be there on purpose.

## Fix

    unset CLAUDE_CODE_MAX_OUTPUT_TOKENS

or set it to 16000 to 32000, as far as the quota allows, and change the place shown.

## Check

A long edit ends without that message.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let limit = local::in_effect(case, NAME)
        .and_then(|value| value.trim().parse::<u64>().ok())
        .filter(|limit| (1..=LOW).contains(limit));
    let Some(limit) = limit.filter(|_| case.route.provider == Provider::Bedrock) else { return Vec::new() };
    let place =
        local::source(case, NAME).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
    let mut found = Found::new(format!("{NAME} is {limit}: longer answers are cut."))
        .evidence(place, format!("{NAME} is {limit}"))
        .fix(hand::remove(case, NAME))
        .fix(Fix::words(Who::You, "Or raise it to 16000 to 32000, as far as the quota allows."));
    let refusals = case.answers.models.iter().filter_map(|model| model.stream.refused());
    let throttled =
        refusals.into_iter().any(|refusal| refusal.status == 429 && refusal.message.contains("Too many tokens"));
    if throttled || limits::is_scarce(case) {
        // With such a quota it may be on purpose.
        found = found.severity(Severity::Note);
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use super::NAME;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::{Scene, refusal};

    #[test]
    fn a_low_limit_is_a_warning_unless_the_quota_asks_for_it() {
        let mut scene = Scene::healthy();
        scene.set(NAME, "4096");
        assert_eq!(scene.expect_first("output-limit-low").severity, Severity::Warning);
        scene.refuse_models(&refusal(429, "ThrottlingException", "Too many tokens, please wait before trying again."));
        assert_eq!(scene.expect("output-limit-low").severity, Severity::Note);
    }

    #[test]
    fn other_limits_are_well() {
        for value in ["16000", "32000", "many", ""] {
            let mut scene = Scene::healthy();
            scene.set(NAME, value);
            scene.expect_absent("output-limit-low");
        }
        Scene::healthy().expect_absent("output-limit-low");
    }
}
