//! `aws-refused`: aWS refuses, for a reason that is not known here.

use crate::aws::answer::Refusal;
use crate::aws::denial::{Denial, Policy};
use crate::aws::told::{Told, told};
use crate::diagnose::access::iam::with_simulation;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, catalogue, look, words};

/// AWS refuses, for a reason that is not known here.
pub const KIND: Kind = Kind {
    name: "aws-refused",
    layer: Layer::Access,
    severity: Severity::Error,
    title: "AWS refuses, for a reason that is not known here",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Any text of AWS that no other finding explains. It is shown whole, with its request id.

## Why

Either the text is new, or it has several causes and the question that tells them apart could not be asked (not permitted, offline, timed out).
A cause is not guessed.

## Fix

Read AWS's own words; `bedrockup explain` finds a page by words of its text. If they do not tell, open a case with AWS Support and give the
request id.

## Check

`bedrockup doctor` asks again.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let refusals = look::refusals(case);
    if refusals.is_empty() {
        return Vec::new();
    }
    let explained = explained(case);
    let unknown: Vec<(String, &Refusal)> =
        refusals.into_iter().filter(|(_, refusal)| !explained.contains(&words::refusal(refusal))).collect();
    let Some((_, first)) = unknown.first() else {
        return Vec::new();
    };
    let found = Found::new(match told(first) {
        // The grammar of denials without the clause about the policy, or with a kind of policy that has no finding.
        Told::Denied(denial) => {
            let on = denial.resource.map_or_else(String::new, |resource| format!(" on {}", resource.arn));
            format!("AWS denies {}{on}, by a policy of a kind that is not told apart here.", denial.action)
        }
        _ => format!("AWS refuses with {}, for a reason that is not known here: {}", code(first), first.message),
    });
    let found = if matches!(told(first), Told::Denied(_)) { with_simulation(case, found) } else { found };
    let attached = match told(first) {
        Told::Denied(denial) if denial.reason.is_some_and(|reason| reason.policy == Policy::Resource) => Some(denial),
        _ => None,
    };
    // What answers all the same is not broken by it.
    let severity = if look::all_answer(case) { Severity::Note } else { Severity::Error };
    let id = first.request_id.as_deref().map_or_else(String::new, |id| format!(" and give the request id {id}"));
    let found = match attached {
        Some(Denial { action, principal, resource, .. }) => {
            let on = resource.map_or_else(|| "the resource".to_owned(), |resource| resource.arn);
            found.fix(Fix::words(
                Who::AwsAdmin,
                format!("Allow {action} for {principal} in the policy attached to {on}."),
            ))
        }
        None => found,
    };
    vec![look::with_refusals(found.severity(severity), &unknown).fix(Fix::words(
        Who::Support,
        format!("AWS's words are shown whole. If they do not tell, open a case with AWS Support{id}."),
    ))]
}

fn code(refusal: &Refusal) -> String {
    if refusal.code.is_empty() { refusal.status.to_string() } else { format!("{} {}", refusal.status, refusal.code) }
}

/// AWS's words that other findings show as their evidence: nothing that AWS said is lost, and nothing is said twice.
fn explained(case: &Case<'_>) -> Vec<String> {
    let others = catalogue::ALL.iter().filter(|kind| kind.name != KIND.name);
    let found = others.flat_map(|kind| {
        // A crash of another detection is reported there.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (kind.detect)(case))).unwrap_or_default()
    });
    found.flat_map(|found| found.evidence).map(|evidence| evidence.what).collect()
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn an_unknown_text_is_shown_whole_with_its_request_id() {
        let mut scene = Scene::healthy();
        scene.model(OPUS).stream = Answer::Refused(refusal(418, "TeapotException", "I'm a teapot. Short and stout."));
        let finding = scene.expect_first("aws-refused");
        assert!(finding.evidence[0].what.contains("I'm a teapot. Short and stout."));
        assert!(finding.evidence[0].what.contains("11111111-2222-3333-4444-555555555555"));
    }

    #[test]
    fn beside_a_known_cause_the_unknown_one_is_still_shown() {
        let mut scene = Scene::healthy();
        let text = "This model is not yet available to your account.";
        scene.model(OPUS).stream = Answer::Refused(refusal(418, "TeapotException", "I'm a teapot."));
        scene.model(SONNET).stream =
            Answer::Refused(refusal(429, "ThrottlingException", "Too many requests, please wait before trying again."));
        scene.model(HAIKU).stream = Answer::Refused(refusal(403, "AccessDeniedException", text));
        let finding = scene.expect("aws-refused");
        let what: Vec<_> = finding.evidence.iter().map(|evidence| evidence.what.as_str()).collect();
        assert_eq!(what.len(), 2, "the throttling is explained elsewhere: {what:?}");
    }

    #[test]
    fn sts_that_is_odd_beside_models_that_answer_is_a_note() {
        let mut scene = Scene::healthy();
        scene.answers.identity = Answer::Refused(refusal(418, "TeapotException", "I'm a teapot."));
        assert_eq!(scene.expect("aws-refused").severity, Severity::Note);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("aws-refused");
    }
}
