//! Whether the switch that some rc file holds reaches the shells that people start, and if not, where it is lost.

use std::path::Path;

use crate::diagnose::{Case, local};
use crate::observe::rc_files::{Effect, Guard, RcFile, RcState};
use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::shell::{Mode, ShellKind};
use crate::variables;

/// A place in an rc file that turns Bedrock on.
#[derive(Debug, Clone, Copy)]
pub struct Carrier<'a> {
    /// The file.
    pub file: &'a RcFile,
    /// The line.
    pub line: usize,
    /// It is a block of ours, not a line written by hand.
    pub block: bool,
}

/// How the switch is lost on its way from a file into shells.
#[derive(Debug)]
pub struct Lost<'a> {
    /// The shell that it should reach.
    pub kind: ShellKind,
    /// Where it is set.
    pub carriers: Vec<Carrier<'a>>,
    /// Shells that have it.
    pub have: Vec<&'a FreshShell>,
    /// Shells that lack it though the kind can have it.
    pub lack: Vec<&'a FreshShell>,
    /// Where it is lost.
    pub at: At,
    /// This process has the switch: the terminal at hand is well.
    pub loaded: bool,
}

/// Where the switch is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// It stands in the files of another shell only.
    OtherShell,
    /// No shell of the lacking kind opens the file.
    NotOpened,
    /// The file is opened, and control does not arrive.
    NotReached,
}

impl Lost<'_> {
    /// Only what launchers start (`-l -c`) lacks it; terminals have it.
    pub fn for_launchers_only(&self) -> bool {
        self.lack.iter().all(|shell| shell.mode == Mode::LoginCommand)
    }

    /// Every terminal has it: this one, and new ones that are no login shells.
    pub fn terminals_have_it(&self) -> bool {
        self.loaded && self.have.iter().any(|shell| shell.mode == Mode::Interactive)
    }

    /// It is set by a block of ours.
    pub fn by_block(&self) -> bool {
        self.carriers.iter().any(|carrier| carrier.block)
    }
}

/// Looks whether the switch is lost between a file and the fresh shells of the login shell. `None` where it arrives, where
/// no file sets it, where settings give it anyway, and where the shells could not be asked.
pub fn lost<'a>(case: &Case<'a>) -> Option<Lost<'a>> {
    let kind = local::login_kind(case)?;
    let by_settings = local::settings_winner(case, variables::USE_BEDROCK);
    if by_settings.is_some_and(|(_, entry)| variables::is_truthy(&entry.value)) {
        return None;
    }
    let loaded = is_loaded(case);
    let leaves = case.machine.guards.iter().any(|guard| ["exec ", "tmux"].iter().any(|word| guard.text.contains(word)));
    let shells = local::fresh(case, kind);
    let asked = shells.into_iter().filter(|shell| can_have(kind, shell.mode));
    let (mut have, mut lack) = (Vec::new(), Vec::new());
    for shell in asked {
        match &shell.outcome {
            // Another value than ours is another cause.
            ShellOutcome::Reported { environment, .. } if environment.get(variables::USE_BEDROCK).is_some() => {
                have.push(shell)
            }
            // It went over to another program (tmux, another shell), which without a terminal it could not follow.
            ShellOutcome::EndedEarly { status, stderr }
                if loaded && leaves && (*status == Some(0) || stderr.contains("not a terminal")) => {}
            ShellOutcome::Reported { .. } | ShellOutcome::EndedEarly { .. } => lack.push(shell),
            ShellOutcome::TimedOut | ShellOutcome::NotStarted(_) | ShellOutcome::NoSuchMode => {}
        }
    }
    let all = carriers(case);
    let unset = local::assignments(case, kind);
    if lack.is_empty()
        || all.is_empty()
        || unset.iter().any(|(_, line)| line.effect == Effect::Unset && line.name == variables::USE_BEDROCK)
    {
        return None;
    }
    let own: Vec<Carrier<'a>> = all.iter().copied().filter(|carrier| reads(kind, carrier.file)).collect();
    if own.is_empty() {
        return have.is_empty().then_some(Lost { kind, carriers: all, have, lack, at: At::OtherShell, loaded });
    }
    let opened = |shell: &&FreshShell| {
        let ended = matches!(shell.outcome, ShellOutcome::EndedEarly { .. });
        let by_itself =
            own.iter().any(|carrier| opens(kind, shell.mode, &carrier.file.path) && !is_hidden(case, carrier.file));
        // A login file that sources `.bashrc` does so for `-l -c` too: there a guard in it turns back.
        let sourced = kind == ShellKind::Bash
            && shell.mode == Mode::LoginCommand
            && have.iter().any(|other| other.mode == Mode::Login);
        ended || by_itself || sourced
    };
    let at = if lack.iter().any(opened) { At::NotReached } else { At::NotOpened };
    Some(Lost { kind, carriers: own, have, lack, at, loaded })
}

