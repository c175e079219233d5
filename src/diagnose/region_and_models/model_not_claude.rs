//! `model-not-claude`: the pinned model is not Claude.

use crate::diagnose::region_and_models::fit::{about, pinned, repin};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, local};

/// The pinned model is not Claude.
pub const KIND: Kind = Kind {
    name: "model-not-claude",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The pinned model is not Claude",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 400 …`: the model does not understand the requests of Claude Code.

## Why

Claude Code speaks the language of Claude. Other models of Bedrock do not understand it.

Behind a gateway an id may stand for anything: where it answers, this is a warning.

## Fix

Pin a Claude model, or remove the pin (`aws bedrock list-inference-profiles` shows the ids).

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in pinned(case) {
        let Id::OtherVendor(vendor) = id::read(&model.id) else {
            continue;
        };
        // A gateway that answers for it may be meant to; that it is another model is worth a word.
        let answers = case.answers.model(&model.id).is_some_and(|answers| answers.stream.got().is_some());
        let at_aws = local::is_aws_host(local::host(&case.route.endpoints.runtime));
        if answers && at_aws {
            continue;
        }
        let found = about(case, model, format!("{} is a model of {vendor}, not Claude.", model.id));
        let found = if answers { found.severity(Severity::Warning) } else { found };
        let claude = case.answers.models.iter().find(|other| other.stream.got().is_some());
        list.push(match claude {
            Some(other) => found.fix(repin(case, model, &other.id)),
            None => found.fix(Fix::words(
                Who::You,
                "Pin a Claude model (`aws bedrock list-inference-profiles` shows the ids), or remove the pin.",
            )),
        });
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn another_vendors_id() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_MODEL", "moonshotai.kimi-k2.5");
        let stream =
            Answer::Refused(refusal(400, "ValidationException", "Malformed input request: required key not found."));
        scene.answers.models.push(ModelAnswers { stream, ..answering("moonshotai.kimi-k2.5") });
        let finding = scene.expect_first("model-not-claude");
        assert!(
            finding.fixes[0].command.as_deref().unwrap_or_default().starts_with("export ANTHROPIC_MODEL=us.anthropic.")
        );
    }

    #[test]
    fn without_access_it_is_still_another_vendors() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_MODEL", "zai.glm-5");
        let text = "You don't have access to the model with the specified model ID.";
        let stream = Answer::Refused(refusal(403, "AccessDeniedException", text));
        scene.answers.models.push(ModelAnswers { stream, ..answering("zai.glm-5") });
        scene.expect_first("model-not-claude");
        scene.expect_absent("agreement-missing");
    }

    #[test]
    fn behind_a_gateway_that_answers_for_it() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_MODEL", "moonshotai.kimi-k2.5");
        scene.answers.models.push(answering("moonshotai.kimi-k2.5"));
        scene.expect_absent("model-not-claude");
        scene.configure("ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example.com");
        assert_eq!(scene.expect("model-not-claude").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-not-claude");
    }
}
