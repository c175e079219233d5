//! `profile-arn-opaque`: the client may not see which model is behind a pinned profile.

use crate::aws::told::{Told, told};
use crate::diagnose::region_and_models::fit::{pin, pinned, variable};
use crate::diagnose::region_and_models::profile_arn_missing::is_gone;
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, words};
use crate::resolve::data::{Gate, gate};
use crate::resolve::{Role, client_version};

/// The client may not see which model is behind a pinned profile.
pub const KIND: Kind = Kind {
    name: "profile-arn-opaque",
    layer: Layer::RegionAndModels,
    severity: Severity::Warning,
    title: "The client may not see which model is behind a pinned profile",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`thinking.type.enabled is not supported`, `this model does not support the effort parameter`, a second try behind each request, no prompt caching; with a
pinned `arn:aws:bedrock:…:application-inference-profile/…`.

## Why

The ARN of an application profile does not tell the model. Claude Code asks `bedrock:GetInferenceProfile`, which is denied here; then it sends what the
model may refuse, and tries again. Clients before 2.1.122 get effort and thinking wrong for good.

## Fix

Allow `bedrock:GetInferenceProfile` on the profile; the policy:

    bedrockup iam --for claude

or say what the model can: `ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES`.

## Check

`aws bedrock get-inference-profile --inference-profile-identifier ARN` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let knows_arns = client_version(case.machine) >= gate(Gate::KnownProfileArns);
    let mut list = Vec::new();
    for model in pinned(case) {
        let Some(answers) = case.answers.model(&model.id) else {
            continue;
        };
        let Some((refusal, Told::Denied(_))) = answers.profile.refused().map(|refusal| (refusal, told(refusal))) else {
            continue;
        };
        // Where the ARN leads nowhere there is nothing to see behind it.
        if is_gone(case, model) {
            continue;
        }
        let tier = if model.role == Role::Main { None } else { Some(variable(model)) };
        let tiers = tier.into_iter().chain(model.pinned_by.filter(|by| by.starts_with("ANTHROPIC_DEFAULT_")));
        let capabilities: Vec<String> = tiers.map(|name| format!("{name}_SUPPORTED_CAPABILITIES")).collect();
        if capabilities.iter().any(|name| case.route.value(name).is_some()) {
            continue;
        }
        // A direct answer shows that nothing was refused on the way.
        let answers_well = answers.stream.got().is_some_and(|reply| reply.after_fallback.is_none());
        let mut found = Found::new(format!("Claude Code may not see which model is behind {}.", model.id));
        if answers_well && knows_arns {
            found = found.severity(Severity::Note);
        }
        found.evidence.push(pin(case, model));
        found = found.evidence(format!("GetInferenceProfile of {}", model.id), words::refusal(refusal));
        let allow = format!("Allow bedrock:GetInferenceProfile on {}; the whole policy:", model.id);
        let lacks = Statement::allow(["bedrock:GetInferenceProfile"], [model.id.clone()]);
        found = found.fix(Fix::command(allow, "bedrockup iam --for claude").by(Who::AwsAdmin).policy(lacks));
        if let Some(name) = capabilities.first() {
            let text = "Or say yourself what the model can (thinking, adaptive_thinking, effort, …).";
            found = found.fix(Fix::command(text, words::export(case, name, "thinking,effort")));
        }
        list.push(found);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::testing::*;
    use crate::version::Version;

    fn denied() -> (Scene, String) {
        let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:application-inference-profile/abcdef123456");
        let mut scene = Scene::healthy();
        scene.configure("ANTHROPIC_DEFAULT_OPUS_MODEL", &arn);
        let profile = Answer::Refused(denial("bedrock:GetInferenceProfile", &arn, NO_IDENTITY));
        scene.answers.models[0] = ModelAnswers { profile, ..answering(&arn) };
        (scene, arn)
    }

    #[test]
    fn where_the_model_answers_a_present_client_it_is_a_note() {
        let (scene, arn) = denied();
        let finding = scene.expect("profile-arn-opaque");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].text.contains(&arn));
    }

    #[test]
    fn an_old_client_gets_it_wrong() {
        let (mut scene, _) = denied();
        scene.client(Version(2, 1, 121));
        assert_eq!(scene.expect("profile-arn-opaque").severity, Severity::Warning);
    }

    #[test]
    fn a_second_try_is_a_warning() {
        let (mut scene, _) = denied();
        let first = refusal(400, "ValidationException", "thinking.type.enabled is not supported");
        let reply = crate::aws::answer::ModelReply { request_id: None, after_fallback: Some(first) };
        scene.answers.models[0].stream = Answer::Got(reply);
        assert_eq!(scene.expect("profile-arn-opaque").severity, Severity::Warning);
    }

    #[test]
    fn who_said_what_the_model_can_is_left_alone() {
        let (mut scene, _) = denied();
        scene.set("ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES", "thinking,effort");
        scene.expect_absent("profile-arn-opaque");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("profile-arn-opaque");
    }
}
