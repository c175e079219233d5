//! `wrong-shell-syntax`: a line is written in the language of another shell.

use crate::change::fix::{LineChange, Repair};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::observe::rc_files::{Assignment, Effect, RcFile, RcState};
use crate::shell::ShellKind;
use crate::variables;

/// A line is written in the language of another shell.
pub const KIND: Kind = Kind {
    name: "wrong-shell-syntax",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "A line is written in the language of another shell",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Each new terminal prints an error: `The term 'CLAUDE_CODE_USE_BEDROCK=1' is not recognized`, `The term 'export' is not recognized`,
`setenv: command not found`, `Unsupported use of '='`. Claude Code says `Not logged in · Please run /login`.

## Why

Each shell has its own way to set a variable. `export NAME=value` is that of bash and zsh, `setenv` that of csh, `set -gx` that of fish,
`$env:NAME = \"value\"` that of PowerShell. In the file of another shell the line is an error, or sets nothing.

## Fix

bedrockup setup --shell powershell

with the name of your shell writes the right form. PowerShell by hand: `$env:CLAUDE_CODE_USE_BEDROCK = \"1\"`.

## Check

A new terminal prints no error, and `bedrockup why` shows the value.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    local::kinds_in_use(case).into_iter().flat_map(|(kind, works_in)| of(case, kind, works_in)).collect()
}

/// Lines in the files of one kind of shell that are not in its language.
fn of(case: &Case<'_>, kind: ShellKind, works_in: bool) -> Vec<Found> {
    let mut all = Vec::new();
    for file in case.machine.rc_files.iter().filter(|file| file.shell == kind) {
        let RcState::Read { assignments, .. } = &file.state else { continue };
        let matters = |name: &str| {
            if works_in { variables::ROUTING.contains(&name) } else { name == variables::USE_BEDROCK }
        };
        let foreign = assignments.iter().filter(|line| line.effect == Effect::Foreign && matters(&line.name));
        // What arrives all the same (fish knows `export`) or is given elsewhere is well.
        let lost: Vec<_> = foreign.filter(|line| local::in_effect(case, &line.name).is_none()).collect();
        let Some(first) = lost.first() else { continue };
        let name = words::short(case, &file.path);
        let mut found = Found::new(format!("{name}:{} is not written in the language of {kind}.", first.line));
        for line in &lost {
            found = found.evidence(format!("{name}:{}", line.line), line.text.clone());
        }
        let value = first.value.as_deref().filter(|value| !value.is_empty() && !variables::is_secret(&first.name));
        let right = value.map(|value| words::export_in(kind, &first.name, value));
        let by_hand = right.map_or_else(String::new, |right| format!(" By hand: {right}"));
        let rewritten: Option<Vec<Repair>> = lost.iter().map(|line| rewritten(case, file, line)).collect();
        let by_setup = Fix::command(
            format!("Let setup write the form of {kind}, and remove the line.{by_hand}"),
            format!("bedrockup setup --shell {kind}"),
        );
        found = found.fix(by_setup.repaired_by(rewritten.unwrap_or_default())).fix(hand::edit_line(
            case,
            "Open the file at that line.",
            &file.path,
            first.line,
        ));
        all.push(["not-configured", "region-missing", "no-credentials"].into_iter().fold(found, Found::explains));
    }
    all
}

/// The line in the language of its file, where its value is a plain word and no secret.
fn rewritten(case: &Case<'_>, file: &RcFile, line: &Assignment) -> Option<Repair> {
    let value = line.value.as_deref().filter(|_| !variables::is_secret(&line.name))?;
    repairs::line(case, file, line, LineChange::Replace(words::export_in(file.shell, &line.name, value)))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;
    use crate::shell::ShellKind;
    use crate::variables;

    const PROFILE: &str = ".config/powershell/profile.ps1";

    fn powershell() -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.login_shell(ShellKind::PowerShell);
        scene.rc_file(PROFILE, ShellKind::PowerShell);
        scene.rc_line(PROFILE, variables::USE_BEDROCK, Some("1"), Effect::Foreign);
        scene.client_says("firstParty");
        scene
    }

    #[test]
    fn export_in_a_powershell_profile() {
        let scene = powershell();
        let finding = scene.expect_first("wrong-shell-syntax");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup setup --shell powershell"));
        assert!(finding.fixes[0].text.ends_with("$env:CLAUDE_CODE_USE_BEDROCK = '1'"), "{finding:?}");
        assert_eq!(scene.expect("not-configured").because_of, Some("wrong-shell-syntax"));
    }

    #[test]
    fn a_profile_of_a_shell_that_is_not_the_login_shell() {
        let mut scene = powershell();
        scene.login_shell(ShellKind::Bash);
        scene.expect_first("wrong-shell-syntax");
    }

    #[test]
    fn a_line_that_arrives_all_the_same_is_well() {
        let mut scene = powershell();
        scene.set(variables::USE_BEDROCK, "1");
        scene.expect_absent("wrong-shell-syntax");
        Scene::healthy().expect_absent("wrong-shell-syntax");
    }
}
