//! `block-not-read-by-shell`: the shell that starts `claude` never opens the file.

use super::reach::{At, Lost, hidden_by, lost, modes};
use std::path::Path;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::observe::rc_files::RcState;
use crate::shell::{Mode, ShellKind};

/// The shell that starts `claude` never opens the file.
pub const KIND: Kind = Kind {
    name: "block-not-read-by-shell",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The values stand in a file that the shell which starts `claude` never opens",
    page: PAGE,
    owns: &["not-configured"],
    detect,
};

const PAGE: &str = "\
## What you see

`Not logged in · Please run /login` although the variables were set long ago; it works in one kind of terminal and not in another
(the terminal of the editor, SSH, a new window).

## Why

Each shell reads its own files, and not all of them each time. zsh reads nothing of bash; a login file (`.zprofile`, `.bash_profile`,
`.profile`) is not read by a new window of most terminals; `.bashrc` is not read by a login shell unless the login file sources it; and
a `.bash_profile` hides `.profile`, a `.tcshrc` hides `.cshrc`; and with `ZDOTDIR` zsh, with `XDG_CONFIG_HOME` fish and others, read
their files in another directory. bedrockup started your login shell in each way and looked which of them have the value.

## Fix

    bedrockup setup --shell zsh

with the name of your shell moves the values to the fewest files that each kind of it reads. For bash login shells this line in
`~/.bash_profile` does it too:

    [ -f ~/.bashrc ] && . ~/.bashrc

## Check

Open a new terminal and run `bedrockup why CLAUDE_CODE_USE_BEDROCK`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(lost) = lost(case).filter(|lost| lost.at != At::NotReached) else { return Vec::new() };
    let for_launchers = lost.for_launchers_only();
    if for_launchers && !lost.by_block() {
        // Lines by hand in `.zshrc`: every terminal has them, and nobody promised more.
        return Vec::new();
    }
    let places: Vec<_> = lost.carriers.iter().map(|carrier| words::short(case, &carrier.file.path)).collect();
    let summary = match lost.at {
        At::OtherShell => {
            format!("Bedrock is switched on in {}, which {} never reads.", places.join(" and "), lost.kind)
        }
        _ => format!(
            "Bedrock is switched on in {}, which a {} {} shell does not read.",
            places.join(" and "),
            modes(&lost.lack),
            lost.kind
        ),
    };
    let mut found = Found::new(summary);
    let login_files = [".bash_profile", ".bash_login", ".profile"].map(|name| case.machine.home.join(name));
    let has_login_file =
        case.machine.rc_files.iter().any(|file| login_files.contains(&file.path) && file.state != RcState::Missing);
    if lost.terminals_have_it() && (for_launchers || lost.kind == ShellKind::Bash && !has_login_file) {
        // What this person uses is well, as far as it shows; over SSH, in tmux and on macOS new terminals are login shells.
        let logs_in = ["SSH_CONNECTION", "TMUX"].iter().any(|name| case.machine.environment.get(name).is_some());
        let spared = for_launchers || !(logs_in || cfg!(target_os = "macos"));
        found = found.severity(if spared { Severity::Note } else { Severity::Warning });
    } else if for_launchers {
        found = found.severity(Severity::Warning);
    }
    if let Some(shell) = &case.machine.login_shell {
        found = found.evidence(shell.from, format!("the login shell is {}", shell.program.display()));
    }
    for carrier in &lost.carriers {
        let is_there =
            |path: &Path| case.machine.rc_files.iter().any(|file| file.path == path && file.state != RcState::Missing);
        let hidden = hidden_by(case, carrier.file).filter(|_| carrier.file.shell == lost.kind);
        let hidden = hidden.map(|other| match is_there(other) {
            true => format!("; {} hides it: {} reads that one", words::short(case, other), lost.kind),
            false => format!("; {} looks for {} in its place", lost.kind, words::short(case, other)),
        });
        let hidden = hidden.unwrap_or_default();
        let what = if carrier.block { "the block is whole" } else { "it is set here" };
        found = found.evidence(
            format!("{}:{}", words::short(case, &carrier.file.path), carrier.line),
            format!("{what}{hidden}"),
        );
    }
    if !lost.have.is_empty() {
        found = found.evidence(format!("fresh {}, {}", lost.kind, modes(&lost.have)), "has CLAUDE_CODE_USE_BEDROCK");
    }
    found = found.evidence(format!("fresh {}, {}", lost.kind, modes(&lost.lack)), "lacks CLAUDE_CODE_USE_BEDROCK");
    let text = format!("Put the values where every {} reads them ({}).", lost.kind, good_files(lost.kind));
    let of_block = lost.carriers.iter().any(|carrier| carrier.block);
    let repair = repairs::block(case).filter(|_| of_block && Some(lost.kind) == local::login_kind(case));
    found = found.fix(Fix::command(text, format!("bedrockup setup --shell {}", lost.kind)).repaired_by(repair));
    if let Some(fix) = source_bashrc(case, &lost) {
        found = found.fix(fix);
    }
    vec![found]
}