/// This process has the switch.
fn is_loaded(case: &Case<'_>) -> bool {
    case.machine.environment.get(variables::USE_BEDROCK).is_some_and(variables::is_truthy)
}

/// Every place in an rc file that turns Bedrock on for every program.
fn carriers<'a>(case: &Case<'a>) -> Vec<Carrier<'a>> {
    let mut carriers = Vec::new();
    let here = is_loaded(case);
    // bash may hide that file behind another one.
    let inherited = here && local::login_kind(case) != Some(ShellKind::Bash);
    for block in local::blocks(case) {
        if inherited && block.file.path.ends_with(".profile") {
            continue;
        }
        if block.values.get(variables::USE_BEDROCK).is_some_and(|value| variables::is_truthy(value)) {
            carriers.push(Carrier { file: block.file, line: block.last_line, block: true });
        }
    }
    for file in &case.machine.rc_files {
        let RcState::Read { assignments, .. } = &file.state else { continue };
        // Sessions read system-wide files and `~/.profile` before any shell starts, and terminals inherit what they set;
        // a fresh shell, which inherits nothing, proves nothing about them.
        let by_session = !file.path.starts_with(&case.machine.home) || (here && file.path.ends_with(".profile"));
        if by_session {
            continue;
        }
        let on = assignments.iter().find(|line| {
            line.name == variables::USE_BEDROCK
                && line.effect == Effect::Export
                && line.value.as_deref().is_some_and(variables::is_truthy)
        });
        carriers.extend(on.map(|line| Carrier { file, line: line.line, block: false }));
    }
    carriers
}

/// The file is one of a kind of shell, or has the name of one.
fn reads(kind: ShellKind, file: &RcFile) -> bool {
    file.shell == kind || Mode::ALL.iter().any(|mode| opens(kind, *mode, &file.path))
}

/// Whether a kind of shell can be given a variable in a mode at all by the files that `setup` writes.
fn can_have(kind: ShellKind, mode: Mode) -> bool {
    match kind {
        ShellKind::Sh | ShellKind::Yash => mode != Mode::Interactive,
        ShellKind::Elvish => mode == Mode::Interactive,
        _ => true,
    }
}

/// Whether a kind of shell opens a file of that name by itself in a mode, as far as the name tells.
fn opens(kind: ShellKind, mode: Mode, file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let login = mode != Mode::Interactive;
    let interactive = mode != Mode::LoginCommand;
    match (kind, name) {
        (ShellKind::Bash, ".bashrc") => mode == Mode::Interactive,
        (ShellKind::Bash, ".bash_profile" | ".bash_login" | ".profile") => login,
        (ShellKind::Zsh, ".zshenv") => true,
        (ShellKind::Zsh, ".zprofile" | ".zlogin") => login,
        (ShellKind::Zsh, ".zshrc") => interactive,
        (ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh, ".profile") | (ShellKind::Yash, ".yash_profile") => login,
        (ShellKind::Ksh, ".kshrc") | (ShellKind::Mksh, ".mkshrc") | (ShellKind::Yash, ".yashrc") => interactive,
        (ShellKind::Tcsh, ".tcshrc" | ".cshrc") | (ShellKind::Csh, ".cshrc") => true,
        (ShellKind::Tcsh | ShellKind::Csh, ".login") | (ShellKind::Nushell, "login.nu") => login,
        (ShellKind::Nushell, "config.nu" | "env.nu") => true,
        (ShellKind::Fish, "config.fish") | (ShellKind::Xonsh, ".xonshrc" | "rc.xsh") => true,
        (ShellKind::Fish, _) => file.parent().is_some_and(|parent| parent.ends_with("fish/conf.d")),
        (ShellKind::Elvish, "rc.elv") => mode == Mode::Interactive,
        (ShellKind::PowerShell, "profile.ps1" | "Microsoft.PowerShell_profile.ps1") => true,
        _ => false,
    }
}

