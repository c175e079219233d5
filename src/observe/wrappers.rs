//! What stands between the word `claude` and the client: an alias or a function of the shell, a script on the `PATH`.
//!
//! What a shell knows by that name is asked of a fresh shell; files are read to say where it is defined.

use std::path::{Path, PathBuf};

use super::Machine;
use super::client::Install;
use super::file;
use super::launch::{Launch, Starts, of_lines};
use super::rc_files::{self, words};
use super::settings::{self, Scope, SettingsFile};
use super::shells::{FreshShell, ShellOutcome};
use crate::shell::{Mode, ShellKind};
use crate::world::World;

/// Something of the name `claude` that is not the client itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// What it is.
    pub kind: WrapperKind,
    /// The file and line that define it, where they were found.
    pub place: Option<(PathBuf, usize)>,
    /// What it does to the environment, and what it starts.
    pub launch: Launch,
    /// The program that it names by a path and that is not there.
    pub missing: Option<PathBuf>,
}

/// Kinds of wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WrapperKind {
    /// An alias of the shell.
    Alias,
    /// A function of the shell.
    Function,
    /// A script of that name.
    Script,
}

impl WrapperKind {
    /// The kind in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Function => "function",
            Self::Script => "script",
        }
    }
}

/// A script that is larger is no wrapper but a program.
const LARGEST: usize = 64 << 10;

/// The alias and the function of that name in a new terminal's shell, outermost first. The function that `setup` writes for
/// `--scope claude` is among them as any other.
pub fn of_shell(world: &World, machine: &Machine) -> Vec<Wrapper> {
    let Some((shell, text)) = definition(machine) else { return Vec::new() };
    let (alias, rest) = match shell {
        ShellKind::Fish => (None, text),
        ShellKind::Tcsh | ShellKind::Csh => (Some(text.to_owned()), ""),
        _ => alias(text),
    };
    let mut found = Vec::new();
    if let Some(alias) = alias {
        let lines: Vec<(usize, &str)> = alias.lines().map(|line| (1, line)).collect();
        found.extend(wrapper(world, machine, WrapperKind::Alias, shell, &lines, None));
    }
    // An alias that names another program leaves the function of that name behind it.
    let reaches_function =
        found.first().is_none_or(|alias: &Wrapper| alias.launch.program.as_deref() == Some("claude"));
    if let Some(lines) = body(rest, shell).filter(|_| reaches_function) {
        let is_alias = shell == ShellKind::Fish && rest.contains("'alias claude");
        let kind = if is_alias { WrapperKind::Alias } else { WrapperKind::Function };
        found.extend(wrapper(world, machine, kind, shell, &lines, told(rest)));
    }
    found
}

