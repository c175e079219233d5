//! `block-not-reached`: the file is opened, and control never arrives at the block.

use super::reach::{At, lost, modes};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::observe::shells::ShellOutcome;

/// The file is opened, and control never arrives at the block.
pub const KIND: Kind = Kind {
    name: "block-not-reached",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The shell opens the file and leaves it before the block",
    page: PAGE,
    owns: &["not-configured"],
    detect,
};

const PAGE: &str = "\
## What you see

The terminal works, and editors, launchers and scripts that start `bash -l -c` do not: `Not logged in · Please run /login`. Or no shell has
the values, and each new terminal prints an error such as `syntax error near unexpected token`.

## Why

Something above the block leaves the file: the guard of many distributions (`case $- in *i*) ;; *) return;; esac`, or
`[[ $- != *i* ]] && return`), a `return`, `exit` or `exec`, or a syntax error.

## Fix

Move the block above that line. For programs that start without an interactive shell, the settings of Claude Code are the better place:

    bedrockup setup --target settings

## Check

`bash -l -c 'echo $CLAUDE_CODE_USE_BEDROCK'`, with your shell's name, prints `1`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(lost) = lost(case).filter(|lost| lost.at == At::NotReached) else { return Vec::new() };
    if lost.for_launchers_only() && !lost.by_block() {
        // Lines by hand below a distribution's guard: every terminal has them, and nobody promised more.
        return Vec::new();
    }
    let Some(carrier) = lost.carriers.first() else { return Vec::new() };
    // Where several lines could leave the file, the last one above the block is named; the shell's own words stand beside.
    let guard = case.machine.guards.iter().rfind(|guard| guard.path == carrier.file.path && guard.line < carrier.line);
    // The shells that are asked have no terminal, and this one has.
    if lost.loaded
        && guard
            .is_some_and(|guard| ["-t 0", "-t 1", "-t 2", "$(tty", "`tty"].iter().any(|test| guard.text.contains(test)))
    {
        return Vec::new();
    }
    let file = words::short(case, &carrier.file.path);
    let mut found = Found::new(format!(
        "{file} is opened, and a {} {} shell leaves it before line {}.",
        modes(&lost.lack),
        lost.kind,
        carrier.line
    ))
    .evidence(format!("{file}:{}", carrier.line), if carrier.block { "the block ends here" } else { "it is set here" });
    if lost.terminals_have_it() && lost.for_launchers_only() {
        found = found.severity(Severity::Warning);
    }
    if !lost.have.is_empty() {
        found = found.evidence(format!("fresh {}, {}", lost.kind, modes(&lost.have)), "has CLAUDE_CODE_USE_BEDROCK");
    }
    for shell in &lost.lack {
        let what = match &shell.outcome {
            ShellOutcome::EndedEarly { status, stderr } => {
                let status = status.map_or_else(|| "by a signal".to_owned(), |status| format!("with status {status}"));
                format!("ended {status} before it was ready{}", first_line(stderr))
            }
            ShellOutcome::Reported { stderr, .. } => format!("lacks CLAUDE_CODE_USE_BEDROCK{}", first_line(stderr)),
            _ => continue,
        };
        found = found.evidence(format!("fresh {}, {}", lost.kind, shell.mode.name()), what);
    }
    let (line, what) = match guard {
        Some(guard) => {
            found = found.evidence(format!("{file}:{}", guard.line), format!("leaves the file early: {}", guard.text));
            (guard.line, format!("line {}: `{}`", guard.line, guard.text))
        }
        None => (
            carrier.line,
            "a `return` for shells that are not interactive, `exit`, `exec`, or the line of the error".to_owned(),
        ),
    };
    let text = format!("Move the lines above what leaves {file} early ({what}).");
    let repair = repairs::block(case).filter(|_| carrier.block && Some(lost.kind) == local::login_kind(case));
    found = found.fix(hand::edit_line(case, text, &carrier.file.path, line).repaired_by(repair)).fix(Fix::command(
        "Or give the values to Claude Code itself, whatever starts it.",
        "bedrockup setup --target settings",
    ));
    vec![found]
}

/// The first line of standard error, as the end of a sentence.
fn first_line(stderr: &str) -> String {
    let line = stderr.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(String::new, |line| format!("; it says: {line}"))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Guard;
    use crate::observe::shells::ShellOutcome;
    use crate::shell::{Mode, ShellKind};
    use crate::variables;

    #[test]
    fn a_guard_turns_launchers_back() {
        let mut scene = Scene::healthy();
        scene.block_only_in(".bashrc", ShellKind::Bash);
        scene.shells_lack(&[Mode::LoginCommand]);
        let finding = scene.expect_first("block-not-reached");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +10 ~/.bashrc"));
        scene.expect_absent("block-not-read-by-shell");
    }

    #[test]
    fn the_guard_is_quoted() {
        let mut scene = Scene::healthy();
        scene.block_only_in(".bashrc", ShellKind::Bash);
        scene.shells_lack(&[Mode::LoginCommand]);
        let path = scene.machine.home.join(".bashrc");
        scene.machine.guards.push(Guard { path, line: 2, text: "[[ $- != *i* ]] && return".to_owned() });
        let finding = scene.expect_first("block-not-reached");
        assert!(finding.fixes[0].text.contains("[[ $- != *i* ]] && return"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("vi +2 ~/.bashrc"));
    }

    #[test]
    fn an_exit_above_the_block_ends_every_shell() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        for shell in &mut scene.machine.shells {
            shell.outcome =
                ShellOutcome::EndedEarly { status: Some(2), stderr: "~/.bashrc: line 2: syntax error\n".to_owned() };
        }
        let finding = scene.expect_first("block-not-reached");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("line 2: syntax error")), "{finding:?}");
    }

    #[test]
    fn what_only_a_shell_without_a_terminal_meets_is_no_fault() {
        // It goes over to tmux, or turns back where nobody sits at a terminal; in this terminal all is well.
        for (guard, ended) in [("exec tmux attach", true), ("[ -t 0 ] || return", false)] {
            let mut scene = Scene::healthy();
            let path = scene.machine.home.join(".bashrc");
            scene.machine.guards.push(Guard { path, line: 2, text: guard.to_owned() });
            for shell in &mut scene.machine.shells {
                match &mut shell.outcome {
                    outcome if ended => {
                        let stderr = "open terminal failed: not a terminal\n".to_owned();
                        *outcome = ShellOutcome::EndedEarly { status: Some(1), stderr };
                    }
                    ShellOutcome::Reported { environment, .. } => {
                        environment.remove(variables::USE_BEDROCK);
                    }
                    _ => {}
                }
            }
            scene.expect_absent("block-not-reached");
            scene.expect_absent("block-not-read-by-shell");
            scene.machine.environment.remove(variables::USE_BEDROCK);
            scene.expect("block-not-reached");
        }
    }

    #[test]
    fn shells_that_could_not_be_asked_prove_nothing() {
        let mut scene = Scene::healthy();
        for shell in &mut scene.machine.shells {
            shell.outcome = ShellOutcome::TimedOut;
        }
        scene.expect_absent("block-not-reached");
        scene.expect_absent("block-not-read-by-shell");
    }

    #[test]
    fn the_healthy_machine_reaches_its_block() {
        Scene::healthy().expect_absent("block-not-reached");
    }
}
