//! `quota-tokens-per-day`: the tokens of the day are used up.

use crate::aws::answer::Quota;
use crate::aws::told::Told;
use crate::diagnose::quota::limits::{FIRST_TURN, LIMIT, Unit, applied, of_answering, room, shown};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

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

/// With fewer turns in a day than this, a morning's work is too much.
const TURNS: f64 = 10.0;

fn detect(case: &Case<'_>) -> Vec<Found> {
    throttled(case).into_iter().chain(low(case)).collect()
}

/// A quota that holds a few turns only, before it is used up.
fn low(case: &Case<'_>) -> Option<Found> {
    let few = |(_, quota): &(_, &Quota)| {
        // Calls through a profile have twice as much, where the name says so.
        let times = if quota.name.contains("doubled") { 2.0 } else { 1.0 };
        quota.value > 0.0 && quota.value * times < FIRST_TURN * TURNS
    };
    let (model, quota) = of_answering(case, Unit::TokensPerDay).find(few)?;
    let raise = format!("Open a case with AWS Support for more of {} ({}).", quota.name, quota.code);
    Some(
        Found::new(format!("The tokens of a day of {} are enough for a few turns.", model.id))
            .severity(Severity::Warning)
            .evidence(look::call(model), "answered")
            .evidence("applied quota", shown(quota))
            .fix(Fix::words(Who::Support, raise)),
    )
}

fn throttled(case: &Case<'_>) -> Option<Found> {
    let mut models = look::refused_with(case, |told| *told == Told::TokensPerDay);
    // A quota of nothing is another cause, with another cure.
    models.retain(|refused| applied(case, refused.model, Unit::TokensPerDay).is_none_or(|quota| quota.value > 0.0));
    if models.is_empty() {
        return None;
    }
    let mut found = look::with_models(
        Found::new(
            "The account's tokens of this day are used up, also by others in it; waiting minutes does not help.",
        ),
        &models,
    );
    for refused in &models {
        if let Some(quota) = applied(case, refused.model, Unit::TokensPerDay) {
            found = found.evidence("applied quota", shown(quota));
        }
    }
    if let Some(refused) = models.first() {
        let room = room(case, refused.model);
        found = found.evidence("reserved for each answer", format!("{} tokens ({})", room.tokens, room.source()));
    }
    Some(
        found
            .fix(Fix::words(
                Who::Support,
                "Open a case with AWS Support for more tokens per day (model, region, request id).",
            ))
            .fix(Fix::command("Reserve less per request.", words::export(case, LIMIT, "8192")))
            .fix(Fix::words(Who::Wait, "Or wait until the day turns, at midnight UTC.")),
    )
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
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
    fn a_day_of_few_turns_shows_before_it_is_used_up() {
        let mut scene = throttled("", opus("tokens per day", 100_000.0));
        scene.model(OPUS).stream = answering(OPUS).stream;
        assert_eq!(scene.expect_first("quota-tokens-per-day").severity, Severity::Warning);
        scene.answers.quotas = Answer::Got(vec![opus("tokens per day", 5_000_000.0)]);
        scene.expect_absent("quota-tokens-per-day");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("quota-tokens-per-day");
    }
}
