//! `answer-not-from-aws`: something else answers in the place of AWS.

use crate::aws::answer::Refusal;
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, look, words};

/// Something else answers in the place of AWS.
pub const KIND: Kind = Kind {
    name: "answer-not-from-aws",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "Something else answers in the place of AWS",
    page: PAGE,
    owns: &["aws-refused", "access-pending"],
    detect,
};

const PAGE: &str = "\
## What you see

`Bedrock streaming response has content-type \"text/html\"; expected \"application/vnd.amazon.eventstream\". A gateway or proxy …`, or a 404 or 403 with a page.

## Why

A captive portal, a blocking page or a gateway that rewrites answers stands between this machine and AWS: a page comes, or a redirect, without a request id of AWS.

## Fix

Sign in to the portal of the network, or have `bedrock-runtime.REGION.amazonaws.com` and `bedrock.REGION.amazonaws.com` exempted from rewriting.

## Check

`curl -sSI https://sts.amazonaws.com` shows an `x-amzn-RequestId` header.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // A gateway that has no list, or no STS, says so in words of its own; its model calls are what counts.
    let has_none = |refusal: &Refusal| matches!(refusal.status, 404 | 405 | 501);
    let list = case.answers.profiles.refused().filter(|refusal| !(look::runtime_heard(case) && has_none(refusal)));
    let list = list.map(|refusal| ("list of inference profiles".to_owned(), refusal));
    let beside = |refusal: &Refusal| look::all_answer(case) && has_none(refusal);
    let pages: Vec<_> = look::refusals(case)
        .into_iter()
        .filter(|(_, refusal)| !beside(refusal))
        .chain(list)
        .filter(|(_, refusal)| told(refusal) == Told::NotAws)
        .collect();
    let Some((_, first)) = pages.first() else {
        return Vec::new();
    };
    let kind = first.content_type.as_deref().unwrap_or("no content type");
    let without = if first.request_id.is_none() { ", without a request id" } else { " in the place of an answer" };
    let found =
        Found::new(format!("Something else answers in the place of AWS: HTTP {} with {kind}{without}.", first.status))
            .severity(if look::all_answer(case) { Severity::Warning } else { Severity::Error });
    let mut found = look::with_refusals(found, &pages);
    if let Some((name, value)) = look::proxy(case) {
        found = found.evidence(format!("proxy, {name}"), value);
    }
    let host = words::quote(case, &case.route.endpoints.runtime);
    let mut hosts = vec![case.route.endpoints.runtime.as_str(), case.route.endpoints.control.as_str()];
    hosts.dedup();
    vec![
        found
            .fix(Fix::command(
                "See what answers; sign in to the portal of the network, if it is one.",
                format!("curl -sS {host}"),
            ))
            .fix(Fix::words(Who::OrgAdmin, format!("Exempt {} from rewriting.", hosts.join(" and ")))),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Answer;
    use crate::diagnose::testing::*;

    #[test]
    fn a_page_in_the_place_of_an_answer() {
        let mut scene = Scene::healthy();
        let mut page = refusal(200, "", "<html><title>Sign in</title></html>");
        page.request_id = None;
        page.content_type = Some("text/html".to_owned());
        scene.refuse_models(&page);
        scene.answers.profiles = Answer::Refused(page);
        scene.expect_first("answer-not-from-aws");
    }

    #[test]
    fn one_document_in_the_place_of_a_stream() {
        let mut scene = Scene::healthy();
        for model in &mut scene.answers.models {
            model.stream = Answer::Refused(refusal(200, "message", r#"{"type":"message","content":[]}"#));
            model.invoke = answering(&model.id).stream;
        }
        let finding = scene.expect_first("answer-not-from-aws");
        assert!(!finding.summary.contains("without a request id"), "{}", finding.summary);
        scene.expect_absent("aws-refused");
    }

    #[test]
    fn a_gateway_without_sts_whose_models_answer_is_no_fault() {
        let mut page = refusal(404, "", "<html>404 Not Found</html>");
        page.request_id = None;
        page.content_type = Some("text/html".to_owned());
        let mut scene = Scene::healthy();
        scene.answers.identity = Answer::Refused(page.clone());
        scene.expect_absent("answer-not-from-aws");
        // A page of another kind stands before AWS.
        scene.answers.identity = Answer::Refused(crate::aws::answer::Refusal { status: 403, ..page });
        scene.expect("answer-not-from-aws");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("answer-not-from-aws");
    }
}
