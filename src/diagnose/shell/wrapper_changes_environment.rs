//! `wrapper-changes-environment`: what stands before the client under its name takes the values away.

use std::path::Path;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, words};
use crate::observe::client::AuthStatus;
use crate::observe::launch::{Fate, Line};
use crate::observe::wrappers::{Wrapper, WrapperKind};
use crate::resolve::{Provider, wrappers};
use crate::shell::ShellKind;
use crate::variables;

/// What stands before the client under its name takes the values away.
pub const KIND: Kind = Kind {
    name: "wrapper-changes-environment",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "An alias, a function or a script named `claude` takes the values away",
    page: PAGE,
    owns: &["client-reports-other-provider"],
    detect,
};

const PAGE: &str = "\
## What you see

The shell has every value, and `claude` says `Not logged in · Please run /login`, a plugin says that authentication failed, or another account
or region is used. `type claude` names an alias, a function, or a script.

## Why

The word `claude` need not be Claude Code itself. An alias or a function of the shell, or a script of that name that comes first on the `PATH`,
may start it with other values: `env -i` and `sudo` empty the environment, `env -u` and `unset` take a variable away, a list of names that are
handed on leaves out `CLAUDE_*` or `AWS_*`. bedrockup asked a fresh shell what `claude` is there, and read the script.

## Fix

Take the alias away (`unalias claude`), or let the wrapper hand the variables on. Where a plugin brings the wrapper, give the values to Claude
Code itself:

    bedrockup setup --target settings

## Check

`type claude` (fish: `functions claude`) shows what it is; `claude auth status` says `\"apiProvider\": \"bedrock\"`.
";

/// Variables whose loss sends the client another way.
const DECIDE: [&str; 9] = [
    variables::USE_BEDROCK,
    variables::PROFILE,
    variables::BEARER_TOKEN,
    variables::ACCESS_KEY_ID,
    variables::SECRET_ACCESS_KEY,
    variables::BASE_URL,
    variables::AWS_CONFIG_FILE,
    variables::AWS_CREDENTIALS_FILE,
    variables::REGION,
];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let all: Vec<&Wrapper> = wrappers(case.machine).collect();
    let mut found: Vec<Found> = all.iter().filter_map(|wrapper| gone(case, wrapper)).collect();
    if case.route.provider == Provider::Bedrock {
        // One after the other; what the first takes away, the next cannot hand on.
        found.extend(all.iter().find_map(|wrapper| takes(case, wrapper)));
        found.extend(all.iter().find_map(|wrapper| replaces(case, wrapper)));
    }
    found
}

/// A value of the wrapper's own in place of the shell's, where the route fails by it.
fn replaces(case: &Case<'_>, wrapper: &Wrapper) -> Option<Found> {
    let replaced = |(name, value, at)| {
        let shells = local::in_shell(case, name).filter(|shells| !local::same(name, shells, value))?;
        // What settings files give beats both.
        let settles = local::settings_winner(case, name).is_some();
        let follows = local::breaks(case, name).filter(|_| !settles)?;
        Some((name, value, shells, at, follows))
    };
    let (name, value, shells, at, follows) = wrapper.launch.sets().into_iter().find_map(replaced)?;
    let what = wrapper.kind.name();
    let article = if wrapper.kind == WrapperKind::Alias { "an" } else { "a" };
    let (value, shells) = (local::shown(name, value), local::shown(name, shells));
    let found = Found::new(format!("`claude` is {article} {what} that sets {name} to {value}, and fails by it."))
        .evidence(place_of(case, wrapper, at), at.text.clone())
        .evidence("this shell", format!("{name} is {shells}"));
    let found = follows.iter().fold(found, |found, name| found.explains(name));
    let text = format!("Take {name} out of the {what}, so that the shell's {shells} counts.");
    Some(fixes(case, found, wrapper, at, &text))
}

/// An alias that names a program which is not there.
fn gone(case: &Case<'_>, wrapper: &Wrapper) -> Option<Found> {
    let missing = wrapper.missing.as_ref()?;
    let program = words::short(case, missing);
    let found = Found::new(format!("`claude` is an {} for {program}, which is not there.", wrapper.kind.name()))
        .evidence(place(case, wrapper), wrapper.launch.at.text.clone())
        .evidence(program, "no such file")
        .explains("claude-missing");
    Some(fixes(case, found, wrapper, &wrapper.launch.at, "Remove it, or let it name the program that is installed."))
}

