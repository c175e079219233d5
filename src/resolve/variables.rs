//! Every place that sets a routing variable, who wins, and the environment that the client ends up with.

use crate::observe::Machine;
use crate::observe::rc_files::{Assignment, BlockState, Effect, RcFile, RcState};
use crate::observe::settings::{Scope, SettingsFile};
use crate::observe::wrappers::{Wrapper, WrapperKind};
use crate::resolve::{Place, Setting, Source, Variable};
use crate::shell::{Mode, ShellKind};
use crate::variables::{
    ACCESS_KEY_ID, COMPANIONS, ROUTING, SECRET_ACCESS_KEY, SESSION_TOKEN, SKIP_AUTH, USE_BEDROCK, is_secret, is_truthy,
};
use crate::world::Env;

/// What this file finds out.
pub struct Resolved {
    /// Each routing variable that some place sets.
    pub variables: Vec<Variable>,
    /// Each of the other known variables that some place sets.
    pub companions: Vec<Variable>,
    /// The environment of the client once its settings are applied.
    pub effective: Env,
}

/// Looks at all places, strongest first: settings files, the `claude` function of a block, what else stands before the client
/// by that name, this process, a fresh shell, rc files.
pub fn resolve(machine: &Machine) -> Resolved {
    let fresh = fresh_environment(machine);
    let mut effective = machine.environment.clone();
    apply_unknown_settings(machine, &mut effective);
    let mut look_at = |names: &[&'static str]| -> Vec<Variable> {
        names.iter().filter_map(|name| one(machine, fresh, &mut effective, name)).collect()
    };
    let (variables, companions) = (look_at(&ROUTING), look_at(&COMPANIONS));
    Resolved { variables, companions, effective }
}

/// All places that set one variable; the strongest of those that are really there goes into the environment.
fn one(machine: &Machine, fresh: Option<&Env>, effective: &mut Env, name: &'static str) -> Option<Variable> {
    let mut settings = from_settings(machine, name);
    settings.extend(from_function(machine, name));
    settings.extend(from_wrappers(machine, name));
    let process = machine.environment.get(name);
    if let Some(value) = process {
        let place = place_of(machine, name, value).or_else(|| in_directory(machine, name, value));
        let source = Source::Environment { place };
        settings.push(Setting { value: value.to_owned(), source });
    }
    let reported = fresh.and_then(|env| env.get(name)).filter(|value| process != Some(*value));
    if let Some((value, shell)) = reported.zip(login_kind(machine))
        && may_come_from_a_new_shell(machine, name)
    {
        let place = place_of(machine, name, value);
        settings.push(Setting { value: value.to_owned(), source: Source::NewShell { shell, place } });
    }
    if let Some(setting) = settings.first() {
        effective.set(name, &setting.value);
    }
    let somebody = settings.iter().any(|setting| !setting.value.is_empty());

    // Lines that no shell reports are told, and are never in effect.
    for setting in from_rc_files(machine, name) {
        if !settings.iter().any(|known| place(&known.source) == place(&setting.source)) {
            settings.push(setting);
        }
    }
    if settings.is_empty() {
        return None;
    }
    let winner = somebody.then(|| settings.remove(0));
    Some(Variable { name, winner, losers: settings })
}

/// What a new terminal's shell reports: interactive; for a plain `sh`, which reads no file when it is interactive, login.
fn fresh_environment(machine: &Machine) -> Option<&Env> {
    let kind = login_kind(machine)?;
    let report = |mode: Mode| {
        machine
            .shells
            .iter()
            .find(|shell| shell.kind == kind && shell.mode == mode)
            .and_then(|shell| shell.environment())
    };
    let login_first = matches!(kind, ShellKind::Sh);
    let modes = if login_first { [Mode::Login, Mode::Interactive] } else { [Mode::Interactive, Mode::Login] };
    modes.into_iter().find_map(report)
}

fn login_kind(machine: &Machine) -> Option<ShellKind> {
    machine.login_shell.as_ref().map(|shell| shell.kind)
}

