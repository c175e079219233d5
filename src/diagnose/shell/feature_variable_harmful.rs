//! `feature-variable-harmful`: a variable of another kind makes Bedrock refuse requests.

use crate::aws::answer::{Answer, FeatureAnswer};
use crate::diagnose::client::model_family;
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::resolve::{Provider, features};

/// A variable of another kind makes Bedrock refuse requests.
pub const KIND: Kind = Kind {
    name: "feature-variable-harmful",
    layer: Layer::Shell,
    severity: Severity::Warning,
    title: "A variable that switches a feature on makes Bedrock refuse requests",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Every prompt fails, while a plain call to the same model answers: `503 Bedrock is unable to process your request`, `400 invalid beta flag`,
`eager_input_streaming: Extra inputs are not permitted`, `thinking.type.enabled is not supported`.

## Why

`CLAUDE_CODE_USE_POWERSHELL_TOOL`, `ANTHROPIC_BETAS`, `CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING` and `MAX_THINKING_TOKENS` add something to each
request that Anthropic's own API takes and Bedrock, or some models there, do not. Where that can be shown for the price of a token, bedrockup
calls the main model once as the variable makes the client call it.

## Fix

    unset CLAUDE_CODE_USE_POWERSHELL_TOOL

with the name shown, and remove it from the file that is named.

## Check

A new terminal: `claude -p hi` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let mut all = Vec::new();
    for feature in features::all() {
        let value = local::in_effect(case, &feature.name).filter(|value| feature.counts(value));
        let fits = |id: &str| model_family(id).is_some_and(|family| feature.models.iter().any(|own| own == family));
        let model = case.models.iter().find(|model| feature.models.is_empty() || fits(&model.id));
        let (Some(value), Some(model)) = (value, model) else { continue };
        let source = local::source(case, &feature.name);
        let place = source.as_ref().map_or_else(|| "environment".to_owned(), |source| words::source(case, source));
        let asked = case.answers.features.iter().find(|asked| asked.variable == feature.name);
        let mut found = Found::new(format!("{} {}.", feature.name, feature.what)).evidence(
            place,
            format!("{} is {} ({})", feature.name, local::shown(&feature.name, value), feature.source),
        );
        if !feature.models.is_empty() {
            found = found.evidence(format!("{} model", model.role.name()), model.id.clone());
        }
        match asked.map(|asked| (asked, &asked.answer)) {
            Some((asked, Answer::Refused(refusal))) if plain_answers(case, asked) => {
                found = found
                    .severity(Severity::Error)
                    .evidence(format!("call of {} with what the variable adds", asked.model), words::refusal(refusal))
                    .evidence(format!("plain call of {}", asked.model), "answered");
            }
            Some((asked, Answer::Got(_))) => {
                found = found.evidence(format!("call of {} with what the variable adds", asked.model), "answered now");
            }
            _ => {}
        }
        all.push(found.fix(hand::remove(case, &feature.name)));
    }
    all
}

/// The same model answers without it.
fn plain_answers(case: &Case<'_>, asked: &FeatureAnswer) -> bool {
    case.answers.model(&asked.model).is_some_and(|model| model.stream.got().is_some())
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, FeatureAnswer};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::{OPUS, Scene, refusal};
    use crate::observe::rc_files::Effect;
    use crate::observe::settings::Scope;

    const TOOL: &str = "CLAUDE_CODE_USE_POWERSHELL_TOOL";

    #[test]
    fn a_tool_that_bedrock_refuses() {
        let mut scene = Scene::healthy();
        scene.set(TOOL, "1");
        scene.rc_line(".bashrc", TOOL, Some("1"), Effect::Export);
        assert_eq!(scene.expect("feature-variable-harmful").severity, Severity::Warning);
        let answer = Answer::Refused(refusal(503, "ServiceUnavailableException", "unable to process your request"));
        scene.answers.features =
            vec![FeatureAnswer { variable: TOOL.to_owned(), model: OPUS.to_owned(), answer: answer.clone() }];
        let finding = scene.expect_first("feature-variable-harmful");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset CLAUDE_CODE_USE_POWERSHELL_TOOL"));
        assert!(finding.fixes[0].text.contains("~/.bashrc:20"), "{finding:?}");
        // Where the plain call fails too, it is not the variable.
        scene.refuse_models(&refusal(503, "ServiceUnavailableException", "unable to process your request"));
        assert_eq!(scene.expect("feature-variable-harmful").severity, Severity::Warning);
    }

    #[test]
    fn thinking_by_a_number_on_a_model_that_thinks_as_it_sees_fit() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[("MAX_THINKING_TOKENS", "8000")]);
        let finding = scene.expect("feature-variable-harmful");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.fixes[0].text.contains("`env` block"), "{finding:?}");
    }

    #[test]
    fn values_that_switch_it_off_and_models_that_do_not_mind() {
        let mut scene = Scene::healthy();
        scene.set(TOOL, "0");
        scene.set("ANTHROPIC_BETA", "ignored-anyway");
        scene.set("MAX_THINKING_TOKENS", "0");
        scene.expect_absent("feature-variable-harmful");
        let mut scene = Scene::healthy();
        scene.configure(crate::variables::OPUS_MODEL, "us.anthropic.claude-opus-4-5-20251101-v1:0");
        scene.set("MAX_THINKING_TOKENS", "8000");
        scene.expect_absent("feature-variable-harmful");
        Scene::healthy().expect_absent("feature-variable-harmful");
    }
}
