//! `skip-auth-set`: requests go to AWS without a signature.

use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::resolve::Provider;
use crate::variables;

/// Requests go to AWS without a signature.
pub const KIND: Kind = Kind {
    name: "skip-auth-set",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "Requests go to AWS without a signature",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 403 Missing Authentication Token`, after minutes of silence.

## Why

`CLAUDE_CODE_SKIP_BEDROCK_AUTH` makes Claude Code send no `Authorization`. That is right behind a gateway that signs for you, and nowhere else: here
the requests go to AWS itself.

## Fix

    unset CLAUDE_CODE_SKIP_BEDROCK_AUTH

and remove it from the place shown.

## Check

`bedrockup doctor` gets an answer from the model.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let on = case.route.value(variables::SKIP_AUTH).is_some_and(variables::is_truthy);
    let gateway = case.route.value(variables::BASE_URL).is_some_and(|url| !local::is_aws_host(local::host(url)));
    // A bearer token still goes out on model calls.
    let bearer = case.route.value(variables::BEARER_TOKEN).is_some();
    if !on || gateway || bearer || case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let place = local::source(case, variables::SKIP_AUTH)
        .map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
    let found =
        Found::new(format!("{} is on and no gateway is set: requests go to AWS unsigned.", variables::SKIP_AUTH))
            .evidence(place, format!("{} is on", variables::SKIP_AUTH))
            .fix(hand::take_away(case, variables::SKIP_AUTH));
    vec![["aws-refused", "no-credentials"].into_iter().fold(found, Found::explains)]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::{Scene, refusal};
    use crate::variables;

    #[test]
    fn unsigned_requests_to_aws() {
        let mut scene = Scene::healthy();
        scene.set(variables::SKIP_AUTH, "1");
        scene.refuse_models(&refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token"));
        let finding = scene.expect_first("skip-auth-set");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset CLAUDE_CODE_SKIP_BEDROCK_AUTH"));
    }

    #[test]
    fn behind_a_gateway_or_off_it_is_right() {
        let mut scene = Scene::healthy();
        scene.set(variables::SKIP_AUTH, "1");
        scene.set(variables::BASE_URL, "https://gateway.example.com");
        scene.expect_absent("skip-auth-set");
        let mut scene = Scene::healthy();
        scene.set(variables::SKIP_AUTH, "0");
        scene.expect_absent("skip-auth-set");
        Scene::healthy().expect_absent("skip-auth-set");
    }
}
