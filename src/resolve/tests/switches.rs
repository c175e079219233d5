//! Facts 1.1, 1.2 and 2.2: switches, providers, settings against the shell, and where a value comes from.

use super::Facts;
use crate::observe::settings::Scope;
use crate::resolve::{Place, Provider, Setting, Source};
use crate::shell::ShellKind;
use crate::variables::{ACCESS_KEY_ID, BEARER_TOKEN, PROFILE, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN, USE_BEDROCK};
use crate::version::Version;

#[test]
fn words_of_the_switch() {
    for on in ["1", "true", "TRUE", "True", "yes", "on", " 1", "1 "] {
        assert_eq!(Facts::env(&[(USE_BEDROCK, on)]).route().provider, Provider::Bedrock, "{on:?}");
    }
    for off in ["0", "false", "FALSE", "no", "off", "", "2", "y", "enabled"] {
        assert_eq!(Facts::env(&[(USE_BEDROCK, off)]).route().provider, Provider::FirstParty, "{off:?}");
    }
    assert_eq!(Facts::new().route().provider, Provider::FirstParty);
}

#[test]
fn old_clients_took_every_value_as_on() {
    for (value, before, after) in
        [("0", Provider::Bedrock, Provider::FirstParty), ("", Provider::FirstParty, Provider::FirstParty)]
    {
        let at = |version| Facts::env(&[(USE_BEDROCK, value)]).version(version).route().provider;
        assert_eq!(at(Version(1, 0, 123)), before, "{value:?}");
        assert_eq!(at(Version(1, 0, 124)), after, "{value:?}");
    }
}

#[test]
fn bedrock_beats_other_providers_and_they_have_an_order() {
    let others = ["FOUNDRY", "ANTHROPIC_AWS", "ANTHROPIC_GOOGLE_CLOUD", "MANTLE", "VERTEX"]
        .map(|name| format!("CLAUDE_CODE_USE_{name}"));
    let names = ["foundry", "anthropicAws", "anthropicGoogleCloud", "mantle", "vertex"];
    for first in 0..others.len() {
        let mut env: Vec<(&str, &str)> = others[first..].iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(Facts::env(&env).route().provider, Provider::Other(names[first]));
        env.push((USE_BEDROCK, "1"));
        let route = Facts::env(&env).route();
        assert_eq!(route.provider, Provider::Bedrock);
        assert_eq!(route.mantle(), first <= 3, "mantle is a second door beside Bedrock");
    }
}

