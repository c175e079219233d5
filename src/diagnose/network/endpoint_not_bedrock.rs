//! `endpoint-not-bedrock`: what answers at the base URL does not speak Bedrock's format.

use crate::aws::answer::{Hop, Refusal};
use crate::aws::told::{Told, told};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, look, words};
use crate::resolve::Setting;
use crate::variables::BASE_URL;

/// What answers at the base URL does not speak Bedrock's format.
pub const KIND: Kind = Kind {
    name: "endpoint-not-bedrock",
    layer: Layer::Network,
    severity: Severity::Error,
    title: "What answers at the base URL does not speak Bedrock's format",
    page: PAGE,
    owns: &[
        "aws-refused",
        "answer-not-from-aws",
        "access-pending",
        "model-id-invalid",
        "model-not-in-region",
        "model-end-of-life",
        "dns-failed",
        "no-answer",
        "connection-refused",
    ],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: Invalid URL` (no `https://`), `The model … is not available on your bedrock deployment` for every model, `404 {\"detail\":\"Not Found\"}`,
`UnknownOperationException`.

## Why

`ANTHROPIC_BEDROCK_BASE_URL` does not lead to Bedrock's runtime: it lacks its scheme, it is the host or the VPC endpoint of another service
(`….bedrock.REGION…` without `-runtime`), it has a path too many, or a gateway answers there that speaks OpenAI's or Anthropic's format and knows no
`/model/ID/invoke`.

## Fix

    export ANTHROPIC_BEDROCK_BASE_URL=https://bedrock-runtime.REGION.amazonaws.com

or unset it. A gateway must speak Bedrock's format; one that speaks Anthropic's belongs into `ANTHROPIC_BASE_URL`, with Bedrock off.

## Check

`bedrockup why ANTHROPIC_BEDROCK_BASE_URL`, then `bedrockup doctor`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(url) = &case.route.endpoints.base_url else {
        return Vec::new();
    };
    if look::any_answers(case) {
        return Vec::new();
    }
    let found = no_scheme(case, url).or_else(|| other_service(case, url)).or_else(|| unknown_path(case, url));
    let found = found.map(|found| {
        let place = format!("{BASE_URL}, {}", words::source(case, &url.source));
        let mut found = found;
        // The URL first: it is the cause.
        found.evidence.insert(0, crate::diagnose::Evidence { place, what: url.value.clone() });
        found
    });
    found.into_iter().collect()
}

/// The client says `Invalid URL` and calls nobody.
fn no_scheme(case: &Case<'_>, url: &Setting) -> Option<Found> {
    let failures = look::failures(case, &[Hop::Url]);
    let (question, failure) = failures.first()?;
    let value = url.value.trim();
    let found =
        Found::new("The base URL is no URL that can be called.").evidence(question.clone(), words::failure(failure));
    // A host and a port are all that is missing the scheme.
    let whole = format!("https://{}", value.trim_start_matches('/'));
    let repaired = !value.contains("://")
        && whole.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    Some(match repaired {
        true => found.fix(words::change(case, BASE_URL, &whole)).fix(hand::remove(case, BASE_URL)),
        false => found.fix(hand::remove(case, BASE_URL)),
    })
}

/// A host of AWS, of Bedrock's other parts or of another service.
fn other_service(case: &Case<'_>, url: &Setting) -> Option<Found> {
    let host = local::host(&url.value).to_ascii_lowercase();
    let service = service_of(&host)?;
    let region = &case.route.region.name;
    let found = Found::new(format!("The base URL leads to the service `{service}` of AWS, not to Bedrock's runtime."));
    let found = with_refusals(case, found);
    Some(if host.contains(".vpce.") {
        let text = format!(
            "Name the VPC endpoint of com.amazonaws.{region}.bedrock-runtime, or create one and leave the URL out."
        );
        found.fix(Fix::words(Who::AwsAdmin, text)).fix(hand::remove(case, BASE_URL))
    } else {
        let runtime = format!("https://bedrock-runtime.{region}.{}", crate::resolve::data::dns_suffix(region));
        found.fix(words::change(case, BASE_URL, &runtime)).fix(hand::remove(case, BASE_URL))
    })
}

