//! `small-model-unavailable`: the small model is refused.

use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{about, family, profile_ids};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, words};
use crate::resolve::{Model, Role, Source, data};
use crate::variables::{HAIKU_MODEL, SMALL_FAST_MODEL_REGION};

/// The small model is refused.
pub const KIND: Kind = Kind {
    name: "small-model-unavailable",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The small model is refused",
    page: PAGE,
    owns: &["aws-refused", "model-unpinned"],
    detect,
};

const PAGE: &str = "\
## What you see

The main model answers, and titles, summaries and background tasks fail: `API Error (ID): 400 The provided model identifier is invalid.` for a Haiku id that you never chose.

## Why

The haiku tier has no pin, and the default of this client is not in the region: clients before 2.1.141 always take a `us.` id. Or
`ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION` sends the small model, and it alone, to a region that does not have it.

## Fix

    export ANTHROPIC_DEFAULT_HAIKU_MODEL=ID

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let of = |role| case.models.iter().find(|model| model.role == role);
    let (Some(main), Some(small)) = (of(Role::Main), of(Role::Haiku)) else {
        return Vec::new();
    };
    if let Some(found) = elsewhere(case, main) {
        return vec![found];
    }
    let main_answers = case.answers.model(&main.id).is_some_and(|answers| answers.stream.got().is_some());
    let said = case.answers.model(&small.id).and_then(|answers| answers.stream.refused()).map(told);
    // A pin that is wrong, and a policy that leaves the model out, have findings of their own.
    let unfit = matches!(said, Some(Told::IdInvalid | Told::Legacy | Told::EndOfLife));
    if !main_answers || !unfit || small.source != Source::ClientDefault {
        return Vec::new();
    }
    // The default of the present client is one that old clients can use as well; a newer model may ask for a newer client.
    let usual = &data::defaults(data::present_client()).haiku;
    let better = [small.id.as_str(), usual]
        .into_iter()
        .find_map(|id| profile_ids(case, id).into_iter().next())
        .or_else(|| family(case, "haiku"))
        .unwrap_or_else(|| main.id.clone());
    let summary = format!("The main model answers, and the small one, {}, is refused.", small.id);
    vec![
        about(case, small, summary)
            .fix(Fix::command("Pin the small model.", words::export(case, HAIKU_MODEL, &better))),
    ]
}

/// A small model that is asked in a region of its own and refused there.
fn elsewhere(case: &Case<'_>, main: &Model) -> Option<Found> {
    let small = case.route.small.as_ref()?;
    let model = case.models.iter().find(|model| model.id == small.id)?;
    let answers = |id: &str| case.answers.model(id).is_some_and(|answers| answers.stream.got().is_some());
    let refusal = case.answers.model(&small.id)?.stream.refused()?;
    // An id that the home region does not have either is not cured by asking there.
    let at_home = case.answers.profiles.got().is_none_or(|list| {
        list.iter().any(|profile| profile.id == small.id || profile.arn == small.id)
            || !profile_ids(case, &small.id).is_empty()
    });
    if told(refusal) != Told::IdInvalid || !answers(&main.id) || !at_home {
        return None;
    }
    let (region, home) = (&small.region.value, &case.route.region.name);
    let summary = format!(
        "The small model, {}, is asked in {region} and refused there; the main model answers in {home}.",
        small.id
    );
    let found = about(case, model, summary).explains("model-prefix-mismatch");
    Some(found.fix(words::change(case, SMALL_FAST_MODEL_REGION, home)))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;
    use crate::resolve::{self, Role};
    use crate::version::Version;

    #[test]
    fn the_default_of_an_old_client_in_europe() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs[0].version = Ok(Version(2, 0, 77));
        scene.configure("AWS_REGION", "eu-central-1");
        for name in ["OPUS", "SONNET"] {
            scene.configure(&format!("ANTHROPIC_DEFAULT_{name}_MODEL"), "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
        }
        scene.unset("ANTHROPIC_DEFAULT_HAIKU_MODEL");
        let ids = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"];
        scene.answers.profiles = Answer::TimedOut;
        let small = resolve::resolve(&scene.machine)
            .models
            .into_iter()
            .find(|model| model.role == Role::Haiku)
            .expect("a small model")
            .id;
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models = vec![answering(ids[0]), ModelAnswers { stream, ..answering(&small) }];
        let finding = scene.expect_first("small-model-unavailable");
        let command = finding.fixes[0].command.clone().unwrap_or_default();
        assert!(command.starts_with("export ANTHROPIC_DEFAULT_HAIKU_MODEL=eu.anthropic.claude-haiku-"), "{command}");
    }

    #[test]
    fn in_a_region_of_its_own() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION", "eu-west-1");
        scene.expect_absent("small-model-unavailable");
        let said = refusal(400, "ValidationException", "The provided model identifier is invalid.");
        scene.model(HAIKU).stream = Answer::Refused(said);
        let finding = scene.expect_first("small-model-unavailable");
        assert!(finding.evidence.iter().any(|line| line.place.contains("AWS_REGION") && line.what == "eu-west-1"));
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION=us-east-1"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("small-model-unavailable");
    }
}
