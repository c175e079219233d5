//! `iam-list-denied`: you may not list inference profiles or see their availability.

use crate::aws::answer::Refusal;
use crate::aws::told::{Told, told};
use crate::diagnose::statement::Statement;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, words};

/// You may not list inference profiles or see their availability.
pub const KIND: Kind = Kind {
    name: "iam-list-denied",
    layer: Layer::Access,
    severity: Severity::Note,
    title: "You may not list inference profiles or see their availability",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`ListInferenceProfiles` or `GetFoundationModelAvailability` answers `AccessDeniedException`; Claude Code works.

## Why

Claude Code survives without the list, with ids of its own; `bedrockup` can tell less, and says so.

## Fix

Add `bedrock:ListInferenceProfiles`, `bedrock:GetInferenceProfile` and `bedrock:GetFoundationModelAvailability`; the policy:

    bedrockup iam --for doctor

## Check

`aws bedrock list-inference-profiles` answers.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let list = case.answers.profiles.refused().map(|refusal| ("ListInferenceProfiles", refusal));
    let fields = case
        .answers
        .models
        .iter()
        .find_map(|model| Some(("GetFoundationModelAvailability", model.availability.refused()?)));
    // A policy, by AWS's grammar: a token that is not accepted has the same status and code.
    let by_policy = |refusal: &Refusal| matches!(told(refusal), Told::Denied(_));
    let denied: Vec<_> = list.into_iter().chain(fields).filter(|(_, refusal)| by_policy(refusal)).collect();
    if denied.is_empty() {
        return Vec::new();
    }
    let actions: Vec<String> = denied.iter().map(|(action, _)| format!("bedrock:{action}")).collect();
    let mut found = Found::new(format!("You may not call {}: less can be told.", actions.join(" and ")));
    for (action, refusal) in denied {
        found = found.evidence(action, words::refusal(refusal));
    }
    let text = format!("Add {} (and bedrock:GetInferenceProfile); the policy:", actions.join(" and "));
    let lacks = Statement::allow(actions.iter().map(String::as_str).chain(["bedrock:GetInferenceProfile"]), []);
    vec![found.fix(Fix::command(text, "bedrockup iam --for doctor").by(Who::AwsAdmin).policy(lacks))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_denied_list_beside_models_that_answer_is_a_note() {
        let mut scene = Scene::healthy();
        scene.answers.profiles = Answer::Refused(denial("bedrock:ListInferenceProfiles", "*", NO_IDENTITY));
        let finding = scene.expect("iam-list-denied");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.fixes[0].text.contains("bedrock:ListInferenceProfiles"));
        assert!(scene.findings().iter().all(|finding| finding.severity == Severity::Note));
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("iam-list-denied");
    }
}
