//! `model-unpinned`: a tier has no pin.

use crate::aws::answer::ModelAnswers;
use crate::aws::told::{Told, told};
use crate::diagnose::look::RefusedModel;
use crate::diagnose::region_and_models::fit::{profile_ids, successor};
use crate::diagnose::region_and_models::id;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};
use crate::resolve::{Role, Source};

/// A tier has no pin.
pub const KIND: Kind = Kind {
    name: "model-unpinned",
    layer: Layer::RegionAndModels,
    severity: Severity::Note,
    title: "A tier has no pin",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The model, its price and its abilities change with a new version of the client; `Warning: Opus: Opus 5.5 not available — using Opus 5 for this session`.

## Why

Each client version brings its own default model for each tier, and tries it with a billed call at its start. Where the default is refused, an older one is taken.

## Fix

bedrockup setup --pin opus=ID --pin sonnet=ID --pin haiku=ID

## Check

`bedrockup why` names the pins.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // A word for subagents stands for one of the tiers.
    let is_tier = |role| !matches!(role, Role::Main | Role::Subagent);
    let tiers: Vec<_> =
        case.models.iter().filter(|model| is_tier(model.role) && model.source == Source::ClientDefault).collect();
    if tiers.is_empty() {
        return Vec::new();
    }
    let main = case.models.iter().find(|model| model.role == Role::Main);
    let main_answers =
        main.is_some_and(|main| case.answers.model(&main.id).is_some_and(|answers| answers.stream.got().is_some()));
    let is_unfit =
        |refused: &RefusedModel<'_>| matches!(told(refused.refusal), Told::IdInvalid | Told::Legacy | Told::EndOfLife);
    let of_tier = |refused: &RefusedModel<'_>| {
        // Beside a main model that answers, the small one has a finding of its own.
        let has_own = |role| role == Role::Haiku && main_answers;
        tiers.iter().any(|tier| !has_own(tier.role) && tier.id == refused.model.id)
    };
    let refused: Vec<_> = look::refused(case).into_iter().filter(of_tier).collect();
    let chosen = main.is_some_and(|main| main.source != Source::ClientDefault);
    // Beside a main model that nobody chose either, only what tells that the id itself is wrong.
    let broken = main_answers && (chosen && !refused.is_empty() || refused.iter().any(is_unfit));
    let shown: Vec<_> = refused.into_iter().filter(|refused| broken || is_unfit(refused)).collect();
    let names: Vec<&str> = tiers.iter().map(|tier| tier.role.name()).collect();
    let mut found =
        Found::new(format!("No pin for {}: the client's default changes with its version.", names.join(", ")));
    if broken {
        found = found.severity(Severity::Error);
    }
    found = look::with_models(found, &shown);
    for tier in &tiers {
        found = found.evidence(format!("{} tier, default of the client", tier.role.name()), tier.id.clone());
    }
    let answering =
        |tier: &crate::resolve::Model| !look::refused(case).iter().any(|refused| refused.model.id == tier.id);
    let better = |tier: &crate::resolve::Model| {
        let listed = || {
            let same = profile_ids(case, &tier.id).into_iter().find(|id| *id != tier.id);
            same.or_else(|| successor(case, &tier.id))
        };
        let unfit = look::refused(case).iter().any(|refused| refused.model.id == tier.id && is_unfit(refused));
        // Whoever may not call this id may not call others that nobody tried: what answered is sure.
        answered(case, id::family(&tier.id)).or_else(|| match unfit {
            true => listed(),
            false => main.map(|main| main.id.clone()).filter(|_| main_answers).or_else(listed),
        })
    };
    let pins: Vec<String> = tiers
        .iter()
        .filter_map(|tier| {
            let id = if answering(tier) { tier.id.clone() } else { better(tier)? };
            Some(format!("--pin {}={}", tier.role.name(), words::quote(case, &id)))
        })
        .collect();
    vec![found.fix(if pins.is_empty() {
        Fix::words(Who::You, "Pin the tiers when the region has models that answer.")
    } else {
        Fix::command("Pin the tiers.", format!("bedrockup setup {}", pins.join(" ")))
    })]
}

/// An id that answered, of a model of this family.
fn answered(case: &Case<'_>, family: Option<&str>) -> Option<String> {
    let family = family?;
    let mut answered = case.answers.models.iter().filter(|model| model.stream.got().is_some());
    let behind = |model: &ModelAnswers| {
        let arns = model.profile.got().map(|profile| profile.model_arns.as_slice()).unwrap_or_default();
        std::iter::once(&model.id).chain(arns).any(|name| name.contains(family))
    };
    answered.find(|model| behind(model)).map(|model| model.id.clone())
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::resolve::Source;

    #[test]
    fn a_machine_without_pins_has_a_note() {
        let mut scene = Scene::healthy();
        scene.unset("ANTHROPIC_DEFAULT_HAIKU_MODEL");
        let finding = scene.expect("model-unpinned");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().starts_with("bedrockup setup --pin haiku="));
    }

    #[test]
    fn where_the_defaults_are_denied_the_id_that_answers_is_pinned() {
        let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:application-inference-profile/abcdef123456");
        let mut scene = Scene::healthy();
        for tier in ["OPUS", "SONNET", "HAIKU"] {
            scene.unset(&format!("ANTHROPIC_DEFAULT_{tier}_MODEL"));
        }
        scene.set("ANTHROPIC_MODEL", &arn);
        scene.answers.profiles = Answer::TimedOut;
        let of = |model: crate::resolve::Model| match model.source {
            Source::ClientDefault => {
                let denied = denial("bedrock:InvokeModelWithResponseStream", &model.id, NO_IDENTITY);
                ModelAnswers { stream: Answer::Refused(denied), ..answering(&model.id) }
            }
            _ => answering(&model.id),
        };
        scene.answers.models = crate::resolve::resolve(&scene.machine).models.into_iter().map(of).collect();
        let finding = scene.expect("model-unpinned");
        assert_eq!(finding.severity, Severity::Error);
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert!(command.contains(&format!("--pin opus={arn}")), "{command}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-unpinned");
    }
}