/// Whether the shell reads another file in place of this one.
pub fn is_hidden(case: &Case<'_>, file: &RcFile) -> bool {
    hidden_by(case, file).is_some()
}

/// The file that the shell reads in place of this one: bash only the first of its login files, tcsh `.tcshrc` before `.cshrc`,
/// and what `ZDOTDIR` and `XDG_CONFIG_HOME` have moved.
pub fn hidden_by<'a>(case: &Case<'a>, file: &RcFile) -> Option<&'a Path> {
    if let Some((_, instead)) = case.machine.moved.iter().find(|(path, _)| *path == file.path) {
        return Some(instead);
    }
    let order: &[&str] = match file.shell {
        ShellKind::Bash => &[".bash_profile", ".bash_login", ".profile"],
        ShellKind::Tcsh => &[".tcshrc", ".cshrc"],
        _ => return None,
    };
    let place = |path: &Path| order.iter().position(|name| path.file_name().is_some_and(|own| own == *name));
    let own = place(&file.path)?;
    let earlier = case.machine.rc_files.iter().filter(|other| {
        other.shell == file.shell
            && other.state != RcState::Missing
            && place(&other.path).is_some_and(|first| first < own)
    });
    earlier.min_by_key(|other| place(&other.path)).map(|other| other.path.as_path())
}

/// The line of the login file that bash opens by which a login shell ends before it is ready, where that file is none of those
/// that set the switch: `exec zsh -l` in `.bash_profile`.
pub fn ended_by_login_file<'a>(case: &Case<'a>, lost: &Lost<'_>) -> Option<&'a Guard> {
    let login_only = lost.lack.iter().all(|shell| shell.mode != Mode::Interactive);
    let ended = lost.lack.iter().any(|shell| matches!(shell.outcome, ShellOutcome::EndedEarly { .. }));
    if lost.kind != ShellKind::Bash || !login_only || !ended {
        return None;
    }
    let names = [".bash_profile", ".bash_login", ".profile"];
    let is_login = |file: &&RcFile| names.iter().any(|name| file.path == case.machine.home.join(name));
    let files = case.machine.rc_files.iter().filter(|file| file.shell == ShellKind::Bash && is_login(file));
    let opened = files.into_iter().find(|file| file.state != RcState::Missing && !is_hidden(case, file))?;
    if lost.carriers.iter().any(|carrier| carrier.file.path == opened.path) {
        return None;
    }
    let guards = case.machine.guards.iter().filter(|guard| guard.path == opened.path);
    guards.into_iter().find(|guard| ["exec ", "exit"].iter().any(|word| guard.text.contains(word)))
}

/// The kind of shell that a line hands over to: `exec /usr/bin/zsh -l`.
pub fn hands_over_to(guard: &Guard) -> Option<ShellKind> {
    let (_, rest) = guard.text.split_once("exec ")?;
    let program = rest.split_whitespace().find(|word| !word.starts_with('-'))?;
    ShellKind::from_program(Path::new(program.trim_matches(['"', '\'', ';'])))
}

/// Fresh shells by their modes, for a sentence.
pub fn modes(shells: &[&FreshShell]) -> String {
    shells.iter().map(|shell| shell.mode.name()).collect::<Vec<_>>().join(", ")
}
