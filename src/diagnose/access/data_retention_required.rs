//! `data-retention-required`: the account's data retention mode does not suit the model.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// The account's data retention mode does not suit the model.
pub const KIND: Kind = Kind {
    name: "data-retention-required",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The account's data retention mode does not suit the model",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 400 data retention mode '…' is not available for this model`.

## Why

Some models are served only to accounts that let AWS or the provider keep inputs and outputs for a time. The mode is set for each region of the account; it is a decision about data and never made by a program.

## Fix

Pin another model; or who decides about data in your organization chooses the mode that the model needs (`aws bedrock get-account-data-retention` shows the present one).

## Check

`bedrockup doctor` calls the model again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::DataRetention);

    if models.is_empty() {
        return Vec::new();
    }
    let found = Found::new(format!("The data retention mode of the account does not suit {}.", look::ids(&models)));
    let mut found = look::with_models(found, &models);
    if let Some(mode) = case.answers.data_retention.got() {
        let region = &case.route.region.name;
        found = found.evidence(format!("GetAccountDataRetention in {region}"), format!("the mode there is {mode}"));
    }
    let answering = case.answers.models.iter().find(|model| model.stream.got().is_some());
    let answers = answering.map_or_else(String::new, |model| format!(" {} answers.", model.id));
    vec![
        found.fix(Fix::words(Who::You, format!("Pin another model.{answers}"))).fix(Fix::words(
            Who::OrgAdmin,
            "Choose the data retention mode that the model needs: a decision about data.",
        )),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn the_mode_is_named_by_aws() {
        let mut scene = Scene::healthy();
        let text = "data retention mode 'none' is not available for this model";
        scene.model(OPUS).stream = Answer::Refused(refusal(400, "ValidationException", text));
        let finding = scene.expect_first("data-retention-required");
        assert!(finding.evidence[0].what.contains(text));
        scene.answers.data_retention = Answer::Got("none".to_owned());
        let finding = scene.expect_first("data-retention-required");
        assert!(finding.evidence.iter().any(|evidence| evidence.what == "the mode there is none"), "{finding:?}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("data-retention-required");
    }
}
