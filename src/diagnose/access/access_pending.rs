//! `access-pending`: access to the model is being set up.

use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// Access to the model is being set up.
pub const KIND: Kind = Kind {
    name: "access-pending",
    layer: Layer::Access,
    severity: Severity::Warning,
    title: "Access to the model is being set up",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.`
without a word of payment or of missing actions; or the use-case text although the form is in.

## Why

A subscription or the use-case form takes up to 15 minutes to hold everywhere.

## Fix

Wait up to 15 minutes and change nothing: every change begins the time anew.

## Check

`bedrockup doctor` calls the model again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let form_is_in = case.answers.use_case_form.got() == Some(&true);
    let mut found = Found::new("Access to the model is being set up.");
    for model in &case.answers.models {
        let said = model.stream.refused();
        let agreement = model.availability.got().map(|fields| fields.agreement.as_str());
        let waits = match said.map(told) {
            Some(Told::Pending) => true,
            Some(Told::UseCaseForm) => form_is_in,
            Some(Told::NoAgreement) => agreement == Some("PENDING"),
            _ => false,
        };
        if let Some(refusal) = said.filter(|_| waits) {
            found = found.evidence(look::call(model), words::refusal(refusal));
            if agreement == Some("PENDING") {
                found = found.evidence(format!("GetFoundationModelAvailability of {}", model.id), "agreement PENDING");
            }
        }
    }
    if found.evidence.is_empty() {
        return Vec::new();
    }
    if form_is_in {
        found = found.evidence("GetUseCaseForModelAccess", "the form is in");
    }
    vec![
        found
            .fix(Fix::words(Who::Wait, "Wait up to 15 minutes and change nothing; then run `bedrockup doctor` again.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::*;
    use crate::diagnose::{Severity, Who};

    const TEXT: &str = "Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this \
                        issue, try again after 2 minutes.";

    #[test]
    fn try_again_without_a_reason_is_pending() {
        let mut scene = Scene::healthy();
        scene.refuse_models(&refusal(403, "AccessDeniedException", TEXT));
        let finding = scene.expect_first("access-pending");
        assert_eq!((finding.severity, finding.fixes[0].who), (Severity::Warning, Who::Wait));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("access-pending");
    }
}