/// For bash, the line that makes the login file read `.bashrc`.
fn source_bashrc(case: &Case<'_>, lost: &Lost<'_>) -> Option<Fix> {
    let in_bashrc = lost.carriers.iter().any(|carrier| carrier.file.path.ends_with(".bashrc"));
    if lost.kind != ShellKind::Bash || !in_bashrc || lost.lack.iter().all(|shell| shell.mode == Mode::Interactive) {
        return None;
    }
    let exists = |name: &&str| {
        let path = case.machine.home.join(name);
        case.machine.rc_files.iter().any(|file| file.path == path && file.state != RcState::Missing)
    };
    let login = [".bash_profile", ".bash_login", ".profile"].into_iter().find(exists).unwrap_or(".profile");
    let command =
        format!("echo '[ -f ~/.bashrc ] && . ~/.bashrc' >> {}", hand::path(case, &case.machine.home.join(login)));
    Some(Fix::command(format!("Or let bash's login file ~/{login} read ~/.bashrc."), command))
}

/// The files that a kind of shell surely reads.
fn good_files(kind: ShellKind) -> &'static str {
    match kind {
        ShellKind::Bash => "~/.bashrc and the login file that bash reads",
        ShellKind::Zsh => "~/.zshenv; ~/.zshrc for interactive shells alone",
        ShellKind::Fish => "config.fish",
        ShellKind::Sh => "~/.profile, and the file that ENV names",
        ShellKind::Ksh => "~/.profile and ~/.kshrc",
        ShellKind::Mksh => "~/.profile and ~/.mkshrc",
        ShellKind::Yash => "~/.yash_profile and ~/.yashrc",
        ShellKind::Tcsh => "~/.tcshrc or ~/.cshrc",
        ShellKind::Csh => "~/.cshrc",
        ShellKind::Nushell => "config.nu",
        ShellKind::Elvish => "rc.elv",
        ShellKind::Xonsh => "~/.xonshrc",
        ShellKind::PowerShell => "profile.ps1",
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;
    use crate::observe::settings::Scope;
    use crate::shell::{Mode, ShellKind};
    use crate::variables;

    #[test]
    fn a_block_of_bash_does_not_reach_zsh() {
        let mut scene = Scene::healthy();
        scene.login_shell(ShellKind::Zsh);
        scene.old_terminal();
        let finding = scene.expect_first("block-not-read-by-shell");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup setup --shell zsh"));
        assert_eq!(finding.severity, Severity::Error);
    }

    #[test]
    fn exports_in_a_login_file_do_not_reach_a_new_window() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.login_shell(ShellKind::Zsh);
        scene.rc_file(".zprofile", ShellKind::Zsh);
        scene.rc_line(".zprofile", variables::USE_BEDROCK, Some("1"), Effect::Export);
        scene.shells_say(variables::USE_BEDROCK, "1");
        scene.shells_lack(&[Mode::Interactive]);
        let finding = scene.expect_first("block-not-read-by-shell");
        assert!(finding.fixes[0].text.contains(".zshrc"));
    }

    #[test]
    fn bashrc_does_not_reach_a_login_shell_whose_file_does_not_source_it() {
        let mut scene = Scene::healthy();
        scene.block_only_in(".bashrc", ShellKind::Bash);
        scene.rc_file(".bash_profile", ShellKind::Bash);
        scene.shells_lack(&[Mode::Login, Mode::LoginCommand]);
        let finding = scene.expect_first("block-not-read-by-shell");
        assert!(finding.fixes[1].command.as_deref().unwrap_or_default().ends_with(">> ~/.bash_profile"), "{finding:?}");
    }

    #[test]
    fn a_bash_profile_hides_profile() {
        let mut scene = Scene::healthy();
        scene.block_only_in(".profile", ShellKind::Bash);
        scene.rc_file(".bash_profile", ShellKind::Bash);
        scene.shells_lack(&Mode::ALL);
        let finding = scene.expect_first("block-not-read-by-shell");
        assert!(finding.evidence.iter().any(|evidence| evidence.what.contains("hides")), "{finding:?}");
    }

    #[test]
    fn settings_that_give_the_values_make_the_file_idle() {
        let mut scene = Scene::healthy();
        scene.login_shell(ShellKind::Zsh);
        scene.settings_env(Scope::User, &[(variables::USE_BEDROCK, "1")]);
        scene.expect_absent("block-not-read-by-shell");
    }

    #[test]
    fn exports_by_hand_in_zshrc_are_healthy() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.login_shell(ShellKind::Zsh);
        scene.rc_file(".zshrc", ShellKind::Zsh);
        scene.rc_line(".zshrc", variables::USE_BEDROCK, Some("1"), Effect::Export);
        scene.shells_say(variables::USE_BEDROCK, "1");
        scene.shells_lack(&[Mode::LoginCommand]);
        scene.expect_absent("block-not-read-by-shell");
        scene.expect_absent("block-not-reached");
    }

    #[test]
    fn what_the_session_hands_down_is_not_lost() {
        for (path, shell) in [("/etc/environment", ShellKind::Bash), ("/home/ada/.profile", ShellKind::Bash)] {
            let mut scene = Scene::healthy();
            scene.forget_block();
            scene.rc_file(path, shell);
            scene.rc_line(path, variables::USE_BEDROCK, Some("1"), Effect::Export);
            scene.machine.environment.set(variables::USE_BEDROCK, "1");
            scene.expect_absent("block-not-read-by-shell");
            scene.expect_absent("block-not-reached");
        }
    }

    #[test]
    fn the_healthy_machine_reads_its_block() {
        Scene::healthy().expect_absent("block-not-read-by-shell");
    }
}
