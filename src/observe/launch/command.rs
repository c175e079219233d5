//! One simple command: what stands before the program that it starts.

use super::{Change, Kept};
use crate::observe::rc_files::words::{self, Word};
use crate::observe::rc_files::{is_known, is_secret};
use crate::shell::ShellKind;

/// One simple command, taken apart.
#[derive(Debug, Default)]
pub struct Simple {
    /// Changes for what it starts.
    pub changes: Vec<Change>,
    /// Words of the program and its arguments, as they are written.
    pub words: Vec<String>,
    /// A shell on the way reads its start-up files.
    pub reads_shell_files: bool,
    /// The text that a shell on the way runs (`sh -c TEXT`).
    pub inner: Option<String>,
}

/// Takes a command apart: assignments before it, `env`, `sudo`, `exec` and their like, containers, shells.
pub fn simple(command: &[Word], whole: &str) -> Simple {
    let mut found = Simple::default();
    let mut rest = command;
    loop {
        rest = assignments(rest, &mut found.changes);
        let Some((first, after)) = rest.split_first() else { return found };
        match base(text(first)).as_str() {
            "exec" => {
                let flags = flags(after);
                // `exec -c` empties the environment; `-a NAME` takes a word.
                if flags.iter().any(|flag| flag.contains('c')) {
                    found.changes.push(Change::Clear(Kept::default()));
                }
                let named = usize::from(flags.iter().any(|flag| flag.ends_with('a')));
                rest = after.get(flags.len() + named..).unwrap_or_default();
            }
            "command" | "builtin" | "noglob" | "nohup" | "setsid" | "time" | "then" | "do" | "else" | "if" | "!"
            | "{" | "and" | "or" | "begin" | "not" => rest = after.get(flags(after).len()..).unwrap_or_default(),
            "env" => rest = env(after, whole, &mut found.changes),
            "sudo" | "doas" => {
                let flags = flags(after);
                let kept = |flag: &String| flag.strip_prefix("--preserve-env").map(str::to_owned);
                match flags.iter().find_map(kept) {
                    Some(names) => {
                        let names = names.trim_start_matches('=').split(',').filter(|name| !name.is_empty());
                        let names: Vec<String> = names.map(str::to_owned).collect();
                        if !names.is_empty() {
                            found.changes.push(Change::Clear(Kept { names, ..Kept::default() }));
                        }
                    }
                    None if flags.iter().any(|flag| !flag.starts_with("--") && flag.contains('E')) => {}
                    None => found.changes.push(Change::Clear(Kept::default())),
                }
                let valued = flags.iter().any(|flag| matches!(flag.as_str(), "-u" | "-g" | "-h" | "-C" | "-D"));
                rest = after.get(flags.len() + usize::from(valued)..).unwrap_or_default();
            }
            "docker" | "podman" | "nerdctl" if after.iter().any(|word| matches!(text(word), "run" | "exec")) => {
                // What stands in a file of variables is not known.
                if !after.iter().any(|word| text(word).starts_with("--env-file")) {
                    container(after, &mut found.changes);
                }
                found.words = rest.iter().map(|word| text(word).to_owned()).collect();
                return found;
            }
            program if ShellKind::from_program(std::path::Path::new(program)).is_some() => {
                let flags = flags(after);
                let short = |letter: char| flags.iter().any(|flag| !flag.starts_with("--") && flag.contains(letter));
                found.reads_shell_files = short('l') || short('i') || flags.iter().any(|flag| flag == "--login");
                let next = after.get(flags.len());
                if short('c') {
                    found.inner = next.map(|word| unquoted(&word.raw));
                } else {
                    found.words = after.iter().map(|word| text(word).to_owned()).collect();
                }
                return found;
            }
            _ => {
                found.words = rest.iter().map(|word| text(word).to_owned()).collect();
                return found;
            }
        }
    }
}

/// Assignments before a program; gives back what follows.
fn assignments<'a>(words: &'a [Word], changes: &mut Vec<Change>) -> &'a [Word] {
    let count = words.iter().take_while(|word| assignment(word).is_some()).count();
    changes.extend(words[..count].iter().filter_map(assignment));
    &words[count..]
}

/// `NAME=value`
fn assignment(word: &Word) -> Option<Change> {
    let (name, written) = word.raw.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let literal = word.value.as_deref().and_then(|value| value.split_once('=')).map(|(_, value)| value.to_owned());
    if !is_name || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    // `NAME="$NAME"` hands on what is there.
    let own = [format!("${name}"), format!("${{{name}}}")];
    if own.contains(&written.trim_matches('"').to_owned()) {
        return Some(Change::Set(name.to_owned(), None));
    }
    Some(Change::Set(name.to_owned(), literal.filter(|_| !is_secret(name))))
}

