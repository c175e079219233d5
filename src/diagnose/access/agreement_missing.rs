//! `agreement-missing`: the account has no agreement for this model.

use crate::aws::answer::{Answer, ModelAnswers};
use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// The account has no agreement for this model.
pub const KIND: Kind = Kind {
    name: "agreement-missing",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The account has no agreement for this model",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 You don't have access to the model with the specified model ID.`, headed `enable this model for your account and region in the
Amazon Bedrock console`.

## Why

Each account accepts each Claude model's offer once, in AWS Marketplace, also where the use-case form is inherited from the organization. Here
AWS says that there is no agreement, or no entitlement, for the model.

## Fix

    aws bedrock list-foundation-model-agreement-offers --model-id MODEL
    aws bedrock create-foundation-model-agreement --model-id MODEL --offer-token TOKEN

or open the model once in the console's playground, with Marketplace rights.

## Check

`aws bedrock get-foundation-model-availability --model-id MODEL` says `AVAILABLE`; then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = case.answers.models.iter().filter(|model| lacks(case, model));
    let (answered, refused): (Vec<_>, Vec<_>) = models
        .map(|model| {
            let mut found = Found::new(format!("The account has no agreement for {}.", model.id));
            if model.stream.got().is_some() {
                // New accounts get their first answers before it is enforced.
                found = found.severity(Severity::Warning);
            }
            if let Some(refusal) = model.stream.refused() {
                found = found.evidence(look::call(model), words::refusal(refusal));
            }
            if let Some(fields) = model.availability.got() {
                let what = format!("agreement {}, entitlement {}", fields.agreement, fields.entitlement);
                found = found.evidence(format!("GetFoundationModelAvailability of {}", model.id), what);
            }
            let id = id::foundation(&model.id);
            let command = format!(
                "aws bedrock list-foundation-model-agreement-offers --region {} --model-id {}",
                words::quote(case, case.route.region_of(&model.id)),
                words::quote(case, id)
            );
            found.fix(
                Fix::command("Accept the model's offer: take its token from this list, then `aws bedrock create-foundation-model-agreement`.", command)
                    .by(Who::AwsAdmin),
            )
        })
        .partition(|found| found.severity.is_some());
    Found::together(refused).into_iter().chain(Found::together(answered)).collect()
}

fn lacks(case: &Case<'_>, model: &ModelAnswers) -> bool {
    let said = model.stream.refused().map(told);
    // These say more exactly why there is none.
    if matches!(said, Some(Told::MarketplaceActions | Told::Payment | Told::Pending | Told::UseCaseForm)) {
        return false;
    }
    // Another vendor's model has a finding of its own, whatever its access.
    if matches!(id::read(&model.id), Id::OtherVendor(_)) {
        return false;
    }
    match &model.availability {
        Answer::Got(fields) if fields.agreement == "PENDING" => false,
        Answer::Got(fields) if fields.agreement == "NOT_AVAILABLE" || fields.entitlement == "NOT_AVAILABLE" => true,
        // The call decides also beside fields that are all positive: they may lag. Where the form is missing, that is what the
        // text means.
        _ => said == Some(Told::NoAgreement) && case.answers.use_case_form.got() != Some(&false),
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    const TEXT: &str = "You don't have access to the model with the specified model ID.";

    fn refused() -> Scene {
        let mut scene = Scene::healthy();
        let model = scene.model(SONNET);
        model.stream = Answer::Refused(refusal(403, "AccessDeniedException", TEXT));
        scene
    }

    fn entitlement(scene: &mut Scene, value: &str) {
        let mut fields = Scene::healthy().model(SONNET).availability.got().cloned().expect("the healthy fields");
        fields.entitlement = value.to_owned();
        scene.model(SONNET).availability = Answer::Got(fields);
    }

    #[test]
    fn a_missing_entitlement_names_the_model() {
        let mut scene = refused();
        entitlement(&mut scene, "NOT_AVAILABLE");
        let finding = scene.expect_first("agreement-missing");
        assert!(finding.summary.contains(SONNET));
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert!(command.ends_with("anthropic.claude-sonnet-4-5-20250929-v1:0"), "{command}");
    }

    #[test]
    fn the_text_counts_beside_positive_fields_unless_the_form_is_missing() {
        let mut scene = refused();
        scene.expect_first("agreement-missing");
        scene.answers.use_case_form = Answer::Got(true);
        scene.expect_first("agreement-missing");
        scene.expect_absent("aws-refused");
        scene.answers.use_case_form = Answer::Got(false);
        scene.expect_absent("agreement-missing");
    }

    #[test]
    fn an_agreement_that_is_pending_is_waited_for() {
        let mut scene = refused();
        entitlement(&mut scene, "NOT_AVAILABLE");
        let Answer::Got(fields) = &mut scene.model(SONNET).availability else { unreachable!() };
        fields.agreement = "PENDING".to_owned();
        scene.expect_first("access-pending");
        scene.expect_absent("agreement-missing");
    }

    #[test]
    fn a_model_that_still_answers_is_a_warning() {
        let mut scene = Scene::healthy();
        entitlement(&mut scene, "NOT_AVAILABLE");
        assert_eq!(scene.expect_first("agreement-missing").severity, Severity::Warning);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("agreement-missing");
    }
}