#[test]
fn settings_against_the_shell() {
    use Scope::{Local, Managed, Project, State, User};
    let bedrock = Provider::Bedrock;
    let anthropic = Provider::FirstParty;
    type Row = (Option<&'static str>, &'static [(Scope, &'static str)], Provider);
    let table: [Row; 11] = [
        (Some("1"), &[(User, "0")], anthropic.clone()),
        (Some("1"), &[(User, "")], anthropic.clone()),
        (None, &[(User, "1")], bedrock.clone()),
        (Some("0"), &[(User, "1")], bedrock.clone()),
        (Some("1"), &[(Project, "0")], anthropic.clone()),
        (Some("1"), &[(Local, "0")], anthropic.clone()),
        (None, &[(Project, "1")], bedrock.clone()),
        (None, &[(User, "1"), (Project, "0")], anthropic.clone()),
        (Some("1"), &[(User, "1"), (Managed, "0")], anthropic),
        (Some("0"), &[(User, "0"), (Managed, "1")], bedrock.clone()),
        (None, &[(State, "1")], bedrock),
    ];
    for (shell, files, expected) in table {
        let mut facts = match shell {
            Some(value) => Facts::env(&[(USE_BEDROCK, value)]),
            None => Facts::new(),
        };
        for (scope, value) in files {
            facts = facts.settings(*scope, &[(USE_BEDROCK, value)]);
        }
        assert_eq!(facts.route().provider, expected, "{shell:?} {files:?}");
    }
}

#[test]
fn a_host_that_manages_the_provider_is_not_overruled_by_settings() {
    let env = [(USE_BEDROCK, "1"), ("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1")];
    let facts = Facts::env(&env).settings(Scope::User, &[(USE_BEDROCK, "0"), (REGION, "eu-west-1")]);
    assert_eq!(facts.route().provider, Provider::Bedrock);
    assert_eq!(facts.route().region.name, "us-east-1");
}

#[test]
fn winner_and_losers_are_in_order_with_their_places() {
    let facts = Facts::env(&[(REGION, "us-east-1")])
        .settings(Scope::User, &[(REGION, "eu-west-1")])
        .settings(Scope::Project, &[(REGION, "eu-west-3")])
        .line("/home/u/.bashrc", 7, REGION, "us-east-1")
        .line("/home/u/.profile", 2, REGION, "sa-east-1");
    let route = facts.route();
    let variable = route.variable(REGION).expect("AWS_REGION is set");
    let place = |path: &str, line| Place { path: path.into(), line };
    let settings = |scope, path| Source::Settings { scope, place: place(path, 3) };
    let values = |setting: &Setting| (setting.value.clone(), setting.source.clone());
    assert_eq!(
        variable.winner.as_ref().map(values),
        Some(("eu-west-3".into(), settings(Scope::Project, "/settings/Project.json")))
    );
    assert_eq!(
        variable.losers.iter().map(values).collect::<Vec<_>>(),
        [
            ("eu-west-1".into(), settings(Scope::User, "/settings/User.json")),
            ("us-east-1".into(), Source::Environment { place: Some(place("/home/u/.bashrc", 7)) }),
            ("sa-east-1".into(), Source::RcFile(place("/home/u/.profile", 2))),
        ]
    );
    assert_eq!(route.region.source, settings(Scope::Project, "/settings/Project.json"));
}

#[test]
fn an_empty_setting_blanks_and_all_empty_is_nobody() {
    let facts = Facts::env(&[(PROFILE, "work")]).settings(Scope::User, &[(PROFILE, "")]);
    let route = facts.route();
    let variable = route.variable(PROFILE).expect("AWS_PROFILE is set");
    assert_eq!(variable.winner.as_ref().map(|winner| winner.value.as_str()), Some(""));
    assert_eq!((route.value(PROFILE), route.profile.as_str()), (None, "default"));

    let route = Facts::env(&[(PROFILE, "")]).route();
    let variable = route.variable(PROFILE).expect("AWS_PROFILE is set, though empty");
    assert_eq!((variable.winner.as_ref(), variable.losers.len()), (None, 1));
}

#[test]
fn a_new_terminal_counts_where_this_process_lacks_a_variable() {
    let block = [(USE_BEDROCK, "1"), (REGION, "eu-west-1")];
    let facts =
        Facts::env(&[(REGION, "us-west-2")]).fresh(&block).block(ShellKind::Bash, "/home/u/.bashrc", &block, false);
    let route = facts.route();
    assert_eq!((route.provider.clone(), route.region.name.as_str()), (Provider::Bedrock, "us-west-2"));
    let place = Some(Place { path: "/home/u/.bashrc".into(), line: 10 });
    let new_shell = Source::NewShell { shell: ShellKind::Bash, place };
    assert_eq!(
        route.variable(USE_BEDROCK).and_then(|variable| variable.winner.as_ref()).map(|winner| &winner.source),
        Some(&new_shell)
    );
    let region = route.variable(REGION).expect("AWS_REGION is set");
    assert_eq!(region.losers.iter().map(|loser| &loser.source).collect::<Vec<_>>(), [&new_shell]);
}

#[test]
fn a_block_that_no_shell_reports_is_not_in_effect() {
    let block = [(USE_BEDROCK, "1")];
    let facts = Facts::new().fresh(&[("HOME", "/home/u")]).block(ShellKind::Zsh, "/home/u/.zshrc", &block, false);
    let route = facts.route();
    assert_eq!(route.provider, Provider::FirstParty);
    let variable = route.variable(USE_BEDROCK).expect("an rc file holds it");
    assert!(variable.winner.is_none());
    assert!(matches!(variable.losers.as_slice(), [Setting { source: Source::RcFile(_), .. }]));
}

#[test]
fn the_function_of_scope_claude_sets_values_over_the_shell() {
    let block = [(USE_BEDROCK, "1"), (REGION, "eu-west-1")];
    let facts = Facts::env(&[(REGION, "us-west-2")]).fresh(&[]).block(ShellKind::Bash, "/home/u/.bashrc", &block, true);
    let route = facts.route();
    assert_eq!((route.provider.clone(), route.region.name.as_str()), (Provider::Bedrock, "eu-west-1"));
}

#[test]
fn keys_of_this_process_are_not_mixed_with_those_of_a_new_shell() {
    let facts = Facts::env(&[(ACCESS_KEY_ID, "AKIAPROCESS"), (SECRET_ACCESS_KEY, "s")]).fresh(&[
        (ACCESS_KEY_ID, "ASIANEW"),
        (SECRET_ACCESS_KEY, "t"),
        (SESSION_TOKEN, "token"),
    ]);
    assert_eq!(facts.route().value(SESSION_TOKEN), None);
}

#[test]
fn a_secret_does_not_show_in_debug_output() {
    let route = Facts::env(&[(BEARER_TOKEN, "ABSKsecret")]).route();
    assert!(!format!("{:?}", route.variables).contains("ABSKsecret"));
    assert!(!format!("{:?}", route.effective).contains("ABSKsecret"));
}

#[test]
fn variables_outside_the_table_reach_the_client_too() {
    let facts = Facts::env(&[("HTTP_PROXY", "http://a:1"), ("PATH", "/bin")])
        .settings(Scope::User, &[("HTTP_PROXY", "http://b:2"), ("SSL_CERT_FILE", "/ca.pem")])
        .settings(Scope::Managed, &[("HTTP_PROXY", "http://c:3")]);
    let route = facts.route();
    assert_eq!(route.value("HTTP_PROXY"), Some("http://c:3"));
    assert_eq!(route.value("SSL_CERT_FILE"), Some("/ca.pem"));
    assert_eq!(route.value("PATH"), Some("/bin"));
}