/// The three key variables are one set: where the process has its own key id, a secret or a token of the new shell
/// belongs to another one.
fn may_come_from_a_new_shell(machine: &Machine, name: &str) -> bool {
    !(matches!(name, SECRET_ACCESS_KEY | SESSION_TOKEN)
        && machine.environment.get(name).is_none()
        && machine.environment.non_empty(ACCESS_KEY_ID).is_some())
}

/// Settings files, strongest first.
pub fn settings_files(machine: &Machine) -> Vec<&SettingsFile> {
    let mut files: Vec<&SettingsFile> = machine.settings.iter().collect();
    files.sort_by_key(|file| file.scope);
    files
}

fn from_settings(machine: &Machine, name: &str) -> Vec<Setting> {
    if is_ignored_in_settings(machine, name) {
        return Vec::new();
    }
    settings_files(machine)
        .into_iter()
        .filter_map(|file| {
            let entry = file.settings()?.env.get(name)?;
            let place = Place { path: file.path.clone(), line: entry.line };
            Some(Setting { value: entry.value.clone(), source: Source::Settings { scope: file.scope, place } })
        })
        .collect()
}

/// A host application that manages the provider has the last word over settings files: region, profile and models in them
/// are ignored with the switches (measured).
fn is_ignored_in_settings(machine: &Machine, name: &str) -> bool {
    let is_provider_variable =
        ["AWS_", "ANTHROPIC_", "CLAUDE_CODE_USE_"].iter().any(|prefix| name.starts_with(prefix)) || name == SKIP_AUTH;
    is_provider_variable && machine.environment.get("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST").is_some_and(is_truthy)
}

/// `--scope claude`: the function sets the variables for each `claude` that is typed, over what the shell exports.
fn from_function(machine: &Machine, name: &str) -> Option<Setting> {
    let shell = login_kind(machine)?;
    machine.rc_files.iter().filter(|file| file.shell == shell).find_map(|file| match block(file)? {
        BlockState::Whole { first_line, lines, values, claude_only: true, .. } => {
            let line = *lines.get(name).unwrap_or(first_line);
            let place = Some(Place { path: file.path.clone(), line });
            Some(Setting { value: values.get(name)?.clone(), source: Source::NewShell { shell, place } })
        }
        _ => None,
    })
}

/// A value that an alias, a function or a script of that name gives for certain; the one nearest to the client wins. What they
/// take away, and a switch that they turn off, is left in place here: a finding says so, and the route that was meant is shown.
fn from_wrappers(machine: &Machine, name: &str) -> Option<Setting> {
    wrappers(machine).rev().find_map(|wrapper| {
        let (_, value, _) = wrapper.launch.sets().into_iter().find(|(set, ..)| *set == name)?;
        if value.is_empty() || (name == USE_BEDROCK && !is_truthy(value)) {
            return None;
        }
        let place = wrapper.place.as_ref().map(|(path, line)| Place { path: path.clone(), line: *line });
        let source = match (wrapper.kind, login_kind(machine)) {
            (WrapperKind::Alias | WrapperKind::Function, Some(shell)) => Source::NewShell { shell, place },
            _ => Source::Environment { place },
        };
        Some(Setting { value: value.to_owned(), source })
    })
}

/// What stands before the client by its name, outermost first, without the function of a block of ours.
pub fn wrappers(machine: &Machine) -> impl DoubleEndedIterator<Item = &Wrapper> {
    let login = login_kind(machine);
    let ours = machine.rc_files.iter().any(|file| {
        Some(file.shell) == login && matches!(block(file), Some(BlockState::Whole { claude_only: true, .. }))
    });
    machine.wrappers.iter().filter(move |wrapper| !ours || wrapper.kind != WrapperKind::Function)
}

/// All lines and blocks of rc files that set the variable; each place once, also where several shells read it.
fn from_rc_files(machine: &Machine, name: &str) -> Vec<Setting> {
    let mut found: Vec<Setting> = Vec::new();
    for file in by_login_shell(machine) {
        for (line, value) in lines(file, name) {
            let source = Source::RcFile(Place { path: file.path.clone(), line });
            // A value that the line computes is not known; the place is what helps.
            let setting = Setting { value: value.unwrap_or_default(), source };
            if !found.iter().any(|known| known.source == setting.source) {
                found.push(setting);
            }
        }
    }
    found
}