/// The install that runs, where it is a script that starts something else.
pub fn of_script(running: Option<&Install>) -> Option<Wrapper> {
    let path = running.filter(|install| !install.is_package)?.path.canonicalize().ok()?;
    let bytes = file::read(&path).ok()??;
    if bytes.len() > LARGEST || !bytes.starts_with(b"#!") {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    let shell = if lines[0].1.contains("fish") { ShellKind::Fish } else { ShellKind::Bash };
    let launch = of_lines(&lines, shell, Starts::Wrapped)?;
    let line = launch.at.number.max(1);
    Some(Wrapper { kind: WrapperKind::Script, place: Some((path, line)), launch, missing: None })
}

/// A script that starts another program, as far as its text tells, and stays there meanwhile or not.
pub fn starts_another(path: &Path) -> bool {
    let install = Install { is_package: false, ..Install::named(path.to_owned(), Err(String::new())) };
    let Some(wrapper) = of_script(Some(&install)) else { return false };
    // In other languages than a shell's the line is not known; the call is.
    let text = file::read(path).ok().flatten().unwrap_or_default();
    let calls = ["subprocess", "os.system", "child_process", "spawn"];
    wrapper.launch.at.number > 0 || calls.iter().any(|call| bstr::ByteSlice::contains_str(text.as_slice(), call))
}

/// The settings that the outermost of them gives to the client with `--settings`, and that every start by that name has.
pub fn settings(world: &World, wrappers: &[Wrapper]) -> Option<SettingsFile> {
    let launch = &wrappers.iter().find(|wrapper| wrapper.launch.settings.is_some())?.launch;
    let given = launch.settings.as_deref().filter(|_| !launch.at.conditional)?;
    let text = given.replacen("${HOME}", "~", 1).replacen("$HOME", "~", 1);
    if text.starts_with('{') {
        return Some(SettingsFile { scope: Scope::Flag, path: "--settings".into(), state: settings::inline(&text) });
    }
    if text.contains('$') {
        return None;
    }
    let path = world.directory.join(world.expand(&text));
    Some(SettingsFile { scope: Scope::Flag, state: settings::state_of(&path), path })
}

/// The program that an alias starts in place of the first `claude` of the `PATH`, if that is a path.
pub fn aliased(world: &World, wrappers: &[Wrapper]) -> Option<PathBuf> {
    let outermost = wrappers.first().filter(|wrapper| wrapper.kind != WrapperKind::Script)?;
    named_path(world, &outermost.launch)
}

/// The path by which a wrapper names its program.
fn named_path(world: &World, launch: &Launch) -> Option<PathBuf> {
    let program = launch.program.as_deref().filter(|program| program.contains('/'))?;
    let program = program.replacen("$HOME", "~", 1).replacen("${HOME}", "~", 1);
    Some(world.expand(&program)).filter(|path| path.is_absolute())
}

/// What a new terminal's shell told about its own `claude`.
fn definition(machine: &Machine) -> Option<(ShellKind, &str)> {
    let told = |shell: &FreshShell| match &shell.outcome {
        ShellOutcome::Reported { .. } => Some(shell.mode),
        _ => None,
    };
    let mode = [Mode::Interactive, Mode::Login]
        .into_iter()
        .find(|mode| machine.shells.iter().any(|shell| told(shell) == Some(*mode)))?;
    machine.shells.iter().filter(|shell| shell.mode == mode).find_map(|shell| match &shell.outcome {
        ShellOutcome::Reported { claude: Some(text), .. } => Some((shell.kind, text.reveal())),
        _ => None,
    })
}

/// The expansion of the alias at the start of a text (`alias claude='…'`, `claude='…'`), and what follows it.
fn alias(text: &str) -> (Option<String>, &str) {
    let Some(at) =
        ["alias claude=", "claude="].into_iter().find_map(|start| text.strip_prefix(start).map(|_| start.len()))
    else {
        return (None, text);
    };
    // It ends with the line, but for line ends in quotes.
    let mut quoted = false;
    let end = text[at..].char_indices().find(|(_, character)| {
        quoted ^= *character == '\'';
        *character == '\n' && !quoted
    });
    let end = end.map_or(text.len(), |(end, _)| at + end);
    let written = text[at..end].trim();
    let value = words::commands(&format!("claude={written}")).into_iter().flatten().next().and_then(|word| word.value);
    let value = value.and_then(|value| value.strip_prefix("claude=").map(str::to_owned));
    (Some(value.unwrap_or_else(|| written.trim_matches('\'').to_owned())), text[end..].trim_start())
}

/// The lines of the function in a text, without its head.
fn body(text: &str, shell: ShellKind) -> Option<Vec<(usize, &str)>> {
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    // Some shells say in words that there is no alias of that name.
    let is_head = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix("claude").is_some_and(|rest| rest.trim_start().starts_with('('))
            || line.starts_with("function claude")
    };
    let head = lines.iter().position(|(_, line)| is_head(line))?;
    let after = match lines[head].1.split_once('{') {
        // All on one line.
        Some((_, rest)) if shell != ShellKind::Fish && !rest.trim().is_empty() => {
            return Some(vec![(1, rest.trim().trim_end_matches('}'))]);
        }
        _ => head + 1,
    };
    let ends = |line: &&(usize, &str)| {
        let line = line.1.trim();
        !(line.is_empty() || line == "{" || line == "}" || (shell == ShellKind::Fish && line == "end"))
    };
    let inner: Vec<(usize, &str)> = lines[after..].to_vec();
    let last = inner.iter().rposition(|line| ends(&line)).map_or(0, |at| at + 1);
    Some(inner[..last].iter().filter(|(_, line)| !matches!(line.trim(), "{" | "}")).copied().collect())
}

