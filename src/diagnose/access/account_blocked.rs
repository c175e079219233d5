//! `account-blocked`: aWS holds the whole account back.

use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look};

/// AWS holds the whole account back.
pub const KIND: Kind = Kind {
    name: "account-blocked",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "AWS holds the whole account back",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Your account is not authorized to invoke this API operation`, `Your account is not authorized to access this model`, `API Error: 400 Operation not allowed`, or `BadCScoreException`.

## Why

A new account, or one under review, is held back by AWS as a whole: every model is refused, with a good identity, in the right region. It is neither IAM nor the use-case form.

## Fix

Open a case with AWS Support, category \"Account and billing\", and name the text and the request id.

## Check

`bedrockup doctor` calls the models again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::AccountBlocked);
    if look::any_answers(case) {
        return Vec::new();
    }
    if models.is_empty() {
        return Vec::new();
    }
    let found =
        Found::new("AWS holds this account back from Bedrock as a whole; it is neither IAM nor the use-case form.");
    vec![look::with_models(found, &models).fix(Fix::words(
        Who::Support,
        "Open a case with AWS Support (Account and billing) and give the text and the request id.",
    ))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn every_model_refused_for_the_account() {
        let mut scene = Scene::healthy();
        scene.refuse_models(&refusal(
            403,
            "AccessDeniedException",
            "Your account is not authorized to access this model",
        ));
        scene.expect_first("account-blocked");
    }

    #[test]
    fn one_refused_model_is_not_the_account() {
        let mut scene = Scene::healthy();
        let refusal = refusal(400, "ValidationException", "Operation not allowed");
        scene.model(OPUS).stream = Answer::Refused(refusal);
        scene.expect_absent("account-blocked");
        scene.expect_first("aws-refused");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("account-blocked");
    }
}
