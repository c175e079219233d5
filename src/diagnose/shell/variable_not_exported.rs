//! `variable-not-exported`: the shell knows the variable and passes it to no program.

use super::sourced_lines::in_sourced_files;
use crate::change::fix::{LineChange, Repair};
use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::observe::rc_files::{Assignment, Effect, RcFile};
use crate::shell::{ShellKind, Syntax};
use crate::variables;

/// The shell knows the variable and passes it to no program.
pub const KIND: Kind = Kind {
    name: "variable-not-exported",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The shell knows the variable and passes it to no program",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`echo $CLAUDE_CODE_USE_BEDROCK` prints `1`, and `claude` says `Not logged in · Please run /login` or bills an Anthropic account.

## Why

The line sets a variable of the shell alone: `NAME=1` without `export` in bash and zsh, `set NAME 1` without `-x` in fish, `let` in nushell.
The shell shows it to you and gives it to no program that it starts.

## Fix

bash, zsh, sh: `export NAME=value`. fish: `set -gx NAME value`. csh: `setenv NAME value`. nushell: `$env.NAME = 'value'`.

## Check

Open a new terminal: `env | grep CLAUDE_CODE_USE_BEDROCK` shows the variable.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let login = local::login_kind(case);
    let kinds = local::kinds_in_use(case);
    let mut all: Vec<Found> =
        kinds.into_iter().flat_map(|(kind, works_in)| of(case, kind, works_in, Some(kind) == login)).collect();
    all.extend(login.map(|kind| in_sourced_files(case, kind)).unwrap_or_default());
    all
}

/// Lines in the files of one kind of shell that set a variable for the shell alone.
fn of(case: &Case<'_>, kind: ShellKind, works_in: bool, login: bool) -> Vec<Found> {
    let lines = local::assignments(case, kind);
    let given = |name: &str| {
        lines.iter().any(|(_, line)| line.name == name && line.effect == Effect::Export)
            || local::blocks_of(case, kind).iter().any(|block| block.values.contains_key(name))
            || local::settings_winner(case, name).is_some()
            || case.machine.environment.get(name).is_some()
    };
    let reports = |wanted: fn(Option<&str>) -> bool, name: &str| {
        local::fresh(case, kind).iter().any(|shell| shell.environment().is_some_and(|env| wanted(env.get(name))))
    };
    // The login shell was asked. Of another one it is known that this process, a child of some shell, lacks the variable, and
    // so does every new terminal.
    let lost = |name: &str| {
        if login {
            reports(|value| value.is_none(), name) && !reports(|value| value.is_some(), name)
        } else {
            local::in_effect(case, name).is_none() && (works_in || name == variables::USE_BEDROCK)
        }
    };
    let mut all = Vec::new();
    for (at, (file, line)) in lines.iter().enumerate() {
        let last = !lines[at + 1..].iter().any(|(_, later)| later.name == line.name && later.effect == Effect::SetOnly);
        let routes = variables::ROUTING.contains(&line.name.as_str());
        // A computed value may be a step on the way to another line; the switch is set for one purpose only.
        let meant = line.value.as_deref().is_some_and(|value| !value.is_empty()) || line.name == variables::USE_BEDROCK;
        if line.effect != Effect::SetOnly || !last || !routes || !meant || given(&line.name) || !lost(&line.name) {
            continue;
        }
        let place = format!("{}:{}", words::short(case, &file.path), line.line);
        let asked = if login { format!("a program started by a fresh {kind}") } else { "this process".to_owned() };
        let mut found =
            Found::new(format!("{} is set in {place} and not exported: programs do not get it.", line.name))
                .evidence(place.clone(), line.text.clone())
                .evidence(asked, format!("lacks {}", line.name));
        let text = format!("Write the line with {}.", how(kind));
        let by_hand = match exported(kind, line) {
            Some(export) => hand::edit_line(case, format!("Change {place} to: {export}"), &file.path, line.line),
            None => hand::edit_line(case, text, &file.path, line.line),
        };
        found = found.fix(by_hand.repaired_by(repair(kind, case, file, line)));
        if let Some(export) = exported(kind, line).filter(|_| login) {
            found = found.fix(crate::diagnose::Fix::command("For this terminal alone.", export));
        }
        all.push(consequences(&line.name).iter().fold(found, |found, name| found.explains(name)));
    }
    all
}

/// The change that exports the variable: a word before the line, else the line in the form of the shell.
fn repair(kind: ShellKind, case: &Case<'_>, file: &RcFile, line: &Assignment) -> Option<Repair> {
    let plain = line.text.starts_with(&format!("{}=", line.name));
    let change = match file.shell.syntax() {
        Syntax::Posix if plain => LineChange::Prefix("export "),
        _ => LineChange::Replace(exported(kind, line)?),
    };
    repairs::line(case, file, line, change)
}

