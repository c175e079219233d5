//! `aws-refused`: aWS refuses, for a reason that is not known here.

use crate::aws::answer::Refusal;
use crate::aws::denial::{Denial, Policy};
use crate::aws::told::{Told, told};
use crate::diagnose::access::iam::with_simulation;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, catalogue, hand, local, look, words};
use crate::variables::BASE_URL;

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
A cause is not guessed. Behind a gateway (`ANTHROPIC_BEDROCK_BASE_URL`), an answer without AWS's request id is the gateway's own.

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
    if let Some(found) = of_a_gateway(case, first) {
        return vec![look::with_refusals(found, &unknown)];
    }
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

/// Something between here and AWS refuses: AWS puts an id on each of its answers, and names each of its exceptions.
fn of_a_gateway(case: &Case<'_>, refusal: &Refusal) -> Option<Found> {
    let url = case.route.endpoints.base_url.as_ref()?;
    let of_aws = refusal.request_id.is_some() || refusal.code.ends_with("Exception");
    if of_aws || local::is_aws_host(local::host(&url.value)) {
        return None;
    }
    let found =
        Found::new(format!("The gateway answers {}, without a request id of AWS: {}", code(refusal), refusal.message))
            .severity(if look::all_answer(case) { Severity::Note } else { Severity::Error })
            .evidence(format!("{BASE_URL}, {}", words::source(case, &url.source)), url.value.clone());
    let ask = match refusal.status {
        401 | 403 => {
            "Ask who runs the gateway for its key and how to send it (`ANTHROPIC_CUSTOM_HEADERS`, `AWS_BEARER_TOKEN_BEDROCK`)."
        }
        _ => "Ask who runs the gateway at that URL what it wants.",
    };
    Some(found.fix(Fix::words(Who::OrgAdmin, ask)).fix(hand::remove(case, BASE_URL)))
}

fn code(refusal: &Refusal) -> String {
    if refusal.code.is_empty() || refusal.code == refusal.status.to_string() {
        refusal.status.to_string()
    } else {
        format!("{} {}", refusal.status, refusal.code)
    }
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
    use crate::diagnose::testing::*;
    use crate::diagnose::{Severity, Who};

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
    fn what_a_gateway_refuses_is_not_for_the_support_of_aws() {
        let mut scene = Scene::healthy();
        let mut answer = refusal(401, "401", "Authentication Error, No api key passed in.");
        answer.request_id = None;
        scene.refuse_models(&answer);
        let finding = scene.expect_first("aws-refused");
        assert_eq!(finding.fixes[0].who, Who::Support);
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", "https://llm.corp.example");
        let finding = scene.expect_first("aws-refused");
        assert!(finding.summary.starts_with("The gateway answers 401"), "{}", finding.summary);
        assert!(finding.fixes[0].who == Who::OrgAdmin && finding.fixes[0].text.contains("key"), "{finding:?}");
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
