//! `model-unpinned`: a tier has no pin.

use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, look, words};
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
    let tiers: Vec<_> =
        case.models.iter().filter(|model| model.role != Role::Main && model.source == Source::ClientDefault).collect();
    if tiers.is_empty() {
        return Vec::new();
    }
    let main = case.models.iter().find(|model| model.role == Role::Main);
    let main_answers =
        main.is_some_and(|main| case.answers.model(&main.id).is_some_and(|answers| answers.stream.got().is_some()));
    let refused: Vec<_> = look::refused(case)
        .into_iter()
        // The small model has a finding of its own.
        .filter(|refused| tiers.iter().any(|tier| tier.role != Role::Haiku && tier.id == refused.model.id))
        .collect();
    let broken = main_answers && main.is_some_and(|main| main.source != Source::ClientDefault) && !refused.is_empty();
    let names: Vec<&str> = tiers.iter().map(|tier| tier.role.name()).collect();
    let mut found =
        Found::new(format!("No pin for {}: the client's default changes with its version.", names.join(", ")));
    if broken {
        found = look::with_models(found.severity(Severity::Error), &refused);
    }
    for tier in &tiers {
        found = found.evidence(format!("{} tier, default of the client", tier.role.name()), tier.id.clone());
    }
    let answering =
        |tier: &crate::resolve::Model| !look::refused(case).iter().any(|refused| refused.model.id == tier.id);
    let pins: Vec<String> = tiers
        .iter()
        .filter_map(|tier| {
            let id = if answering(tier) { tier.id.clone() } else { super::fit::successor(case, &tier.id)? };
            Some(format!("--pin {}={}", tier.role.name(), words::quote(case, &id)))
        })
        .collect();
    vec![found.fix(Fix::command("Pin the tiers.", format!("bedrockup setup {}", pins.join(" "))))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_machine_without_pins_has_a_note() {
        let mut scene = Scene::healthy();
        scene.unset("ANTHROPIC_DEFAULT_HAIKU_MODEL");
        let finding = scene.expect("model-unpinned");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().starts_with("bedrockup setup --pin haiku="));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-unpinned");
    }
}