fn wrapper(
    world: &World,
    machine: &Machine,
    kind: WrapperKind,
    shell: ShellKind,
    lines: &[(usize, &str)],
    told: Option<(PathBuf, usize)>,
) -> Option<Wrapper> {
    let mut launch = of_lines(lines, shell, Starts::Wrapped)?;
    let missing = named_path(world, &launch).filter(|path| !path.exists());
    let place = told.or_else(|| place(world, machine, kind, shell));
    if let Some((path, line)) = place.as_ref().filter(|_| kind == WrapperKind::Function) {
        number(&mut launch, path, *line);
    }
    Some(Wrapper { kind, place, launch, missing })
}

/// Numbers the lines of a function as in the file that defines it; a shell shows them in a form of its own.
fn number(launch: &mut Launch, path: &Path, first: usize) {
    let Ok(Some(bytes)) = file::read(path) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().skip(first.saturating_sub(1)).map(rc_files::shown).collect();
    let written = |line: &str| lines.iter().position(|own| own == line || own.trim_end_matches(';') == line);
    for line in launch.steps.iter_mut().map(|step| &mut step.at).chain([&mut launch.at]) {
        line.number = first + written(&line.text).unwrap_or_default();
    }
}

/// The file of a function where the shell tells it (`# from PATH`), with the line that defines it there: the first, where
/// the file is the function.
fn told(text: &str) -> Option<(PathBuf, usize)> {
    let path = text.lines().rev().find_map(|line| line.strip_prefix("# from "))?;
    let path = PathBuf::from(path.trim());
    let line = line_of(&path, WrapperKind::Function).unwrap_or(1);
    path.is_file().then_some((path, line))
}

/// The line that most likely defines it: the last one of its form in the files of the shell, and in those that people keep
/// beside them.
fn place(world: &World, machine: &Machine, kind: WrapperKind, shell: ShellKind) -> Option<(PathBuf, usize)> {
    const BESIDE: [&str; 6] = [
        ".bash_aliases",
        ".aliases",
        ".zsh_aliases",
        ".bash_functions",
        ".config/fish/functions/claude.fish",
        ".config/fish/conf.d/aliases.fish",
    ];
    let own = machine.rc_files.iter().filter(|file| file.shell == shell).map(|file| file.path.clone());
    let beside = BESIDE.iter().map(|name| world.home.join(name));
    own.chain(beside)
        .filter_map(|path| Some((line_of(&path, kind)?, path)))
        .map(|(line, path)| (path, line))
        .next_back()
}

/// The last line of a file that defines it.
fn line_of(path: &Path, kind: WrapperKind) -> Option<usize> {
    let bytes = file::read(path).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let defines = |line: &str| {
        let line = line.trim_start();
        let after = |start: &str| {
            let rest = line.strip_prefix(start)?.trim_start();
            let rest = rest.strip_prefix("claude")?;
            rest.starts_with(|next: char| !next.is_alphanumeric() && next != '-' && next != '_').then_some(rest)
        };
        match kind {
            WrapperKind::Alias => after("alias ").is_some(),
            _ => {
                after("function ").is_some()
                    || line == "function claude"
                    || after("").is_some_and(|rest| rest.trim_start().starts_with("()"))
            }
        }
    };
    text.lines().enumerate().filter(|(_, line)| defines(line)).map(|(at, _)| at + 1).last()
}
