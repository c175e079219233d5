//! Lines that set, export or unset a variable that decides routing, in the syntax of their shell.

use std::collections::BTreeSet;

use super::lines::joined;
use super::words::{self, Word};
use super::{Assignment, Effect, fish, is_secret, other_syntax, shown};
use crate::shell::{ShellKind, Syntax};

/// One change of one variable, as a syntax reader finds it.
pub struct Change {
    /// The variable.
    pub name: String,
    /// Its literal value.
    pub value: Option<String>,
    /// What happens.
    pub effect: Effect,
    /// The effect is that of passing on a variable that was set before.
    pub of_earlier: bool,
}

impl Change {
    /// A change of the given effect.
    pub fn new(name: &str, value: Option<String>, effect: Effect) -> Self {
        Self { name: name.to_owned(), value, effect, of_earlier: false }
    }
}

/// Whether a variable may matter: the routing variables and what is named like them.
pub fn is_known(name: &str) -> bool {
    const STARTS: [&str; 10] = [
        "AWS_",
        "ANTHROPIC_",
        "CLAUDE_",
        "BEDROCK_",
        "DISABLE_PROMPT",
        "ENABLE_PROMPT",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "NODE_EXTRA",
    ];
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let name = name.to_ascii_uppercase();
    is_name
        && (STARTS.iter().any(|start| name.starts_with(start))
            || matches!(name.as_str(), "MAX_THINKING_TOKENS" | "SSL_CERT_FILE"))
}

/// The assignments in these lines (each with its number), in order. With `all_exported` every one is passed on.
pub fn find(lines: &[(usize, &str)], shell: ShellKind, all_exported: bool) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = Vec::new();
    let mut exported: BTreeSet<String> = BTreeSet::new();
    let mut allexport = all_exported;
    for (line, text) in joined(lines, shell) {
        let of_line = changes(&text, shell, &mut allexport);
        let whole = lines.iter().any(|(number, physical)| *number == line && *physical == text);
        let alone = whole && of_line.len() == 1 && is_one_command(&text, shell);
        for mut change in of_line {
            if !is_known(&change.name) {
                continue;
            }
            if change.of_earlier {
                exported.insert(change.name.clone());
                let earlier: Vec<&mut Assignment> =
                    found.iter_mut().filter(|earlier| earlier.name == change.name).collect();
                if earlier.iter().any(|earlier| earlier.effect != Effect::Unset) {
                    for earlier in earlier.into_iter().filter(|earlier| earlier.effect == Effect::SetOnly) {
                        earlier.effect = Effect::Export;
                    }
                    continue;
                }
            }
            match change.effect {
                Effect::Export => drop(exported.insert(change.name.clone())),
                Effect::Unset => drop(exported.remove(&change.name)),
                // Once exported, a variable stays so when it gets another value. Elsewhere the two are different variables.
                Effect::SetOnly
                    if matches!(shell.syntax(), Syntax::Posix | Syntax::Fish) && exported.contains(&change.name) =>
                {
                    change.effect = Effect::Export
                }
                Effect::SetOnly | Effect::Foreign => {}
            }
            found.push(Assignment {
                line,
                text: shown(&text),
                literal: change.value.is_some(),
                value: change.value.filter(|_| !is_secret(&change.name)),
                name: change.name,
                effect: change.effect,
                alone,
            });
        }
    }
    found
}

/// The changes that one line makes, or would make in another language.
fn changes(line: &str, shell: ShellKind, allexport: &mut bool) -> Vec<Change> {
    let own = own_changes(line, shell, allexport);
    if own.is_empty() { other_syntax::foreign(line, shell).into_iter().collect() } else { own }
}

/// Whether a line is one simple command, and not the tail of a condition or a loop.
fn is_one_command(line: &str, shell: ShellKind) -> bool {
    const BEGINS: [&str; 11] = [
        "export",
        "typeset",
        "declare",
        "local",
        "readonly",
        "unset",
        "set",
        "setenv",
        "unsetenv",
        "set-env",
        "unset-env",
    ];
    if !matches!(shell.syntax(), Syntax::Posix | Syntax::Fish | Syntax::Csh) {
        return !line.contains([';', '{', '}', '|', '&']);
    }
    match words::commands(line).as_slice() {
        [command] => command.first().is_some_and(|word| {
            BEGINS.contains(&word.raw.as_str()) || word.raw.split_once('=').is_some_and(|(name, _)| is_known(name))
        }),
        _ => false,
    }
}

