//! `model-legacy`: the model is a legacy one.

use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{about, models, repin, successor};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};

/// The model is a legacy one.
pub const KIND: Kind = Kind {
    name: "model-legacy",
    layer: Layer::RegionAndModels,
    severity: Severity::Warning,
    title: "The model is a legacy one",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

``The model … is not available on your bedrock deployment.`` Behind it AWS says, under 404: `Access denied. This Model is marked by provider as Legacy
and you have not been actively using the model in the last 15 days.` It is not IAM, in spite of its first words.

## Why

The provider has announced the end of the model. Accounts that did not use it lately (15 days; 30 in older answers) are refused; the others have until its last day.

## Fix

Pin an active model (`aws bedrock list-inference-profiles` shows them).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in models(case) {
        let Some(answers) = case.answers.model(&model.id) else {
            continue;
        };
        let refused = answers.stream.refused().map(told) == Some(Told::Legacy);
        let life = answers.lifecycle.got().filter(|life| life.status == "LEGACY");
        if !refused && life.is_none() {
            continue;
        }
        let end = life
            .and_then(|life| life.end_of_life)
            .map_or_else(String::new, |end| format!(", its last day is {}", end.strftime("%Y-%m-%d")));
        let severity = if refused { Severity::Error } else { Severity::Warning };
        let summary = if refused {
            format!("{} is a legacy model, closed for accounts that did not use it lately.", model.id)
        } else {
            format!("{} is a legacy model{end}.", model.id)
        };
        let mut found = about(case, model, summary).severity(severity);
        if life.is_some() {
            found = found.evidence(format!("GetFoundationModel of {}", model.id), format!("LEGACY{end}"));
        }
        if let Some(next) = successor(case, &model.id) {
            found = found.fix(repin(case, model, &next));
        }
        list.push(found);
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Lifecycle};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    const TEXT: &str = "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last \
                        15 days. Please upgrade to an active model on Amazon Bedrock";

    #[test]
    fn a_refused_legacy_model_is_an_error_and_no_denial() {
        let mut scene = Scene::healthy();
        scene.answers.profiles =
            Answer::Got(["us.anthropic.claude-sonnet-5-5", OPUS, SONNET, HAIKU].map(listed).to_vec());
        scene.model(SONNET).stream = Answer::Refused(refusal(404, "ResourceNotFoundException", TEXT));
        let finding = scene.expect_first("model-legacy");
        assert_eq!(finding.severity, Severity::Error);
        let command = finding.fixes[0].command.as_deref();
        assert_eq!(command, Some("export ANTHROPIC_DEFAULT_SONNET_MODEL=us.anthropic.claude-sonnet-5-5"));
    }

    #[test]
    fn one_that_answers_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.model(SONNET).lifecycle = Answer::Got(Lifecycle { status: "LEGACY".to_owned(), end_of_life: None });
        assert_eq!(scene.expect_first("model-legacy").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-legacy");
    }
}
