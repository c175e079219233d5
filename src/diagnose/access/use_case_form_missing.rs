//! `use-case-form-missing`: the account has not submitted the Anthropic use-case form.

use crate::aws::answer::Answer;
use crate::aws::told::Told;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// The account has not submitted the Anthropic use-case form.
pub const KIND: Kind = Kind {
    name: "use-case-form-missing",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "The account has not submitted the Anthropic use-case form",
    page: PAGE,
    owns: &["agreement-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

``The model … is not available on your bedrock deployment. Try --model to switch to …, or ask your admin to enable this model.`` Behind it
AWS says, under 404: `Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before
using the model.`

## Why

Anthropic asks each AWS account, or the organization's management account for all of them, to describe its use once. This account, or the one
that your credentials lead to, has not.

## Fix

In the Bedrock console open the model catalog, choose any Claude model, and submit the form; or

    aws bedrock put-use-case-for-model-access --form-data fileb://form.json

If the account shown is not the one you mean, choose the right profile instead.

## Check

`aws bedrock get-use-case-for-model-access` answers; up to 15 minutes later `bedrockup doctor` too.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let models = look::refused_with(case, |told| *told == Told::UseCaseForm);
    // The text also comes for minutes after the form went in: the form itself is asked for.
    let second_look = match &case.answers.use_case_form {
        Answer::Got(false) => "there is none".to_owned(),
        Answer::Refused(refusal) => words::refusal(refusal),
        // AWS's words are plain; only whether the form went in a minute ago stays open.
        Answer::Unreachable(failure) => format!("could not be asked: {}", words::failure(failure)),
        _ => return Vec::new(),
    };
    if models.is_empty() {
        return Vec::new();
    }
    let account = case.answers.identity.got().map(|identity| identity.account.as_str());
    let of = account.map_or_else(|| "this account".to_owned(), |account| format!("the account {account}"));
    let found =
        look::with_models(Found::new(format!("The Anthropic use-case form of {of} has not been submitted.")), &models)
            .evidence("GetUseCaseForModelAccess", second_look);
    let region = words::quote(case, &case.route.region.name);
    vec![
        found
            .fix(
                Fix::command(
                    "Bedrock console, Model catalog, any Claude model: submit the form. Or by command, with the answers in form.json; \
                     from the management account it holds for the whole organization.",
                    format!("aws bedrock put-use-case-for-model-access --region {region} --form-data fileb://form.json"),
                )
                .by(Who::AwsAdmin),
            ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Who;
    use crate::diagnose::testing::*;

    const TEXT: &str = "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form \
                        before using the model.";

    fn missing() -> Scene {
        let mut scene = Scene::healthy();
        scene.refuse_models(&refusal(404, "ResourceNotFoundException", TEXT));
        scene.answers.use_case_form = Answer::Got(false);
        scene
    }

    #[test]
    fn the_form_is_not_there() {
        let finding = missing().expect_first("use-case-form-missing");
        assert!(finding.summary.contains(ACCOUNT));
        assert_eq!(finding.fixes[0].who, Who::AwsAdmin);
    }

    #[test]
    fn a_form_that_is_there_is_pending() {
        let mut scene = missing();
        scene.answers.use_case_form = Answer::Got(true);
        scene.expect_absent("use-case-form-missing");
        scene.expect_first("access-pending");
    }

    #[test]
    fn without_the_second_look_awss_words_are_shown() {
        let mut scene = missing();
        scene.answers.use_case_form = Answer::TimedOut;
        scene.expect_absent("use-case-form-missing");
        assert!(scene.expect_first("aws-refused").evidence[0].what.contains(TEXT));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("use-case-form-missing");
    }
}
