//! `profile-arn-missing`: no profile has the pinned ARN.

use crate::aws::answer::Refusal;
use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{about, pinned};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};

/// No profile has the pinned ARN.
pub const KIND: Kind = Kind {
    name: "profile-arn-missing",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "No profile has the pinned ARN",
    page: PAGE,
    owns: &["aws-refused", "model-id-invalid", "use-case-form-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

`There's an issue with the selected model (arn:aws:bedrock:…)`, `The provided model identifier is invalid.`, or a 404 of Bedrock for an ARN of your own.

## Why

The ARN names an inference profile that is not there, in its own region and account: a letter was lost in copying, or the profile was deleted.

## Fix

Copy the ARN again:

    aws bedrock list-inference-profiles --type-equals APPLICATION --region REGION

or have the profile created.

## Check

`aws bedrock get-inference-profile --inference-profile-identifier ARN` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let account = case.answers.identity.got().map(|identity| identity.account.as_str());
    let mut list = Vec::new();
    for model in pinned(case) {
        let Id::Arn { region, account: owner, resource } = id::read(&model.id) else {
            continue;
        };
        let Some(answers) = case.answers.model(&model.id) else {
            continue;
        };
        let Some(gone) = answers.profile.refused().filter(|refusal| is_gone(refusal)) else {
            continue;
        };
        // In another region or account it may well be there.
        let here =
            region == case.route.region.name && account.is_none_or(|account| owner == account || owner.is_empty());
        if answers.stream.got().is_some() || !here {
            continue;
        }
        let kind = if resource.starts_with("application-") { "APPLICATION" } else { "SYSTEM_DEFINED" };
        let found = about(case, model, format!("No inference profile has the pinned ARN {}.", model.id))
            .evidence(format!("GetInferenceProfile of {}", model.id), words::refusal(gone));
        let command = format!("aws bedrock list-inference-profiles --type-equals {kind} --region {region}");
        list.push(
            found
                .fix(Fix::command("Copy the ARN again from the list.", command))
                .fix(Fix::words(Who::AwsAdmin, "Or create the profile (`aws bedrock create-inference-profile`).")),
        );
    }
    list
}

/// AWS does not know it. The runtime's words for the same are those of every wrong id.
fn is_gone(refusal: &Refusal) -> bool {
    refusal.code == "ResourceNotFoundException" || told(refusal) == Told::IdInvalid
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;

    fn pinned(arn: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", arn);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        let gone = refusal(404, "ResourceNotFoundException", "Could not find an inference profile");
        scene.answers.models[0] = ModelAnswers { stream, profile: Answer::Refused(gone), ..answering(arn) };
        scene
    }

    #[test]
    fn an_arn_that_nobody_knows() {
        for kind in ["application-inference-profile/abcdef123456", "inference-profile/us.anthropic.claude-opus-9"] {
            let scene = pinned(&format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:{kind}"));
            scene.expect_first("profile-arn-missing");
            scene.expect_absent("aws-refused");
        }
    }

    #[test]
    fn of_another_region_or_account_it_is_another_finding() {
        pinned(&format!("arn:aws:bedrock:eu-west-1:{ACCOUNT}:application-inference-profile/abc"))
            .expect_absent("profile-arn-missing");
        pinned("arn:aws:bedrock:us-east-1:222222222222:application-inference-profile/abc")
            .expect_absent("profile-arn-missing");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-arn-missing");
    }
}