/// The changes that one line makes.
fn own_changes(line: &str, shell: ShellKind, allexport: &mut bool) -> Vec<Change> {
    match shell {
        ShellKind::Bash | ShellKind::Zsh | ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh | ShellKind::Yash => {
            words::commands(line).iter().flat_map(|command| posix(command, allexport)).collect()
        }
        ShellKind::Fish => fish::universal(line).map_or_else(
            || words::commands(line).iter().flat_map(|command| fish::changes(command)).collect(),
            |change| vec![change],
        ),
        ShellKind::Tcsh | ShellKind::Csh => words::commands(line).iter().flat_map(|command| c_shell(command)).collect(),
        ShellKind::Nushell | ShellKind::Elvish | ShellKind::Xonsh | ShellKind::PowerShell => {
            other_syntax::changes(line, shell)
        }
    }
}

/// `NAME=value` as a name and a literal value.
pub fn pair(word: &Word) -> Option<(&str, Option<String>)> {
    let (name, _) = word.raw.split_once('=')?;
    // Quotes in the name: no assignment.
    let value = word.value.as_deref().and_then(|value| value.split_once('=')).map(|(_, value)| value.to_owned());
    is_known(name).then_some((name, value))
}

fn posix(command: &[Word], allexport: &mut bool) -> Vec<Change> {
    const BEFORE: [&str; 10] = ["then", "do", "else", "{", "if", "!", "time", "builtin", "command", "noglob"];
    let start = command.iter().position(|word| !BEFORE.contains(&word.raw.as_str())).unwrap_or(command.len());
    let command = &command[start..];
    let Some(first) = command.first() else {
        return Vec::new();
    };
    let options = || command[1..].iter().map(|word| word.raw.as_str()).filter(|word| word.starts_with(['-', '+']));
    let has = |letter: char| options().any(|option| option.starts_with('-') && option[1..].contains(letter));
    let arguments = || command[1..].iter().filter(|word| !word.raw.starts_with(['-', '+']));
    match first.raw.as_str() {
        // `export NAME = value` exports nothing of a value, and complains about the rest.
        "export" if command.iter().skip(2).any(|word| word.raw == "=") => {
            let at = command.iter().position(|word| word.raw == "=").unwrap_or(0);
            let value = command.get(at + 1).and_then(|word| word.value.clone());
            vec![Change::new(&command[at - 1].raw, value, Effect::Foreign)]
        }
        "export" | "typeset" | "declare" | "local" | "readonly" | "integer" => {
            let exports = if first.raw == "export" { !has('n') } else { has('x') || *allexport };
            let effect = if exports { Effect::Export } else { Effect::SetOnly };
            let change = |word: &Word| match pair(word) {
                Some((name, value)) => Some(Change::new(name, value, effect)),
                None if exports && is_known(&word.raw) => {
                    Some(Change { of_earlier: true, ..Change::new(&word.raw, None, effect) })
                }
                None => None,
            };
            arguments().filter_map(change).collect()
        }
        "unset" if !has('f') => arguments().map(|word| Change::new(&word.raw, None, Effect::Unset)).collect(),
        "set" => {
            let is_long = command.iter().any(|word| word.raw == "allexport");
            if has('a') || (has('o') && is_long) {
                *allexport = true;
            } else if options().any(|option| option == "+a") || is_long {
                *allexport = false;
            }
            Vec::new()
        }
        // Words before a program are for that program alone.
        _ if command.iter().all(|word| word.raw.contains('=') && !word.raw.starts_with(['"', '\''])) => {
            let effect = if *allexport { Effect::Export } else { Effect::SetOnly };
            command.iter().filter_map(pair).map(|(name, value)| Change::new(name, value, effect)).collect()
        }
        _ => Vec::new(),
    }
}

fn c_shell(command: &[Word]) -> Vec<Change> {
    // `if (…) setenv A b`: the words after the condition are a command too.
    let Some(at) = command.iter().position(|word| matches!(word.raw.as_str(), "setenv" | "unsetenv" | "set" | "unset"))
    else {
        return Vec::new();
    };
    let (verb, rest) = (&command[at], &command[at + 1..]);
    match (verb.raw.as_str(), rest) {
        ("setenv", [name]) => vec![Change::new(&name.raw, Some(String::new()), Effect::Export)],
        ("setenv", [name, value, ..]) => {
            vec![Change::new(&name.raw, value.value.clone(), Effect::Export)]
        }
        ("set", [name, equals, value, ..]) if equals.raw == "=" => {
            vec![Change::new(&name.raw, value.value.clone(), Effect::SetOnly)]
        }
        ("set", words) => {
            words.iter().filter_map(pair).map(|(name, value)| Change::new(name, value, Effect::SetOnly)).collect()
        }
        // `unset` removes the shell's own variable, not that of the environment.
        ("unsetenv", words) => words.iter().map(|word| Change::new(&word.raw, None, Effect::Unset)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "assignments_tests.rs"]
mod tests;
