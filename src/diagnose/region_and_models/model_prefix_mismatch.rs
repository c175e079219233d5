//! `model-prefix-mismatch`: the prefix of the model id does not fit the region.

use crate::aws::answer::Answer;
use crate::diagnose::region_and_models::fit::{Misfit, about, misfits, repin};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};

/// The prefix of the model id does not fit the region.
pub const KIND: Kind = Kind {
    name: "model-prefix-mismatch",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The prefix of the model id does not fit the region",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error (ID): 400 The provided model identifier is invalid.. Try --model to switch to …`

## Why

The model is real, and this region has it under another prefix: `us.` ids are not known in Europe, `apac.` ids of newer models exist only as `jp.`,
`au.` or `global.`, and some models are `global.` only.

## Fix

Pin the id that the region lists (`aws bedrock list-inference-profiles` shows them).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let wrong = misfits(case, |misfit| match misfit {
        Misfit::Prefix(forms) => Some(forms.clone()),
        _ => None,
    });
    let found = wrong.into_iter().filter_map(|(model, forms)| {
        let best = forms.first()?;
        let Id::Claude { prefix, .. } = id::read(&model.id) else {
            return None;
        };
        let region = &case.route.region.name;
        // Without the region's own list, a table that is older than it tells.
        let (is, by) = match case.answers.profiles {
            Answer::Got(_) => ("is", ""),
            _ => ("should be", ", as far as bedrockup knows"),
        };
        let summary = format!(
            "{region} does not know {} with the prefix `{}`: there it {is} {best}.",
            model.id,
            prefix.unwrap_or_default()
        );
        let found =
            about(case, model, summary).evidence(format!("ids of this model in {region}{by}"), forms.join(", "));
        Some(found.fix(repin(case, model, best)))
    });
    Found::together(found)
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    const INVALID: &str = "The provided model identifier is invalid.";

    fn in_europe(listed_ids: [&str; 2]) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "eu-central-1");
        scene.answers.profiles = Answer::Got(listed_ids.map(listed).to_vec());
        scene.refuse_models(&refusal(400, "ValidationException", INVALID));
        scene
    }

    #[test]
    fn three_pins_are_one_cause_with_one_fix_for_all() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "eu-central-1");
        let here = [OPUS, SONNET, HAIKU].map(|id| listed(&id.replacen("us.", "eu.", 1)));
        scene.answers.profiles = Answer::Got(here.to_vec());
        scene.refuse_models(&refusal(400, "ValidationException", INVALID));
        let findings = scene.findings();
        assert_eq!(findings.iter().filter(|finding| finding.name == "model-prefix-mismatch").count(), 1);
        let command = scene.expect("model-prefix-mismatch").fixes[0].command.clone().unwrap_or_default();
        assert_eq!(command.lines().filter(|line| line.contains("=eu.anthropic.")).count(), 3, "{command}");
    }

    #[test]
    fn us_ids_in_europe() {
        let scene = in_europe(["eu.anthropic.claude-opus-4-8", "global.anthropic.claude-opus-4-8"]);
        let finding = scene.expect("model-prefix-mismatch");
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_DEFAULT_OPUS_MODEL=eu.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn a_model_that_is_only_global() {
        let scene = in_europe(["global.anthropic.claude-opus-4-8", "eu.anthropic.claude-opus-4-7"]);
        let finding = scene.expect_first("model-prefix-mismatch");
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().ends_with("=global.anthropic.claude-opus-4-8"));
    }

    #[test]
    fn without_the_list_the_table_helps() {
        let mut scene = in_europe(["x", "y"]);
        scene.answers.profiles = Answer::TimedOut;
        assert!(scene.expect_first("model-prefix-mismatch").summary.contains("should be eu."));
    }

    #[test]
    fn an_id_that_the_table_expects_and_aws_does_not_know() {
        let mut scene = Scene::healthy();
        scene.configure("AWS_REGION", "ca-central-1");
        scene.answers.profiles = Answer::TimedOut;
        scene.refuse_models(&refusal(400, "ValidationException", INVALID));
        let command = scene.expect_first("model-prefix-mismatch").fixes[0].command.clone().unwrap_or_default();
        assert!(command.lines().all(|line| line.contains("=global.anthropic.")), "{command}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-prefix-mismatch");
    }
}