/// Blocks and exporting lines of a file in their order: the line and the literal value, if it is one.
fn lines(file: &RcFile, name: &str) -> Vec<(usize, Option<String>)> {
    let RcState::Read { block, assignments } = &file.state else { return Vec::new() };
    let mut lines: Vec<(usize, Option<String>)> = assignments
        .iter()
        .filter(|assignment| assignment.name == name && assignment.effect != Effect::Unset)
        .map(|assignment| (assignment.line, assignment.value.clone()))
        .collect();
    if let BlockState::Whole { first_line, lines: set_in, values, .. } = block
        && let Some(value) = values.get(name)
    {
        lines.push((*set_in.get(name).unwrap_or(first_line), Some(value.clone())));
    }
    lines.sort_by_key(|(line, _)| *line);
    lines
}

/// The rc line that most likely gave a value: the last one with that literal in the files of the login shell, else of another.
fn place_of(machine: &Machine, name: &str, value: &str) -> Option<Place> {
    let files = by_login_shell(machine);
    let find = |fits: &dyn Fn(&Option<String>) -> bool| {
        files.iter().find_map(|file| {
            let (line, _) = lines(file, name).into_iter().rfind(|(_, literal)| fits(literal))?;
            Some(Place { path: file.path.clone(), line })
        })
    };
    let exact = find(&|literal| literal.as_deref() == Some(value));
    // The literal of a secret may not be among the facts: then a line that sets it is the best there is.
    if exact.is_none() && is_secret(name) { find(&Option::is_none) } else { exact }
}

/// The line of a tool's file of the directory (`mise.toml`, `.envrc`) that has this value.
fn in_directory(machine: &Machine, name: &str, value: &str) -> Option<Place> {
    let fits = |line: &Assignment| line.name == name && line.value.as_deref() == Some(value);
    let (path, line) = machine.directory_files.iter().find(|(_, line)| fits(line))?;
    Some(Place { path: path.clone(), line: line.line })
}

fn by_login_shell(machine: &Machine) -> Vec<&RcFile> {
    let login = login_kind(machine);
    let (mut own, other): (Vec<_>, Vec<_>) = machine.rc_files.iter().partition(|file| Some(file.shell) == login);
    own.extend(other);
    own
}

fn block(file: &RcFile) -> Option<&BlockState> {
    match &file.state {
        RcState::Read { block, .. } => Some(block),
        _ => None,
    }
}

fn place(source: &Source) -> Option<&Place> {
    match source {
        Source::Environment { place } | Source::NewShell { place, .. } => place.as_ref(),
        Source::RcFile(place) | Source::Settings { place, .. } => Some(place),
        Source::AwsFile { .. } | Source::ClientDefault => None,
    }
}

/// Variables of settings files that are in no table of ours, weakest file first.
fn apply_unknown_settings(machine: &Machine, effective: &mut Env) {
    for file in settings_files(machine).into_iter().rev() {
        let Some(settings) = file.settings() else { continue };
        for (name, entry) in &settings.env {
            if !ROUTING.contains(&name.as_str()) && !COMPANIONS.contains(&name.as_str()) {
                effective.set(name, &entry.value);
            }
        }
    }
}

/// A top-level value of the strongest settings file that has it, with the file's scope and the line of the key.
pub fn strongest_key<T>(
    machine: &Machine,
    key: &str,
    read: impl Fn(&crate::observe::settings::Settings) -> Option<T>,
) -> Option<(T, Scope, Place)> {
    settings_files(machine).into_iter().find_map(|file| {
        let settings = file.settings()?;
        let value = read(settings)?;
        let line = settings.keys.get(key).copied().unwrap_or(1);
        Some((value, file.scope, Place { path: file.path.clone(), line }))
    })
}