/// What `env` does; gives back what follows its options and assignments.
fn env<'a>(mut words: &'a [Word], whole: &str, changes: &mut Vec<Change>) -> &'a [Word] {
    let mut unset = Vec::new();
    let mut clears = false;
    while let Some((first, after)) = words.split_first() {
        let option = text(first);
        let (taken, name) = match option {
            "-" | "-i" | "--ignore-environment" => {
                clears = true;
                (1, None)
            }
            "-u" | "--unset" => (2, after.first().map(text)),
            "-C" | "--chdir" => (2, None),
            _ => match (option.strip_prefix("--unset="), option.strip_prefix("-u")) {
                (Some(name), _) => (1, Some(name)),
                (None, Some(name)) => (1, Some(name)),
                _ if option.starts_with('-') => {
                    // `-iu NAME` and the like.
                    let short = !option.starts_with("--");
                    clears |= short && option.contains('i');
                    match short && option.ends_with('u') {
                        true => (2, after.first().map(text)),
                        false => (1, None),
                    }
                }
                _ => break,
            },
        };
        unset.extend(name.map(|name| Change::Unset(name.to_owned())));
        words = words.get(taken..).unwrap_or_default();
    }
    if clears {
        changes.push(Change::Clear(filter(whole)));
    }
    changes.extend(unset);
    // Among the assignments may stand what is computed: the output of a filter, `${NAME:+NAME="$NAME"}`.
    loop {
        let rest = assignments(words, changes);
        match rest.split_first() {
            Some((first, after)) if first.value.is_none() && first.raw.trim_matches('"').starts_with("$(") => {
                words = after
            }
            Some((first, after)) if first.value.is_none() && first.raw.contains('+') => {
                let name = first.raw.trim_start_matches(['"', '$', '{']).split([':', '+']).next().unwrap_or_default();
                changes.push(Change::Set(name.to_owned(), None));
                words = after;
            }
            _ => return rest,
        }
    }
}

/// What a filter in the line hands on: `env -i $(env | grep -E '^(HOME|PATH)=') …`.
fn filter(line: &str) -> Kept {
    let Some(at) = line.find("$(") else { return Kept::default() };
    let filter = &line[at..];
    let named: Vec<String> = filter
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| is_known(word) || STARTS.iter().any(|start| start.trim_end_matches('_') == *word))
        .map(str::to_owned)
        .collect();
    let inverted = ["grep -v", "grep -Ev", "grep -vE", "egrep -v", "/d"].iter().any(|form| filter.contains(form));
    if inverted { Kept { all_but: Some(named), ..Kept::default() } } else { Kept { starts: named, ..Kept::default() } }
}

/// Starts that a filter may name.
const STARTS: [&str; 4] = ["CLAUDE_", "AWS_", "ANTHROPIC_", "CLAUDE_CODE_"];

/// `docker run -e NAME -e NAME=value …`: nothing else of the environment gets in.
fn container(words: &[Word], changes: &mut Vec<Change>) {
    let mut kept = Kept::default();
    let mut set = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let given = match text(word) {
            "-e" | "--env" => words.get(at + 1).map(|next| text(next).to_owned()),
            option => option.strip_prefix("--env=").or_else(|| option.strip_prefix("-e")).map(str::to_owned),
        };
        match given.as_deref().map(|given| given.split_once('=').ok_or(given)) {
            Some(Ok((name, value))) => {
                let value = Some(value.to_owned()).filter(|value| !value.contains('$') && !is_secret(name));
                set.push(Change::Set(name.to_owned(), value));
            }
            Some(Err(name)) => kept.names.push(name.to_owned()),
            None => {}
        }
    }
    changes.push(Change::Clear(kept));
    changes.extend(set);
}

/// The options at the start of a list of words.
fn flags(words: &[Word]) -> Vec<String> {
    words.iter().map(text).take_while(|word| word.starts_with('-')).map(str::to_owned).collect()
}

/// A word without its quotes, or as it is written where something in it is computed.
fn text(word: &Word) -> &str {
    word.value.as_deref().unwrap_or(&word.raw)
}

/// A computed word without the quotes around it.
fn unquoted(raw: &str) -> String {
    let inner = ['"', '\''].iter().find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(raw).to_owned()
}

/// The last part of a path.
pub fn base(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// The commands of a line. What is substituted (`$(…)`, backquotes) stays one word, whatever pipes are in it.
pub fn commands(line: &str) -> Vec<Vec<Word>> {
    words::commands(&without_substitutions(line))
}

/// A line in which every `$(…)` reads `$(.)`, and likewise what stands in backquotes.
fn without_substitutions(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let closes = match (character, characters.peek()) {
            ('$', Some('(')) => Some(')'),
            ('`', _) => Some('`'),
            _ => None,
        };
        let Some(end) = closes else {
            text.push(character);
            continue;
        };
        let mut open = usize::from(end == '`');
        for next in characters.by_ref() {
            match next {
                '(' if end == ')' => open += 1,
                _ if next == end => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        text.push_str("$(.)");
    }
    text
}