/// What a wrapper takes away from the client.
fn takes(case: &Case<'_>, wrapper: &Wrapper) -> Option<Found> {
    let mut lost: Vec<(&str, &Line)> = Vec::new();
    for name in DECIDE {
        // What settings files give reaches the client through every wrapper.
        if local::settings_winner(case, name).is_some() || local::in_shell(case, name).is_none() {
            continue;
        }
        match wrapper.launch.fate(name) {
            Fate::Lost(at) => lost.push((name, at)),
            Fate::Set(Some(value), at)
                if name == variables::USE_BEDROCK && !variables::is_truthy(value) || value.is_empty() =>
            {
                lost.push((name, at));
            }
            Fate::Set(..) | Fate::Kept => {}
        }
    }
    lost.retain(|(name, _)| *name != variables::REGION || region_matters(case));
    // Where nobody knows whether it happens, the client's own word decides.
    let denied = matches!(&case.machine.client.auth_status, Some(AuthStatus::Provider(name)) if name != "bedrock");
    if lost.iter().all(|(_, at)| at.conditional) && !denied {
        return None;
    }
    let (_, at) = *lost.first()?;
    let names: Vec<&str> = lost.iter().map(|(name, _)| *name).collect();
    let list = names.join(", ");
    let what = wrapper.kind.name();
    let article = if wrapper.kind == WrapperKind::Alias { "an" } else { "a" };
    let found = Found::new(format!("`claude` is {article} {what} that does not hand on {list}."))
        .evidence(place_of(case, wrapper, at), at.text.clone())
        .evidence("this shell", format!("has {list}"));
    let text = format!(
        "Let the wrapper hand on {list} (its line is `{}`), or give the values to Claude Code's user settings, which no wrapper takes away.",
        at.text
    );
    let found = if names.contains(&variables::USE_BEDROCK) { found } else { found.severity(severity(&names)) };
    Some(
        fixes(case, found, wrapper, at, &text)
            .fix(Fix::command("Or write the values into the user settings.", "bedrockup setup --target settings")),
    )
}

/// The region that is left leads elsewhere.
fn region_matters(case: &Case<'_>) -> bool {
    let left = case.machine.aws.profiles.get(&case.route.profile).and_then(|profile| profile.get("region"));
    left.unwrap_or(crate::resolve::CLIENT_DEFAULT_REGION) != case.route.region.name
}

/// Without its credentials the client does not arrive; without a path or an address it may.
fn severity(names: &[&str]) -> Severity {
    let credentials = [
        variables::PROFILE,
        variables::BEARER_TOKEN,
        variables::ACCESS_KEY_ID,
        variables::SECRET_ACCESS_KEY,
        variables::REGION,
    ];
    if names.iter().any(|name| credentials.contains(name)) { Severity::Error } else { Severity::Warning }
}

/// Edits the place, and for an alias or a function takes it away here.
fn fixes(case: &Case<'_>, found: Found, wrapper: &Wrapper, at: &Line, text: &str) -> Found {
    let place = wrapper.place.as_ref().map(|(path, line)| match wrapper.kind {
        WrapperKind::Script => (path.as_path(), at.number.max(1)),
        _ => (path.as_path(), *line),
    });
    let found = match place {
        Some((path, line)) => found.fix(hand::edit_line(case, text, path, line)),
        None => found.fix(Fix::words(Who::You, text.to_owned())),
    };
    match take_away(case, wrapper.kind) {
        Some(command) => {
            found.fix(Fix::command(format!("For this terminal, take the {} away.", wrapper.kind.name()), command))
        }
        None => found,
    }
}

