//! `wrong-account`: the credentials lead to another account than meant.

use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, hand, look, words};
use crate::observe::aws_files::Section;
use crate::variables::PROFILE;

/// The credentials lead to another account than meant.
pub const KIND: Kind = Kind {
    name: "wrong-account",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The credentials lead to another account than meant",
    page: PAGE,
    owns: &[
        "use-case-form-missing",
        "agreement-missing",
        "marketplace-denied",
        "payment-invalid",
        "access-pending",
        "model-gated",
        "iam-invoke-denied",
        "iam-stream-denied",
        "iam-profile-arn-missing",
        "iam-destination-region-missing",
        "iam-explicit-deny",
        "iam-list-denied",
        "scp-denied",
        "profile-arn-other-account",
        "quota-zero",
        "aws-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

Models, forms and agreements seem to be missing, though they were set up; `aws sts get-caller-identity` shows another account number.

## Why

Without `AWS_PROFILE` the keys of `[default]` are used, and they belong to another account than the profile or the pinned ARN that was meant.

## Fix

    export AWS_PROFILE=NAME

or remove the keys of `[default]`.

## Check

`aws sts get-caller-identity` shows the account that you mean.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(identity) = case.answers.identity.got() else {
        return Vec::new();
    };
    let Some((account, name, why)) = meant(case, &identity.account) else {
        return Vec::new();
    };
    let found =
        Found::new(format!("The credentials lead to the account {}, and {account} is meant.", identity.account))
            .evidence("STS GetCallerIdentity", identity.arn.clone())
            .evidence("choice of the profile", look::profile_from(case))
            .evidence(why, format!("account {account}"));
    let found = look::with_models(found, &look::refused(case));
    vec![match name {
        Some(name) => found.fix(words::change(case, PROFILE, name)),
        None => found.fix(of_own_keys(case)),
    }]
}

/// The profile says one account, and keys of another stand in a section of the same name and come first.
fn of_own_keys(case: &Case<'_>) -> Fix {
    let aws = &case.machine.aws;
    let name = &case.route.profile;
    let has_keys = |section: &&Section| {
        section.known_as.as_deref() == Some(name) && section.keys.contains_key("aws_access_key_id")
    };
    let files = [(&aws.credentials, &aws.credentials_sections), (&aws.config, &aws.config_sections)];
    let place = files.into_iter().find_map(|(file, sections)| Some((file, sections.iter().find(has_keys)?)));
    match place {
        Some((file, section)) => {
            let text = format!(
                "Remove the keys of [{}] in {}, which come before the sign-in of the profile {name} (or choose another AWS_PROFILE).",
                section.header,
                words::short(case, &file.path)
            );
            hand::edit_line(case, text, &file.path, section.line)
        }
        None => Fix::command("Sign in to the account that is meant.", "aws configure sso"),
    }
}

/// The account that is meant where it is not this one, the profile that leads there, and what shows it.
fn meant<'a>(case: &Case<'a>, here: &str) -> Option<(&'a str, Option<&'a str>, String)> {
    if let Some(account) = account_of(case, &case.route.profile).filter(|account| *account != here) {
        // The profile says another account than its own keys.
        return Some((account, None, format!("profile {}", case.route.profile)));
    }
    let of_receipt = case.machine.receipt.as_ref().and_then(|receipt| receipt.profile.as_deref());
    if let Some(name) = of_receipt.filter(|name| *name != case.route.profile)
        && let Some(account) = account_of(case, name).filter(|account| *account != here)
    {
        return Some((account, Some(name), format!("profile {name}, chosen in setup")));
    }
    if look::profile_is_chosen(case) {
        return None;
    }
    // Nobody chose a profile, and one leads to the account of the pinned ARN.
    case.models.iter().find_map(|model| {
        let Id::Arn { account, .. } = id::read(&model.id) else {
            return None;
        };
        if account.is_empty() || account == here {
            return None;
        }
        Some((account, Some(profile_of(case, account)?), format!("pinned ARN {}", model.id)))
    })
}

/// The account that a profile names.
fn account_of<'a>(case: &Case<'a>, name: &str) -> Option<&'a str> {
    let profile = case.machine.aws.profiles.get(name)?;
    profile.get("sso_account_id").or_else(|| profile.get("role_arn")?.split(':').nth(4))
}

/// A profile that names the account.
pub fn profile_of<'a>(case: &Case<'a>, account: &str) -> Option<&'a str> {
    let mut names = case.machine.aws.profiles.keys();
    names.find(|name| account_of(case, name) == Some(account)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Identity};
    use crate::diagnose::testing::*;
    use crate::observe::aws_files::Section;

    fn another_account() -> Scene {
        let mut scene = Scene::healthy();
        scene.choose_profile(
            "bedrock",
            &[
                ("sso_account_id", ACCOUNT),
                ("sso_start_url", "https://x"),
                ("sso_region", "us-east-1"),
                ("sso_role_name", "Dev"),
            ],
        );
        scene.unset("AWS_PROFILE");
        let arn = "arn:aws:iam::222222222222:user/ada".to_owned();
        let user_id = "AIDACKCEVSQ6C2EXAMPLE".to_owned();
        scene.answers.identity = Answer::Got(Identity { account: "222222222222".to_owned(), arn, user_id });
        scene
    }

    #[test]
    fn the_profile_of_the_receipt_is_meant_and_owns_what_follows() {
        let mut scene = another_account();
        scene.machine.receipt.as_mut().expect("a receipt").profile = Some("bedrock".to_owned());
        scene.refuse_models(&refusal(
            404,
            "ResourceNotFoundException",
            "Model use case details have not been submitted for this account.",
        ));
        scene.answers.use_case_form = Answer::Got(false);
        let finding = scene.expect_first("wrong-account");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_PROFILE=bedrock"));
        assert_eq!(scene.expect("use-case-form-missing").because_of, Some("wrong-account"));
    }

    #[test]
    fn keys_in_the_section_of_a_profile_that_signs_in_elsewhere() {
        let mut scene = another_account();
        scene.set("AWS_PROFILE", "bedrock");
        let fix = scene.expect_first("wrong-account").fixes[0].clone();
        assert_eq!(fix.command.as_deref(), Some("aws configure sso"), "no keys are seen");
        scene.machine.aws.credentials_sections = vec![Section {
            header: "bedrock".to_owned(),
            line: 4,
            known_as: Some("bedrock".to_owned()),
            keys: [("aws_access_key_id".to_owned(), 5)].into(),
        }];
        let fix = scene.expect_first("wrong-account").fixes[0].clone();
        assert!(fix.text.contains("keys of [bedrock] in ~/.aws/credentials"), "{fix:?}");
        assert_eq!(fix.command.as_deref(), Some("vi +4 ~/.aws/credentials"));
    }

    #[test]
    fn without_a_sign_of_another_intention_it_is_the_right_one() {
        another_account().expect_absent("wrong-account");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("wrong-account");
    }
}
