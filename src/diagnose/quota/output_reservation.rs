//! `output-reservation`: the room reserved for answers exceeds the quota.

use crate::diagnose::quota::limits::{FIRST_TURN, LIMIT, LITTLE, Unit, of_answering, room, shown};
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

Each request takes its input and its whole `max_tokens` from the quota when it starts; what the answer did not need comes back at its end. Claude Code asks for 32,000 to 128,000 tokens of room, by model. The applied quota of tokens per minute is smaller, so that not even one request fits; or it just holds one, and the next waits.

## Fix

    export CLAUDE_CODE_MAX_OUTPUT_TOKENS=4096

or the value shown, until the quota is raised.

## Check

`claude -p hi` answers.
";

/// Limits to choose from, the largest first.
const STEPS: [f64; 3] = [16_000.0, 8_192.0, 4_096.0];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for (model, quota) in of_answering(case, Unit::TokensPerMinute) {
        let room = room(case, model);
        let fits = room.tokens <= quota.value;
        // In between, the input of a turn alone is too much: then the quota itself is the finding.
        let between = (LITTLE..FIRST_TURN).contains(&quota.value);
        let ample = quota.value >= room.tokens + FIRST_TURN;
        if quota.value <= 0.0 || ample || between || (fits && quota.value < LITTLE) {
            continue;
        }
        let step = STEPS.into_iter().find(|step| step + FIRST_TURN <= quota.value).unwrap_or(STEPS[STEPS.len() - 1]);
        if fits && room.tokens <= step {
            continue;
        }
        let summary = format!(
            "Each request to {} reserves {} tokens for its answer, and the quota of a minute is {}{}.",
            model.id,
            room.tokens,
            quota.value,
            if fits { ": it holds one request, and the next one waits" } else { "" }
        );
        let severity = if fits { Severity::Warning } else { Severity::Error };
        list.push(
            Found::new(summary)
                .severity(severity)
                .evidence(look::call(model), "answered, with one token reserved")
                .evidence("applied quota", shown(quota))
                .evidence("reserved for each answer", format!("{} ({})", room.tokens, room.source()))
                .fix(Fix::command(
                    "Reserve less, until the quota is raised.",
                    words::export(case, LIMIT, &step.to_string()),
                ))
                .fix(Fix::words(Who::AwsAdmin, format!("Raise {} ({}) in Service Quotas.", quota.name, quota.code))),
        );
    }
    list
}

#[cfg(test)]
mod tests {
    use super::LIMIT;
    use crate::aws::answer::{Answer, Quota};
    use crate::diagnose::Severity;
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
    fn the_room_is_that_of_the_model_and_of_the_client() {
        let finding = small(50_000.0).expect_first("output-reservation");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.evidence.iter().any(|evidence| evidence.what.starts_with("64000 (Claude Code")), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export CLAUDE_CODE_MAX_OUTPUT_TOKENS=16000"));
        let mut scene = small(50_000.0);
        scene.machine.client.installs[0].version = Ok(crate::version::Version(2, 1, 112));
        let finding = scene.expect("output-reservation");
        assert_eq!(finding.severity, Severity::Warning, "one request of 32,000 and its input just fit");
    }

    #[test]
    fn a_room_that_was_chosen_to_fit_is_fine() {
        let mut scene = small(50_000.0);
        scene.set(LIMIT, "16000");
        scene.expect_absent("output-reservation");
        let mut scene = small(8_000.0);
        scene.set(LIMIT, "4096");
        scene.expect_absent("output-reservation");
    }

    #[test]
    fn a_quota_that_holds_the_room_is_fine() {
        small(200_000.0).expect_absent("output-reservation");
    }

    #[test]
    fn the_quota_of_another_route_tells_nothing() {
        for name in [
            "Global cross-region model inference tokens per minute for Anthropic Claude Opus 4.8",
            "On-demand model inference tokens per minute for Anthropic Claude Opus 4.8",
            "Cross-region model inference tokens per minute for Anthropic Claude Opus 4.8 1M Context Length",
            "[bedrock-mantle endpoint] Input tokens per minute for Anthropic Claude Opus 4.8",
        ] {
            let mut scene = small(8_000.0);
            let quota = Quota { code: "L-1".to_owned(), name: name.to_owned(), value: 8_000.0 };
            scene.answers.quotas = Answer::Got(vec![quota]);
            scene.expect_absent("output-reservation");
        }
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("output-reservation");
    }
}