fn take_away(case: &Case<'_>, kind: WrapperKind) -> Option<&'static str> {
    match (local::login_kind(case)?, kind) {
        (_, WrapperKind::Script) => None,
        (ShellKind::Fish, _) => Some("functions -e claude"),
        (_, WrapperKind::Alias) => Some("unalias claude"),
        (_, WrapperKind::Function) => Some("unset -f claude"),
    }
}

fn place(case: &Case<'_>, wrapper: &Wrapper) -> String {
    place_of(case, wrapper, &wrapper.launch.at)
}

fn place_of(case: &Case<'_>, wrapper: &Wrapper, at: &Line) -> String {
    let short = |path: &Path| words::short(case, path);
    match (&wrapper.place, wrapper.kind) {
        (Some((path, _)), WrapperKind::Script) => format!("{}:{}", short(path), at.number.max(1)),
        (Some((path, line)), _) => format!("{}:{line}", short(path)),
        (None, kind) => format!("the {} `claude` of a new terminal", kind.name()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::{Scene, refusal};
    use crate::observe::settings::Scope;
    use crate::observe::wrappers::WrapperKind;
    use crate::variables;

    #[test]
    fn a_script_that_empties_the_environment() {
        let mut scene = Scene::healthy();
        scene.wrapper(
            WrapperKind::Script,
            "#!/bin/sh\nexec env -i HOME=\"$HOME\" PATH=\"$PATH\" /opt/claude.real \"$@\"\n",
        );
        let finding = scene.expect_first("wrapper-changes-environment");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.evidence[0].what.starts_with("exec env -i"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("user settings"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +2 ~/bin/claude"));
    }

    #[test]
    fn it_owns_what_the_client_then_says() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Alias, "env -u CLAUDE_CODE_USE_BEDROCK claude");
        scene.client_says("firstParty");
        let finding = scene.expect_first("wrapper-changes-environment");
        assert!(finding.fixes.iter().any(|fix| fix.command.as_deref() == Some("unalias claude")), "{finding:?}");
        assert_eq!(scene.expect("client-reports-other-provider").because_of, Some("wrapper-changes-environment"));
    }

    #[test]
    fn a_switch_of_its_own_and_a_profile_that_gets_lost() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Function, "CLAUDE_CODE_USE_BEDROCK=0 command claude \"$@\"");
        scene.expect_first("wrapper-changes-environment");
        let mut scene = Scene::healthy();
        scene.configure(variables::PROFILE, "default");
        scene.wrapper(WrapperKind::Function, "env -u AWS_PROFILE claude \"$@\"");
        assert!(scene.expect_first("wrapper-changes-environment").summary.contains("AWS_PROFILE"));
    }

    #[test]
    fn a_value_of_its_own_that_fails() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Alias, "AWS_REGION=eu-west-1 claude");
        scene.expect_absent("wrapper-changes-environment");
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        let finding = scene.expect_first("wrapper-changes-environment");
        assert!(finding.summary.contains("AWS_REGION") && finding.summary.contains("eu-west-1"), "{finding:?}");
        assert!(finding.fixes.iter().any(|fix| fix.command.as_deref() == Some("unalias claude")), "{finding:?}");
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Alias, "AWS_REGION=us-east-1 claude");
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.expect_absent("wrapper-changes-environment");
    }

    #[test]
    fn an_alias_that_names_nothing() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Alias, "/gone/claude");
        scene.machine.wrappers[0].missing = Some(PathBuf::from("/gone/claude"));
        assert!(scene.expect_first("wrapper-changes-environment").summary.contains("/gone/claude"));
    }

    #[test]
    fn wrappers_that_hand_on_what_matters() {
        for text in [
            "exec claude.real --model opus \"$@\"",
            "unset NODE_OPTIONS; exec claude.real \"$@\"",
            "env -u EDITOR claude",
            "env -i CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=us-east-1 HOME=$HOME claude \"$@\"",
            "CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=us-east-1 claude",
            "[ -n \"$CI\" ] && unset CLAUDE_CODE_USE_BEDROCK; exec claude.real \"$@\"",
            "unset AWS_REGION; exec claude.real \"$@\"",
        ] {
            let mut scene = Scene::healthy();
            scene.wrapper(WrapperKind::Script, text);
            scene.expect_absent("wrapper-changes-environment");
        }
    }

    #[test]
    fn a_condition_is_settled_by_the_client_s_own_word() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Script, "[ -n \"$CI\" ] && unset CLAUDE_CODE_USE_BEDROCK\nexec claude.real \"$@\"");
        scene.client_says("firstParty");
        scene.expect_first("wrapper-changes-environment");
    }

    #[test]
    fn settings_pass_through_every_wrapper() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Script, "exec env -i HOME=$HOME claude.real \"$@\"");
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        scene.expect_absent("wrapper-changes-environment");
    }

    #[test]
    fn what_a_wrapper_gives_is_part_of_the_route() {
        let mut scene = Scene::healthy();
        scene.wrapper(WrapperKind::Alias, "AWS_PROFILE=nobody claude");
        assert_eq!(scene.expect_first("profile-not-found").severity, Severity::Error);
    }
}
