//! `profile-arn-other-account`: the pinned ARN belongs to another account.

use crate::diagnose::region_and_models::fit::{about, pinned};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, words};
use crate::variables::PROFILE;

/// The pinned ARN belongs to another account.
pub const KIND: Kind = Kind {
    name: "profile-arn-other-account",
    layer: Layer::RegionAndModels,
    severity: Severity::Error,
    title: "The pinned ARN belongs to another account",
    page: PAGE,
    owns: &["aws-refused", "iam-invoke-denied", "iam-profile-arn-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

`403 … is not authorized …`, `404`, or `The provided model identifier is invalid.`

## Why

An application inference profile belongs to one account, the fifth field of its ARN. Your credentials lead to another.

## Fix

Pin an ARN of this account, or choose the profile of the ARN's account:

    export AWS_PROFILE=NAME

## Check

`bedrockup doctor` calls it.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut list = Vec::new();
    for model in pinned(case) {
        let Id::Arn { account, .. } = id::read(&model.id) else {
            continue;
        };
        if case.answers.model(&model.id).is_some_and(|answers| answers.stream.got().is_some()) {
            continue;
        }
        let Some(identity) = case.answers.identity.got() else {
            continue;
        };
        if account.is_empty() || account == identity.account {
            continue;
        }
        let found = about(
            case,
            model,
            format!("The pinned ARN belongs to the account {account}, and you are in {}.", identity.account),
        );
        list.push(match super::super::credentials::wrong_account::profile_of(case, account) {
            Some(name) => found.fix(words::change(case, PROFILE, name)),
            None => found.fix(Fix::words(
                Who::You,
                format!("Pin an ARN of this account, or use a profile of the account {account}."),
            )),
        });
    }
    list
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;

    fn pinned(arn: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", arn);
        let stream = Answer::Refused(refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.answers.models[0] = ModelAnswers { stream, ..answering(arn) };
        scene
    }

    #[test]
    fn the_account_field_tells() {
        let finding = pinned("arn:aws:bedrock:us-east-1:222222222222:application-inference-profile/abc")
            .expect_first("profile-arn-other-account");
        assert!(finding.summary.contains("222222222222"));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-arn-other-account");
    }
}
