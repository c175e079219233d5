//! `settings-invalid-json`: a settings file is not JSON, and the client drops the whole of it.

use crate::change::fix::SettingsChange;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, repairs, words};
use crate::observe::client::AuthStatus;
use crate::observe::settings::{Scope, SettingsFile, SettingsState};
use crate::resolve::{Provider, Source};
use crate::variables;

/// A settings file is not JSON, and the client drops the whole of it.
pub const KIND: Kind = Kind {
    name: "settings-invalid-json",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "A settings file is not JSON, and the client drops the whole of it",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Nothing in a settings file has any effect. On standard error, easily missed: `These settings did not load, so nothing in them is in effect`, and
`Invalid or malformed JSON`.

## Why

One comma too many, a comment, an open quote, and Claude Code drops the whole file and goes on with the others. A byte order mark, as some
editors of Windows write it at the start, is skipped by recent clients; `jq` skips it too, so ask the client:

    claude auth status

## Fix

Repair the line and column shown, then let a parser judge:

    jq . ~/.claude/settings.json

## Check

`bedrockup why` shows the values of that file.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for file in &case.machine.settings {
        let SettingsState::Invalid { line, column, message, mentions_routing, only_commas } = &file.state else {
            continue;
        };
        let place = format!("{}:{line}:{column}", words::short(case, &file.path));
        let mut found =
            Found::new(format!("{} is not JSON: Claude Code ignores the whole file.", words::short(case, &file.path)))
                .severity(if *mentions_routing { Severity::Error } else { Severity::Warning })
                .evidence(place.clone(), message.clone());
        if *mentions_routing {
            found = found.evidence(words::short(case, &file.path), "it holds names that decide the route");
        }
        let repair = repairs::settings(file.scope, &file.path, vec![SettingsChange::TrailingCommas]);
        let by_hand = hand::edit_settings(case, format!("Repair {place}: {message}."), file.scope, &file.path, *line);
        found = found
            .fix(by_hand.repaired_by(repair.filter(|_| *only_commas)))
            .fix(Fix::command("Then let a parser judge.", format!("jq . {}", hand::path(case, &file.path))));
        if *mentions_routing {
            found = ["not-configured", "no-credentials", "region-missing"].into_iter().fold(found, Found::explains);
        }
        all.push(found);
    }
    all.extend(byte_order_mark(case));
    all
}

/// Recent clients skip a byte order mark. One that says that it is not on Bedrock, where a file with a mark alone turns that on,
/// has not read the file.
fn byte_order_mark(case: &Case<'_>) -> Option<Found> {
    let reported = match &case.machine.client.auth_status {
        Some(AuthStatus::Provider(reported)) if reported == "firstParty" => reported,
        _ => return None,
    };
    let winner = case.route.variable(variables::USE_BEDROCK)?.winner.as_ref()?;
    let Source::Settings { scope, place } = &winner.source else { return None };
    let marked = |file: &&SettingsFile| {
        file.path == place.path && file.settings().is_some_and(|settings| settings.byte_order_mark)
    };
    let file = case.machine.settings.iter().find(marked).filter(|_| case.route.provider == Provider::Bedrock)?;
    let path = words::short(case, &file.path);
    let argument = hand::path(case, &file.path);
    let found = Found::new(format!("{path} begins with a byte order mark, and this client does not read it."))
        .evidence(format!("{path}:1:1"), "a byte order mark (the bytes EF BB BF) stands before the `{`")
        .evidence(words::place(case, place), format!("{} is set here", variables::USE_BEDROCK))
        .evidence("claude auth status", format!("apiProvider is {reported}"));
    let text = format!("Repair {path}: take the mark away; a copy is left beside it.");
    let command = format!("cp {argument} {argument}.before && tail -c +4 {argument}.before > {argument}");
    let fix = Fix::command(text, command);
    let fix = if *scope == Scope::Managed { fix.by(Who::OrgAdmin) } else { fix };
    let found = found.fix(fix).fix(Fix::command("A newer client skips it.", "claude update"));
    Some(["client-reports-other-provider", "bedrock-left-on"].into_iter().fold(found, Found::explains))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::spoil::env;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::{Scope, Settings, SettingsState};
    use crate::variables;

    fn invalid(mentions_routing: bool) -> SettingsState {
        let message = "trailing comma".to_owned();
        SettingsState::Invalid { line: 4, column: 3, message, mentions_routing, only_commas: true }
    }

    #[test]
    fn a_trailing_comma_takes_the_switch_away() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.settings_state(Scope::User, invalid(true));
        scene.client_says("firstParty");
        let finding = scene.expect_first("settings-invalid-json");
        assert_eq!(finding.evidence[0].place, "~/.claude/settings.json:4:3");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +4 ~/.claude/settings.json"));
        assert_eq!(scene.expect("not-configured").because_of, Some("settings-invalid-json"));
    }

    #[test]
    fn a_file_without_our_keys_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.settings_state(Scope::Project, invalid(false));
        assert_eq!(scene.expect("settings-invalid-json").severity, Severity::Warning);
    }

    #[test]
    fn a_byte_order_mark_counts_where_the_client_says_so() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        let env = env(&[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.settings(Scope::User, Settings { env, byte_order_mark: true, ..Settings::default() });
        scene.expect_absent("settings-invalid-json");
        scene.client_says("firstParty");
        let finding = scene.expect_first("settings-invalid-json");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().contains("tail -c +4"), "{finding:?}");
        assert_eq!(scene.expect("client-reports-other-provider").because_of, Some("settings-invalid-json"));
        // Where the shell turns it on as well, the mark is not what the client is wrong about.
        scene.settings_env(Scope::Local, &[(variables::USE_BEDROCK, "1")]);
        scene.expect_first("client-reports-other-provider");
    }

    #[test]
    fn files_that_are_json_or_missing_are_well() {
        let mut scene = Scene::healthy();
        scene.settings(Scope::User, Settings::default());
        scene.settings_state(Scope::Local, SettingsState::Missing);
        scene.expect_absent("settings-invalid-json");
        Scene::healthy().expect_absent("settings-invalid-json");
    }
}
