//! `model-gated`: the model is given to chosen accounts only.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The model is given to chosen accounts only.
pub const KIND: Kind = Kind {
    name: "model-gated",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The model is given to chosen accounts only",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`… is not available for this account. … contact AWS Sales`, while every field of the model's availability is positive.

## Why

AWS gives some models to chosen accounts only. Agreement, form and policies are as they should be; other Claude models answer.

## Fix

Ask AWS Sales or your account team for the model; until then pin one that answers.

## Check

`bedrockup doctor` calls the model again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut models = look::refused_with(case, |told| *told == Told::Gated);
    models.retain(|refused| {
        let fields = refused.model.availability.got();
        // Where one of them says no, that is the finding.
        fields.is_none_or(|fields| fields.agreement != "NOT_AVAILABLE" && fields.entitlement != "NOT_AVAILABLE")
    });
    if models.is_empty() {
        return Vec::new();
    }
    let answering = case.answers.models.iter().find(|model| model.stream.got().is_some());
    let mut found =
        look::with_models(Found::new(format!("AWS gives {} to chosen accounts only.", look::ids(&models))), &models)
            .fix(Fix::words(Who::Support, "Ask AWS Sales or your account team for the model."));
    if let Some(model) = answering {
        found = found.fix(Fix::words(Who::You, format!("Until then pin a model that answers here: {}.", model.id)));
    }
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn positive_fields_and_a_word_of_sales() {
        let mut scene = Scene::healthy();
        let text = "anthropic.claude-opus-4-8 is not available for this account. You can explore other available models or contact AWS \
                    Sales for additional support.";
        scene.model(OPUS).stream = Answer::Refused(refusal(403, "AccessDeniedException", text));
        let finding = scene.expect_first("model-gated");
        assert!(finding.fixes[1].text.contains(SONNET));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-gated");
    }
}
