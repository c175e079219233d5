//! `api-key-left-over`: a key of Anthropic stands beside Bedrock.

use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::resolve::Provider;
use crate::version::Version;

/// The first client that keeps Bedrock's signature beside Anthropic's tokens.
const KEEPS_SIGNATURE: Version = Version(2, 1, 101);
/// Variables with keys of Anthropic; the second of a pair says that an old client signs with it instead.
const KEYS: [(&str, bool); 3] =
    [("ANTHROPIC_API_KEY", false), ("ANTHROPIC_AUTH_TOKEN", true), ("CLAUDE_CODE_OAUTH_TOKEN", false)];

/// A key of Anthropic stands beside Bedrock.
pub const KIND: Kind = Kind {
    name: "api-key-left-over",
    layer: Layer::Settings,
    severity: Severity::Note,
    title: "A key of Anthropic stands beside Bedrock",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing now. When Bedrock is switched off, traffic and bill go to the owner of that key without a question. Clients before 2.1.101 sent the
token instead of AWS's signature: 403 on every call.

## Why

`ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN`, `CLAUDE_CODE_OAUTH_TOKEN` and `apiKeyHelper` belong to Anthropic's own API. Bedrock does not use them.

## Fix

Remove it from the place shown, or keep it on purpose.

## Check

`claude auth status` names no `apiKeySource`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let old = case.machine.client.version().is_some_and(|version| version < KEEPS_SIGNATURE);
    let mut left: Vec<(String, String, bool)> = Vec::new();
    let mut fixes = Vec::new();
    for (name, replaces) in KEYS {
        if local::in_effect(case, name).is_none() {
            continue;
        }
        let place =
            local::source(case, name).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
        left.push((name.to_owned(), place, replaces));
        fixes.push(hand::remove(case, name));
    }
    let helper =
        case.machine.settings.iter().find_map(|file| Some((file, *file.settings()?.keys.get("apiKeyHelper")?)));
    if let Some((file, line)) = helper {
        let place = format!("{}:{line}", words::short(case, &file.path));
        fixes.push(hand::edit_settings(
            case,
            format!("Remove `apiKeyHelper` from {place}."),
            file.scope,
            &file.path,
            line,
        ));
        left.push(("apiKeyHelper".to_owned(), place, true));
    }
    if left.is_empty() {
        return Vec::new();
    }
    let breaks = old && left.iter().any(|(_, _, replaces)| *replaces);
    let names = left.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join(", ");
    let mut found = if breaks {
        Found::new(format!("This old client sends {names} instead of AWS's signature.")).severity(Severity::Error)
    } else {
        Found::new(format!("{names} stands beside Bedrock: not used, until Bedrock is switched off."))
    };
    for (name, place, _) in left {
        found = found.evidence(place, format!("{name} is set"));
    }
    if breaks {
        found = ["keys-unknown", "secret-wrong", "bearer-token-rejected", "aws-refused"]
            .into_iter()
            .fold(found, Found::explains);
        fixes.push(crate::diagnose::Fix::command("Or update Claude Code.", "claude update"));
    }
    vec![fixes.into_iter().fold(found, Found::fix)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings};
    use crate::version::Version;

    #[test]
    fn a_key_beside_bedrock_is_a_note() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_API_KEY", "sk-ant-SECRET");
        let finding = scene.expect("api-key-left-over");
        assert_eq!(finding.severity, Severity::Note);
        assert!(!format!("{finding:?}").contains("SECRET"));
    }

    #[test]
    fn an_old_client_signs_with_the_token() {
        let mut scene = Scene::healthy();
        scene.set("ANTHROPIC_AUTH_TOKEN", "x");
        scene.client(Version(2, 1, 100));
        assert_eq!(scene.expect("api-key-left-over").severity, Severity::Error);
        let mut scene = Scene::healthy();
        scene.settings(
            Scope::User,
            Settings { keys: BTreeMap::from([("apiKeyHelper".to_owned(), 2)]), ..Settings::default() },
        );
        scene.client(Version(2, 1, 100));
        assert_eq!(scene.expect("api-key-left-over").severity, Severity::Error);
        scene.client(Version(2, 1, 330));
        assert_eq!(scene.expect("api-key-left-over").severity, Severity::Note);
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("api-key-left-over");
    }
}
