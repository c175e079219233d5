//! `model-id-invalid`: no such model id exists.

use crate::diagnose::region_and_models::fit::{Misfit, about, misfits, repin, successor};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who};

/// No such model id exists.
pub const KIND: Kind = Kind {
    name: "model-id-invalid",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "No such model id exists",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error (ID): 400 The provided model identifier is invalid.`, `Could not resolve the foundation model from the provided model identifier`

## Why

The id looks like one of Bedrock and no list has it, in any geography: a wrong or missing date, `-v1` or `:0` too much or too little. Newer ids have neither.

## Fix

Pin the nearest listed id (`aws bedrock list-inference-profiles` shows them).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let wrong = misfits(case, |misfit| match misfit {
        Misfit::NoSuchId(nearest) => Some(nearest.clone()),
        _ => None,
    });
    let found = wrong.into_iter().map(|(model, detail)| {
        let found = about(case, model, format!("No model has the id {}.", model.id));

        match detail.or_else(|| successor(case, &model.id)) {
            Some(id) => found.fix(repin(case, model, &id)),
            None => found.fix(Fix::words(
                Who::You,
                "Pin an id that the region lists (`aws bedrock list-inference-profiles` shows them).",
            )),
        }
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;
    use crate::observe::settings::Scope;

    fn pinned(id: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", id);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models[0] = ModelAnswers { stream, ..answering(id) };
        scene
    }

    #[test]
    fn the_nearest_listed_id_is_offered() {
        let finding = pinned("us.anthropic.claude-opus-4-8:0").expect_first("model-id-invalid");
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_DEFAULT_OPUS_MODEL=us.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn a_pin_of_managed_settings_is_for_those_who_manage_them() {
        let mut scene = pinned("us.anthropic.claude-opus-4-8:0");
        scene.settings_env(Scope::Managed, &[("ANTHROPIC_DEFAULT_OPUS_MODEL", "us.anthropic.claude-opus-4-8:0")]);
        let fix = &scene.expect("model-id-invalid").fixes[0];
        assert_eq!(fix.who, Who::OrgAdmin);
        assert!(fix.text.contains("us.anthropic.claude-opus-4-8`"), "{}", fix.text);
    }

    #[test]
    fn without_the_list_the_table_names_the_nearest() {
        let mut scene = pinned("us.anthropic.claude-opus-4-8:0");
        scene.answers.profiles = Answer::TimedOut;
        let finding = scene.expect_first("model-id-invalid");
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert!(command.ends_with("us.anthropic.claude-opus-4-8"), "{command}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-id-invalid");
    }
}
