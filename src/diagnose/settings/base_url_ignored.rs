//! `base-url-ignored`: `ANTHROPIC_BASE_URL` is set, and Bedrock calls do not go there.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, words};
use crate::resolve::Provider;
use crate::variables;

/// The variable that steers Anthropic's own API alone.
const NAME: &str = "ANTHROPIC_BASE_URL";

/// `ANTHROPIC_BASE_URL` does not steer Bedrock.
pub const KIND: Kind = Kind {
    name: "base-url-ignored",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "`ANTHROPIC_BASE_URL` does not steer Bedrock",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A gateway (LiteLLM and the like) is not asked any more since Bedrock is on; its log is empty.

## Why

`ANTHROPIC_BASE_URL` steers calls to Anthropic's API. Calls to Bedrock go to AWS whatever it says; `ANTHROPIC_BEDROCK_BASE_URL` steers those. With
Bedrock off, the traffic goes to that URL again.

## Fix

For a gateway that speaks Bedrock's format:

    export ANTHROPIC_BEDROCK_BASE_URL=https://gateway.example.com

For one that speaks Anthropic's format, switch Bedrock off (`bedrockup uninstall`). Else unset `ANTHROPIC_BASE_URL`.

## Check

`bedrockup why` shows the host that is called.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(url) = local::in_effect(case, NAME) else { return Vec::new() };
    let anthropic = local::host(url).eq_ignore_ascii_case("api.anthropic.com");
    // With the right variable naming the same host, the gateway is used.
    let used = case.route.value(variables::BASE_URL).is_some_and(|other| local::host(other) == local::host(url));
    if case.route.provider != Provider::Bedrock || anthropic || used {
        return Vec::new();
    }
    let place =
        local::source(case, NAME).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
    let host = local::host(url);
    let found = Found::new(format!("{NAME} names {host}, and with Bedrock on nothing goes there."))
        .evidence(place, format!("{NAME} names {host}"))
        .fix(Fix::command(
            format!("Where {host} speaks Bedrock's format, set the variable that is read: {}.", variables::BASE_URL),
            words::export(case, variables::BASE_URL, &without_user(url)),
        ))
        .fix(hand::remove(case, NAME))
        .fix(Fix::command("Or, where it speaks Anthropic's format, switch Bedrock off.", "bedrockup uninstall"));
    vec![found]
}

/// The URL without user and password.
fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) =
                rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::NAME;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::variables;

    #[test]
    fn a_gateway_that_is_not_asked() {
        let mut scene = Scene::healthy();
        scene.set(NAME, "http://me:PASSWORD@localhost:4000");
        let finding = scene.expect_first("base-url-ignored");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(
            finding.fixes[0].command.as_deref(),
            Some("export ANTHROPIC_BEDROCK_BASE_URL=http://localhost:4000")
        );
        assert!(!format!("{finding:?}").contains("PASSWORD"));
    }

    #[test]
    fn its_default_beside_the_right_one_or_without_bedrock_is_silent() {
        let mut scene = Scene::healthy();
        scene.set(NAME, "https://api.anthropic.com");
        scene.expect_absent("base-url-ignored");
        scene.set(NAME, "http://localhost:4000");
        scene.set(variables::BASE_URL, "http://localhost:4000");
        scene.expect_absent("base-url-ignored");
        Scene::healthy().expect_absent("base-url-ignored");
    }
}
