//! `service-environment`: a unit, job or cron line starts the client without the values that terminals have.

use super::elsewhere::settings_switch_on;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, words};
use crate::observe::surfaces::services::{Service, ServiceKind, StartsClient};
use crate::resolve::Provider;
use crate::variables;

/// A unit, job or cron line starts the client without the values that terminals have.
pub const KIND: Kind = Kind {
    name: "service-environment",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "A service starts Claude Code without the values that terminals have",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` works in a terminal, and what a systemd unit, a cron job, launchd, or an app that starts Claude Code by itself runs says `Not logged in ·
Please run /login`, or bills an Anthropic account.

## Why

Such a process reads no `.bashrc` and no `.zshrc`: it has what its own definition gives, and nothing else. The definition that is named starts
Claude Code and gives none of the values, and the user settings of Claude Code do not either.

## Fix

Give the values to Claude Code itself. It reads its user settings whatever starts it:

    bedrockup setup --target settings

Or write them into the definition, for a unit below `[Service]`:

    Environment=CLAUDE_CODE_USE_BEDROCK=1
    Environment=AWS_REGION=us-east-1

then `systemctl --user daemon-reload`, and restart it.

## Check

`systemctl --user show NAME -p Environment` shows them, or `claude auth status` run from the cron line says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // Where no terminal is on Bedrock either, that is the cause.
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    case.machine
        .surfaces
        .services
        .iter()
        .filter(|service| lacks(case, service))
        .map(|service| found(case, service))
        .collect()
}

/// Nothing that was read gives the switch to what the service starts.
fn lacks(case: &Case<'_>, service: &Service) -> bool {
    let home = service.environment.get("HOME").map(|entry| entry.value.as_str());
    let own_home =
        home.is_none_or(|home| case.machine.home == std::path::Path::new(home) || home == "%h" || home.contains('$'));
    let given = service.value(variables::USE_BEDROCK).is_some()
        || service.computes(variables::USE_BEDROCK)
        || (own_home && settings_switch_on(case))
        || (service.kind == ServiceKind::UserUnit
            && case.machine.surfaces.session.get(variables::USE_BEDROCK).is_some());
    // A service that was given another provider, or a key of Anthropic's, is meant to go there.
    let elsewhere = variables::OTHER_PROVIDERS
        .iter()
        .any(|(switch, _)| service.environment.get(*switch).is_some_and(|entry| variables::is_truthy(&entry.value)))
        || ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN"]
            .iter()
            .any(|name| service.environment.get(*name).is_some_and(|entry| !entry.value.trim().is_empty()));
    !given && !elsewhere && !service.reads_more
}

fn found(case: &Case<'_>, service: &Service) -> Found {
    let place = format!("{}:{}", words::short(case, &service.path), service.line);
    let kind = service.kind.name();
    let names: Vec<&str> = service.environment.keys().map(String::as_str).collect();
    let gives = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let mut found =
        Found::new(format!("The {kind} {} starts Claude Code without {}.", service.name, variables::USE_BEDROCK))
            .evidence(place.clone(), service.command.clone());
    found = match &service.starts {
        StartsClient::Itself => found,
        StartsClient::InScript(script) => found.evidence(words::short(case, script), "the script starts `claude`"),
        StartsClient::App(name, source) => {
            found.evidence(name.clone(), format!("an app that starts Claude Code by itself ({source})"))
        }
    };
    found = found
        .evidence(
            place.clone(),
            format!("of what may matter its definition gives {gives}, and it reads no file of a shell"),
        )
        .evidence("settings files of Claude Code", format!("none that it would read sets {}", variables::USE_BEDROCK));
    let region = &case.route.region.name;
    let unit = |systemctl: &str| {
        format!(
            "write `Environment=CLAUDE_CODE_USE_BEDROCK=1` and `Environment=AWS_REGION={region}` below `[Service]` of {place}, then reload and restart it (`{systemctl} daemon-reload`, `{systemctl} restart {}`)",
            service.name
        )
    };
    let own = match service.kind {
        ServiceKind::UserUnit => unit("systemctl --user"),
        ServiceKind::SystemUnit => unit("sudo systemctl"),
        ServiceKind::Cron => {
            format!("write `CLAUDE_CODE_USE_BEDROCK=1` and `AWS_REGION={region}` on lines above {place}")
        }
        ServiceKind::Launchd => format!("write both as `EnvironmentVariables` into {place}, then load it again"),
    };
    let settings =
        format!("Give the values to Claude Code's user settings, which it reads whatever starts it; or {own}.");
    found = found.fix(Fix::command(settings, "bedrockup setup --target settings"));
    found.fix(hand::edit_line(case, format!("Or {own}."), &service.path, service.line))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::observe::surfaces::services::ServiceKind;
    use crate::variables;

    #[test]
    fn a_unit_with_an_environment_of_its_own() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[("HOME", "/home/ada")]);
        let finding = scene.expect_first("service-environment");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup setup --target settings"));
        assert!(finding.fixes[0].text.contains("Environment=AWS_REGION=us-east-1"), "{finding:?}");
    }

    #[test]
    fn a_line_of_cron() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::Cron, "cd /srv && claude -p hi", &[]);
        scene.expect_first("service-environment");
    }

    #[test]
    fn values_from_the_definition_the_session_or_the_settings() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[(variables::USE_BEDROCK, "1")]);
        scene.service(ServiceKind::Cron, "CLAUDE_CODE_USE_BEDROCK=1 claude -p hi", &[]);
        scene.service(ServiceKind::Cron, "bash -lc 'claude -p hi'", &[]);
        scene.service(ServiceKind::Cron, ". $HOME/.profile; claude -p hi", &[]);
        scene.expect_absent("service-environment");
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[]);
        scene.machine.surfaces.session.set(variables::USE_BEDROCK, "1");
        scene.expect_absent("service-environment");
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[]);
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        scene.expect_absent("service-environment");
    }

    #[test]
    fn settings_of_another_home_are_not_read() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::SystemUnit, "claude -p hi", &[("HOME", "/var/lib/board")]);
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        scene.expect("service-environment");
    }

    #[test]
    fn a_service_that_goes_elsewhere_on_purpose() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[("ANTHROPIC_API_KEY", "…")]);
        scene.expect_absent("service-environment");
        Scene::healthy().expect_absent("service-environment");
    }
}
