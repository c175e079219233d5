//! `cache-short-lived`: what the cache held is written again after each pause.

use super::CacheUse;
use crate::diagnose::client::versions::{self, Seen};
use crate::diagnose::settings::prompt_caching_disabled;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, words};
use crate::price::grouped;
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

if it is a gain by the sum that `usage` reckons from your own tokens. Needs Claude Code 2.1.132.

## Check

The next long pause: `cache_read_input_tokens` in the transcript stays high.
";

const SWITCHES: [&str; 2] = ["ENABLE_PROMPT_CACHING_1H", "ENABLE_PROMPT_CACHING_1H_BEDROCK"];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let on = SWITCHES.iter().any(|name| case.route.value(name).is_some_and(is_truthy));
    let gain = |cache: &&CacheUse| cache.pauses > 0 && cache.spares > cache.costs;
    // Where nothing is cached, nothing is kept longer.
    let off = prompt_caching_disabled::is_off(case);
    let Some(cache) = case.proof.cache.as_ref().filter(gain).filter(|_| !on && !off) else {
        return Vec::new();
    };
    let pauses = if cache.pauses == 1 { "1 pause".to_owned() } else { format!("{} pauses", cache.pauses) };
    let gain = cache.spares.less(cache.costs);
    let found = Found::new(format!(
            "After {pauses} of 5 to 60 minutes in the last {} days the cache was written again, {} tokens: an hour's cache would have spared {gain}.",
            cache.days,
            grouped(cache.tokens.into()),
        ))
        .evidence("transcripts", format!("the longest of these pauses: {} minutes", cache.longest.as_mins()))
        .evidence(
            "prices",
            format!("reading instead of writing again spares {}; writing the rest for an hour costs {} more", cache.spares, cache.costs),
        )
        ;
    let needed = versions::rows().iter().find(|row| row.seen == Seen::OneHourCache).map(|row| row.least_version);
    let too_old = needed.filter(|needed| case.machine.client.version().is_some_and(|version| version < *needed));
    let found = match too_old {
        // Before, Bedrock refuses what the switch adds.
        Some(needed) => {
            found.fix(Fix::command(format!("First update Claude Code to {needed} or newer."), "claude update"))
        }
        None => found,
    };
    let first = if too_old.is_some() { "Then let" } else { "Let" };
    vec![found.fix(Fix::command(
            format!("{first} the cache live for an hour, which pays while you pause as you did (`bedrockup usage` has the sum of a month)."),
            words::export(case, SWITCHES[0], "1"),
        ))]
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::diagnose::proof::{CacheUse, Proof};
    use crate::diagnose::testing::*;
    use crate::price::Money;
    use crate::version::Version;

    fn with_pauses(pauses: u64, spares: u128) -> Scene {
        let mut scene = Scene::healthy();
        let (longest, costs) = (SignedDuration::from_mins(38), Money::from_trillionths(500_000_000_000));
        let spares = Money::from_trillionths(spares * 1_000_000_000_000);
        let cache = CacheUse { days: 7, pauses, tokens: 120_000, longest, spares, costs };
        scene.proof = Proof { cache: Some(cache), ..Proof::default() };
        scene
    }

    #[test]
    fn pauses_that_outlive_the_cache() {
        let finding = with_pauses(4, 3).expect("cache-short-lived");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export ENABLE_PROMPT_CACHING_1H=1"));
        assert!(finding.evidence[0].what.contains("38 minutes") && finding.summary.contains("$2.50"), "{finding:?}");
    }

    #[test]
    fn a_client_that_cannot_is_updated_first() {
        let mut scene = with_pauses(4, 3);
        scene.client(Version(2, 1, 110));
        let commands: Vec<_> =
            scene.expect("cache-short-lived").fixes.into_iter().filter_map(|fix| fix.command).collect();
        assert_eq!(commands, ["claude update", "export ENABLE_PROMPT_CACHING_1H=1"]);
    }

    #[test]
    fn the_switch_is_on_or_there_was_no_pause_or_no_gain() {
        let mut scene = with_pauses(4, 3);
        scene.set("ENABLE_PROMPT_CACHING_1H", "1");
        scene.expect_absent("cache-short-lived");
        let mut scene = with_pauses(4, 3);
        scene.set("DISABLE_PROMPT_CACHING", "1");
        scene.expect_absent("cache-short-lived");
        with_pauses(0, 3).expect_absent("cache-short-lived");
        with_pauses(4, 0).expect_absent("cache-short-lived");
        Scene::healthy().expect_absent("cache-short-lived");
    }
}
