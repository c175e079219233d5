//! `profile-arn-missing`: no profile has the pinned ARN.

use crate::aws::answer::{Answer, Refusal};
use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{about, pinned, repin};
use crate::diagnose::region_and_models::id::{self, Id};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};
use crate::resolve::Model;

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
    pinned(case).into_iter().filter_map(|model| told_of(case, model)).collect()
}

/// What tells that nothing has the ARN.
enum Gone<'a> {
    /// `GetInferenceProfile` does not know it.
    Looked(&'a Refusal),
    /// The call does not know it, and the look at it brought no good answer.
    Called(Option<&'a Refusal>),
    /// The call does not know it, and the account's list of such profiles lacks it.
    Unlisted,
    /// The call refuses it, and it cannot be the ARN of a profile: no account is in it.
    Misshapen,
}

fn told_of(case: &Case<'_>, model: &Model) -> Option<Found> {
    let Id::Arn { region, resource, .. } = id::read(&model.id) else {
        return None;
    };
    let gone = gone(case, model)?;
    let application = resource.starts_with("application-");
    let kind = if application { "APPLICATION" } else { "SYSTEM_DEFINED" };
    let mut found = about(case, model, format!("No inference profile has the pinned ARN {}.", model.id));
    match gone {
        Gone::Looked(refusal) | Gone::Called(Some(refusal)) => {
            found = found.evidence(format!("GetInferenceProfile of {}", model.id), words::refusal(refusal));
        }
        Gone::Called(None) => {}
        Gone::Unlisted => {
            found = found.evidence("ListInferenceProfiles, type APPLICATION", "the ARN is not in the list")
        }
        Gone::Misshapen => {
            found.summary = format!("{} is the ARN of no profile: it lacks the account.", model.id);
            // The id at its end is one by itself.
            if let Some(id) = resource.strip_prefix("inference-profile/").filter(|_| !application) {
                return Some(found.fix(repin(case, model, id)));
            }
            if let Some(identity) = case.answers.identity.got() {
                let whole = model.id.replace(&format!(":{region}::"), &format!(":{region}:{}:", identity.account));
                return Some(found.fix(repin(case, model, &whole)));
            }
        }
    }
    let command = format!("aws bedrock list-inference-profiles --type-equals {kind} --region {region}");
    Some(
        found
            .fix(Fix::command("Copy the ARN again from the list.", command))
            .fix(Fix::words(Who::AwsAdmin, "Or create the profile (`aws bedrock create-inference-profile`).")),
    )
}

/// No profile has this pinned ARN, as far as it can be told in its own region and account.
pub fn is_gone(case: &Case<'_>, model: &Model) -> bool {
    gone(case, model).is_some()
}

fn gone<'a>(case: &Case<'a>, model: &Model) -> Option<Gone<'a>> {
    let Id::Arn { region, account: owner, resource } = id::read(&model.id) else {
        return None;
    };
    let answers = case.answers.model(&model.id)?;
    if answers.stream.got().is_some() || !resource.contains("inference-profile/") {
        return None;
    }
    // In another region or account it may well be there.
    let account = case.answers.identity.got().map(|identity| identity.account.as_str());
    if region != case.route.region.name || account.is_some_and(|account| owner != account && !owner.is_empty()) {
        return None;
    }
    let call = answers.stream.refused();
    if owner.is_empty() {
        let of_the_id = |refusal: &Refusal| match told(refusal) {
            Told::IdInvalid => true,
            Told::Unknown => matches!(refusal.status, 400 | 404),
            _ => false,
        };
        return call.is_some_and(of_the_id).then_some(Gone::Misshapen);
    }
    let unknown_to_call = call.is_some_and(|refusal| is_unknown(refusal, &model.id));
    match &answers.profile {
        Answer::Refused(look) if look.code == "ResourceNotFoundException" || is_unknown(look, &model.id) => {
            Some(Gone::Looked(look))
        }
        Answer::Got(_) => {
            let asked = case.answers.log.iter().any(|asked| asked.name == "application-profiles" && asked.passed());
            let list = case.answers.profiles.got().filter(|_| asked && resource.starts_with("application-"))?;
            (unknown_to_call && list.iter().all(|profile| profile.arn != model.id)).then_some(Gone::Unlisted)
        }
        look => unknown_to_call.then(|| Gone::Called(look.refused())),
    }
}

/// AWS does not know the ARN: its words are those for every wrong id, or name the profile that is not there.
fn is_unknown(refusal: &Refusal, arn: &str) -> bool {
    let text = refusal.message.to_ascii_lowercase();
    let names_it = refusal.message.contains(arn) || text.contains("inference profile");
    let is_not_there = ["not found", "not find", "not exist", "not resolve"].iter().any(|words| text.contains(words));
    match told(refusal) {
        Told::IdInvalid => true,
        Told::Unknown => matches!(refusal.status, 400 | 404) && names_it && is_not_there,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Asked, CheckStatus, ModelAnswers};
    use crate::diagnose::testing::*;

    const OWN: &str = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abcdef123456";

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
    fn the_call_counts_where_the_look_brought_nothing() {
        let denied = denial("bedrock:GetInferenceProfile", OWN, NO_IDENTITY);
        for look in [refusal(501, "", ""), refusal(400, "", ""), refusal(404, "UnknownOperationException", ""), denied]
        {
            let mut scene = pinned(OWN);
            scene.answers.models[0].profile = Answer::Refused(look);
            scene.expect_first("profile-arn-missing");
            scene.expect_absent("aws-refused");
            scene.expect_absent("profile-arn-opaque");
            let text = format!("Inference profile {OWN} was not found. Check the identifier and try again.");
            scene.answers.models[0].stream = Answer::Refused(refusal(404, "ResourceNotFoundException", &text));
            scene.expect_first("profile-arn-missing");
            // Another refusal says nothing of the ARN.
            let text = "Model use case details have not been submitted for this account.";
            scene.answers.models[0].stream = Answer::Refused(refusal(404, "ResourceNotFoundException", text));
            scene.expect_absent("profile-arn-missing");
        }
    }

    #[test]
    fn a_look_that_answers_for_everything_is_settled_by_the_list() {
        let mut scene = pinned(OWN);
        scene.answers.models[0].profile = Answer::Got(listed(OPUS));
        scene.expect_absent("profile-arn-missing");
        scene.answers.log.push(Asked {
            name: "application-profiles".to_owned(),
            status: CheckStatus::Passed,
            milliseconds: 1,
            reason: None,
        });
        let finding = scene.expect_first("profile-arn-missing");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("not in the list")), "{finding:?}");
    }

    #[test]
    fn an_arn_without_account_is_wrong_by_its_shape() {
        let mut scene = pinned(&format!("arn:aws:bedrock:us-east-1::inference-profile/{OPUS}"));
        scene.answers.models[0].profile = Answer::Got(listed(OPUS));
        let finding = scene.expect_first("profile-arn-missing");
        assert!(finding.summary.contains("lacks the account"), "{finding:?}");
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert_eq!(command, format!("export ANTHROPIC_DEFAULT_OPUS_MODEL={OPUS}"));
        let finding = pinned(&OWN.replace(ACCOUNT, "")).expect_first("profile-arn-missing");
        let command = finding.fixes[0].command.as_deref().unwrap_or_default();
        assert_eq!(command, format!("export ANTHROPIC_DEFAULT_OPUS_MODEL={OWN}"));
        // The ARN of a foundation model has none.
        pinned("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8")
            .expect_absent("profile-arn-missing");
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