/// The service of a host of AWS, where it is not the runtime of Bedrock and not a place for programs of customers.
fn service_of(host: &str) -> Option<&str> {
    if !local::is_aws_host(host) {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let own = |label: &&&str| {
        label.starts_with("bedrock") || ["sts", "s3", "iam", "sso", "oidc", "sagemaker", "ssm"].contains(label)
    };
    let service = labels.iter().find(own)?;
    (!matches!(*service, "bedrock-runtime" | "bedrock-runtime-fips")).then_some(*service)
}

/// The path is not known there: to AWS, or to something else.
fn unknown_path(case: &Case<'_>, url: &Setting) -> Option<Found> {
    // Calls through Mantle went to another host.
    let refused = look::refused(case).into_iter().filter(|refused| !case.route.asks_mantle(&refused.model.id));
    let unknown: Vec<_> = refused.filter(|refused| is_unknown(refused.refusal)).collect();
    let first = unknown.first()?;
    if first.refusal.code == "UnknownOperationException" {
        let found = look::with_models(
            Found::new("AWS does not know this path: the base URL is not that of Bedrock's runtime alone."),
            &unknown,
        );
        return Some(found.fix(hand::remove(case, BASE_URL)));
    }
    let host = local::host(&url.value);
    let found = look::with_models(
        Found::new(format!(
            "{host} knows no `/model/ID/invoke` (HTTP {}): it is a gateway of another format, or another page of one.",
            first.refusal.status
        )),
        &unknown,
    );
    let remove = hand::remove(case, BASE_URL);
    let direct = Fix { text: format!("Go to AWS directly: {}", remove.text), ..remove };
    let other = "Or use a gateway that speaks Bedrock's format (`/model/ID/invoke-with-response-stream`); one of Anthropic's format belongs into \
                 ANTHROPIC_BASE_URL, with Bedrock off.";
    Some(found.fix(direct).fix(Fix::words(Who::You, other)))
}

/// The address is not known there. AWS answers 404 for models too, with a request id, and with the name of an exception
/// that gateways keep where they drop the id.
fn is_unknown(refusal: &Refusal) -> bool {
    let is_awss = refusal.request_id.is_some()
        || refusal.code.ends_with("Exception")
        || !matches!(told(refusal), Told::Unknown | Told::NotAws);
    refusal.code == "UnknownOperationException" || (!is_awss && matches!(refusal.status, 404 | 405 | 501))
}

fn with_refusals(case: &Case<'_>, found: Found) -> Found {
    let found = look::with_models(found, &look::refused(case));
    look::failures(case, &[Hop::Name, Hop::Refused, Hop::Connect, Hop::FirstByte, Hop::Reset, Hop::Tls])
        .into_iter()
        .fold(found, |found, (question, failure)| found.evidence(question, words::failure(failure)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::answer::{Answer, NetworkFailure};
    use crate::diagnose::testing::*;

    fn at(url: &str, refusal: &Refusal) -> Scene {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", url);
        scene.refuse_models(refusal);
        scene.answers.profiles = Answer::Refused(refusal.clone());
        scene
    }

    fn not_aws(status: u16, message: &str) -> Refusal {
        Refusal { request_id: None, ..refusal(status, "", message) }
    }

    #[test]
    fn a_gateway_of_another_format() {
        for answer in [not_aws(404, r#"{"detail":"Not Found"}"#), not_aws(405, "Method Not Allowed")] {
            let finding = at("https://llm.corp.example/v1", &answer).expect_first("endpoint-not-bedrock");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("unset ANTHROPIC_BEDROCK_BASE_URL"));
            assert!(finding.fixes[1].text.contains("speaks Bedrock's format"));
        }
    }

    #[test]
    fn a_page_that_says_not_found_is_no_portal() {
        let mut page = not_aws(404, "<html>Not Found</html>");
        page.content_type = Some("text/html".to_owned());
        let findings = at("https://llm.corp.example", &page).findings();
        assert_eq!(findings[0].name, "endpoint-not-bedrock");
        assert_eq!(findings[1].because_of, Some("endpoint-not-bedrock"));
    }

    #[test]
    fn the_endpoint_of_another_service() {
        let unknown = refusal(404, "UnknownOperationException", "");
        for url in ["https://vpce-0a1b.bedrock.us-east-1.vpce.amazonaws.com", "https://bedrock.us-east-1.amazonaws.com"]
        {
            let finding = at(url, &unknown).expect_first("endpoint-not-bedrock");
            assert!(finding.summary.contains("`bedrock`"), "{finding:?}");
        }
        assert!(
            at("https://bedrock-runtime.us-east-1.amazonaws.com/v1", &unknown)
                .expect_first("endpoint-not-bedrock")
                .summary
                .contains("does not know this path")
        );
    }

    #[test]
    fn a_url_without_its_scheme() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", "bedrock-runtime.us-east-1.amazonaws.com");
        scene.unreachable(Hop::Url, "it needs https:// and a host");
        let finding = scene.expect_first("endpoint-not-bedrock");
        let command = finding.fixes[0].command.clone().unwrap_or_default();
        assert!(command.contains("https://bedrock-runtime.us-east-1.amazonaws.com"), "{command}");
    }

    #[test]
    fn a_refusal_of_aws_or_a_gateway_that_answers_is_none() {
        let legacy = refusal(404, "ResourceNotFoundException", "This model version has reached the end of its life");
        at("https://bedrock-runtime.us-east-1.amazonaws.com", &legacy).expect_absent("endpoint-not-bedrock");
        at("https://my-gateway.execute-api.us-east-1.amazonaws.com", &not_aws(401, "no key"))
            .expect_absent("endpoint-not-bedrock");
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", "https://llm.corp.example");
        scene.expect_absent("endpoint-not-bedrock");
    }

    #[test]
    fn the_same_answer_without_a_base_url_is_not_explained_by_one() {
        let mut scene = Scene::healthy();
        scene.refuse_models(&not_aws(404, "Not Found"));
        scene.answers.hosts.clear();
        scene.expect_absent("endpoint-not-bedrock");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("endpoint-not-bedrock");
    }

    #[test]
    fn a_silent_endpoint_of_another_service_shows_its_silence() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_BEDROCK_BASE_URL", "https://bedrock-agent.us-east-1.amazonaws.com");
        let failure = NetworkFailure {
            host: "bedrock-agent.us-east-1.amazonaws.com".into(),
            hop: Hop::Connect,
            detail: "no connection".into(),
        };
        for model in &mut scene.answers.models {
            model.stream = Answer::Unreachable(failure.clone());
        }
        let finding = scene.expect("endpoint-not-bedrock");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("no connection")));
    }
}
