//! `cache-short-lived`: what the cache held is written again after each pause.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::variables::is_truthy;

/// What the cache held is written again after each pause.
pub const KIND: Kind = Kind {
    name: "cache-short-lived",
    layer: Layer::Proof,
    severity: Severity::Note,
    title: "What the cache held is written again after each pause",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The first turn after a coffee is dear: `cache_creation_input_tokens` as high as at the start of the session.

## Why

The cache lives five minutes. After a longer pause the whole conversation is written to it again, at 1.25 times the price of input. A cache of an hour costs twice
the price of input to write, and survives the pause.

## Fix

    export ENABLE_PROMPT_CACHING_1H=1

if it is a gain by the sum that `usage` reckons from your own tokens.

## Check

The next long pause: `cache_read_input_tokens` in the transcript stays high.
";

const SWITCHES: [&str; 2] = ["ENABLE_PROMPT_CACHING_1H", "ENABLE_PROMPT_CACHING_1H_BEDROCK"];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let on = SWITCHES.iter().any(|name| case.route.value(name).is_some_and(is_truthy));
    let Some(cache) = case.proof.cache.as_ref().filter(|cache| cache.rewrites > 0 && !on) else {
        return Vec::new();
    };
    let summary = format!(
        "The cache was written anew {} times after pauses of 5 to 60 minutes: {} tokens.",
        cache.rewrites, cache.tokens
    );
    vec![
        Found::new(summary)
            .evidence("transcripts", format!("the longest of these pauses: {} minutes", cache.longest.as_mins()))
            .fix(Fix::command(
                "Let the cache live for an hour, if the sum that `bedrockup usage` prints is a gain.",
                words::export(case, SWITCHES[0], "1"),
            )),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::diagnose::proof::{CacheUse, Proof};
    use crate::diagnose::testing::*;

    fn with_pauses(rewrites: usize) -> Scene {
        let mut scene = Scene::healthy();
        let cache = CacheUse { rewrites, tokens: 120_000, longest: SignedDuration::from_mins(38) };
        scene.proof = Proof { cache: Some(cache), ..Proof::default() };
        scene
    }

    #[test]
    fn pauses_that_outlive_the_cache() {
        let finding = with_pauses(4).expect("cache-short-lived");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export ENABLE_PROMPT_CACHING_1H=1"));
        assert!(finding.evidence[0].what.contains("38 minutes"));
    }

    #[test]
    fn the_switch_is_on_or_there_was_no_pause() {
        let mut scene = with_pauses(4);
        scene.set("ENABLE_PROMPT_CACHING_1H", "1");
        scene.expect_absent("cache-short-lived");
        with_pauses(0).expect_absent("cache-short-lived");
        Scene::healthy().expect_absent("cache-short-lived");
    }
}
