//! `model-enabled-in-other-region`: the model is not granted here, and granted in a region nearby.

use crate::aws::answer::{Availability, Elsewhere};
use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{self, about};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};
use crate::variables::REGION;

/// The model is not granted here, and granted in a region nearby.
pub const KIND: Kind = Kind {
    name: "model-enabled-in-other-region",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The model is not granted here, and granted in a region nearby",
    page: PAGE,
    owns: &["agreement-missing", "model-not-in-region", "aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`You don't have access to the model with the specified model ID.`, though the console shows the model as granted.

## Why

Access was granted in one region, and requests go to another: the console's, the profile's and `AWS_REGION` are three places that need not agree.

## Fix

    export AWS_REGION=THE-OTHER-REGION

or have the model granted here too (Bedrock console of this region, Model catalog).

## Check

`bedrockup doctor` asks for access in the profile's region and the nearest ones, and calls the model.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let open: Vec<&Elsewhere> = case
        .answers
        .elsewhere
        .iter()
        .filter(|there| there.availability.got().is_some_and(|fields| fields.is_open()))
        .collect();
    let Some(first) = open.first() else {
        return Vec::new();
    };
    let Some(model) = fit::models(case).into_iter().find(|model| model.id == first.model) else {
        return Vec::new();
    };
    // Where access is open here too, the regions do not differ, and nothing is won by another one.
    let fields = case.answers.model(&model.id).and_then(|answers| answers.availability.got());
    if fields.is_some_and(Availability::is_open) || matches!(id::read(&model.id), Id::OtherVendor(_)) {
        return Vec::new();
    }
    // An id that does not fit the region is another fault, whatever the access.
    let listed = case.answers.profiles.got().is_some_and(|list| list.iter().any(|profile| profile.id == model.id));
    let said = case.answers.model(&model.id).and_then(|answers| answers.stream.refused()).map(told);
    if fit::misfit(case, model).is_some() || (said == Some(Told::IdInvalid) && !listed) {
        return Vec::new();
    }
    let here = &case.route.region.name;
    let mut found =
        about(case, model, format!("{} is not granted in {here}, and granted in {}.", model.id, first.region));
    if let Some(fields) = fields {
        found = found.evidence(format!("GetFoundationModelAvailability in {here}"), words::availability(fields));
    }
    for there in &case.answers.elsewhere {
        if let Some(fields) = there.availability.got() {
            found = found
                .evidence(format!("GetFoundationModelAvailability in {}", there.region), words::availability(fields));
        }
    }
    let grant = format!("Or grant the model in {here} too: Bedrock console of that region, Model catalog.");
    vec![found.fix(words::change(case, REGION, &first.region)).fix(Fix::words(Who::AwsAdmin, grant))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Availability, Elsewhere};
    use crate::diagnose::testing::*;

    fn fields(word: &str) -> Availability {
        Availability {
            agreement: word.to_owned(),
            authorization: if word == "AVAILABLE" { "AUTHORIZED" } else { "NOT_AUTHORIZED" }.to_owned(),
            entitlement: word.to_owned(),
            region: "AVAILABLE".to_owned(),
        }
    }

    fn refused(there: &str) -> Scene {
        let mut scene = Scene::healthy();
        let text = "You don't have access to the model with the specified model ID.";
        scene.model(OPUS).stream = Answer::Refused(refusal(403, "AccessDeniedException", text));
        scene.model(OPUS).availability = Answer::Got(fields("NOT_AVAILABLE"));
        let answer = Answer::Got(fields(there));
        scene.answers.elsewhere =
            vec![Elsewhere { region: "us-west-2".to_owned(), model: OPUS.to_owned(), availability: answer }];
        scene
    }

    #[test]
    fn granted_in_the_profiles_region() {
        let scene = refused("AVAILABLE");
        let finding = scene.expect_first("model-enabled-in-other-region");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-west-2"));
        assert_eq!(scene.expect("agreement-missing").because_of, Some("model-enabled-in-other-region"));
    }

    #[test]
    fn granted_nowhere_it_is_the_agreement() {
        let scene = refused("NOT_AVAILABLE");
        scene.expect_first("agreement-missing");
        scene.expect_absent("model-enabled-in-other-region");
    }

    #[test]
    fn open_here_and_there_it_is_not_the_region() {
        let mut scene = refused("AVAILABLE");
        scene.model(OPUS).availability = Answer::Got(fields("AVAILABLE"));
        scene.expect_first("agreement-missing");
        scene.expect_absent("model-enabled-in-other-region");
        // What could not be asked here may differ.
        scene.model(OPUS).availability = Answer::TimedOut;
        scene.expect_first("model-enabled-in-other-region");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("model-enabled-in-other-region");
    }
}
