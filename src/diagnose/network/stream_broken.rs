//! `stream-broken`: streams are cut, and plain calls go through.

use crate::aws::answer::Answer;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// Streams are cut, and plain calls go through.
pub const KIND: Kind = Kind {
    name: "stream-broken",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "Streams are cut, and plain calls go through",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing: `claude` repeats each turn with a second, billed call that does not stream. It is slow, and costs twice.

## Why

The streaming call begins and is cut before its end, while the same call without streaming completes: an inspection box or a gateway that does not pass streams on.

## Fix

Have `bedrock-runtime.REGION.amazonaws.com` exempted from inspection; another network confirms it.

## Check

`bedrockup doctor` streams to the end.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let cut: Vec<_> = case
        .answers
        .models
        .iter()
        .filter(|model| {
            model.invoke.got().is_some() && matches!(model.stream, Answer::Unreachable(_) | Answer::TimedOut)
        })
        .collect();
    if cut.is_empty() {
        return Vec::new();
    }
    let mut found =
        Found::new("Streams are cut before their end, and plain calls go through: each turn is paid twice.");
    for model in cut {
        let what = model.stream.unreachable().map_or_else(|| "no end within the time limit".to_owned(), words::failure);
        found = found.evidence(look::call(model), what).evidence(format!("plain call of {}", model.id), "answered");
    }
    let host = &case.route.endpoints.runtime;
    vec![
        found
            .fix(Fix::words(Who::OrgAdmin, format!("Exempt {host} from inspection.")))
            .fix(Fix::words(Who::You, "Another network confirms it.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop, NetworkFailure};
    use crate::diagnose::testing::*;

    #[test]
    fn a_reset_stream_beside_a_plain_call_that_answers() {
        let mut scene = Scene::healthy();
        for model in &mut scene.answers.models {
            let host = "bedrock-runtime.us-east-1.amazonaws.com".to_owned();
            model.stream =
                Answer::Unreachable(NetworkFailure { host, hop: Hop::Reset, detail: "connection reset".to_owned() });
            model.invoke = answering(&model.id).stream;
        }
        scene.expect_first("stream-broken");
        scene.expect_absent("no-answer");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("stream-broken");
    }
}