/// The line as it should be, unless that would show a secret or the value is not known.
fn exported(kind: ShellKind, line: &Assignment) -> Option<String> {
    let value = line.value.as_deref().filter(|_| !variables::is_secret(&line.name))?;
    Some(words::export_in(kind, &line.name, value))
}

/// How a shell passes a variable on.
pub(super) fn how(kind: ShellKind) -> &'static str {
    match kind {
        ShellKind::Fish => "`set -gx NAME value`",
        ShellKind::Tcsh | ShellKind::Csh => "`setenv NAME value`",
        ShellKind::Nushell => "`$env.NAME = 'value'`",
        ShellKind::Elvish => "`set-env NAME value`",
        ShellKind::Xonsh => "`$NAME = 'value'`",
        ShellKind::PowerShell => "`$env:NAME = 'value'`",
        _ => "`export NAME=value`",
    }
}

/// What follows where a variable is not there at all.
pub(super) fn consequences(name: &str) -> &'static [&'static str] {
    match name {
        variables::USE_BEDROCK => &["not-configured"],
        variables::REGION | variables::DEFAULT_REGION => &["region-missing"],
        variables::PROFILE | variables::BEARER_TOKEN | variables::ACCESS_KEY_ID | variables::SECRET_ACCESS_KEY => {
            &["no-credentials"]
        }
        "HTTPS_PROXY" => &["dns-failed", "no-answer", "connection-refused"],
        "NODE_EXTRA_CA_CERTS" => &["tls-untrusted"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;
    use crate::shell::ShellKind;
    use crate::variables;

    fn fish(effect: Effect) -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.login_shell(ShellKind::Fish);
        scene.rc_file(".config/fish/config.fish", ShellKind::Fish);
        scene.rc_line(".config/fish/config.fish", variables::USE_BEDROCK, Some("1"), effect);
        scene
    }

    #[test]
    fn fish_set_without_x() {
        let scene = fish(Effect::SetOnly);
        let finding = scene.expect_first("variable-not-exported");
        assert!(finding.fixes[0].text.ends_with("set -gx CLAUDE_CODE_USE_BEDROCK 1"), "{finding:?}");
        assert_eq!(finding.fixes[1].command.as_deref(), Some("set -gx CLAUDE_CODE_USE_BEDROCK 1"));
        assert_eq!(scene.expect("not-configured").because_of, Some("variable-not-exported"));
    }

    #[test]
    fn an_export_further_down_is_enough() {
        let mut scene = fish(Effect::SetOnly);
        scene.rc_line(".config/fish/config.fish", variables::USE_BEDROCK, Some("1"), Effect::Export);
        scene.shells_say(variables::USE_BEDROCK, "1");
        scene.expect_absent("variable-not-exported");
    }

    #[test]
    fn a_shell_that_passes_it_on_all_the_same_is_well() {
        let mut scene = fish(Effect::SetOnly);
        scene.shells_say(variables::USE_BEDROCK, "1");
        scene.expect_absent("variable-not-exported");
    }

    #[test]
    fn a_shell_beside_the_login_shell() {
        let mut scene = fish(Effect::SetOnly);
        scene.login_shell(ShellKind::Bash);
        let finding = scene.expect_first("variable-not-exported");
        assert!(finding.fixes[0].text.ends_with("set -gx CLAUDE_CODE_USE_BEDROCK 1"), "{finding:?}");
        // What is in effect by other means makes it idle.
        scene.set(variables::USE_BEDROCK, "1");
        scene.expect_absent("variable-not-exported");
        // Another variable in its files is its own affair, unless somebody works in it.
        let mut scene = Scene::healthy();
        scene.rc_file(".config/fish/config.fish", ShellKind::Fish);
        scene.rc_line(".config/fish/config.fish", variables::PROFILE, Some("work"), Effect::SetOnly);
        scene.expect_absent("variable-not-exported");
        scene.machine.environment.set("SHELL", "/usr/bin/fish");
        scene.expect("variable-not-exported");
    }

    #[test]
    fn nushell_let() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.login_shell(ShellKind::Nushell);
        scene.rc_file(".config/nushell/config.nu", ShellKind::Nushell);
        scene.rc_line(".config/nushell/config.nu", variables::USE_BEDROCK, Some("1"), Effect::SetOnly);
        let finding = scene.expect_first("variable-not-exported");
        assert!(finding.fixes[0].text.contains("$env.CLAUDE_CODE_USE_BEDROCK = "), "{finding:?}");
    }

    #[test]
    fn a_secret_is_not_written_into_a_command() {
        let mut scene = Scene::healthy();
        scene.rc_line(".bashrc", variables::BEARER_TOKEN, Some("bedrock-api-key-SECRET"), Effect::SetOnly);
        let finding = scene.expect("variable-not-exported");
        assert!(finding.fixes.iter().all(|fix| !format!("{fix:?}").contains("SECRET")), "{finding:?}");
    }

    #[test]
    fn the_healthy_machine_exports() {
        Scene::healthy().expect_absent("variable-not-exported");
    }
}
