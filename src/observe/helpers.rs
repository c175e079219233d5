//! The helper programs that settings files name: whether they could be started. None of them is.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::settings::{Scope, Settings, SettingsFile};
use crate::world::World;

/// A helper command of a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// The key that names it.
    pub key: &'static str,
    /// The scope of the file that wins for this key.
    pub scope: Scope,
    /// That file.
    pub path: PathBuf,
    /// The line of the key, counted from 1.
    pub line: usize,
    /// The first word of the command, as it is written.
    pub word: String,
    /// What the word leads to.
    pub program: Program,
}

/// What the first word of a command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A program that can be started.
    Found(PathBuf),
    /// Nothing of that name is on the PATH, or there is no such file.
    Missing,
    /// The file is there and may not be executed.
    NotExecutable(PathBuf),
    /// The file is there, and the interpreter that its first line names is not; the interpreter as it is written.
    NoInterpreter(PathBuf, String),
    /// The shell's own affair: a built-in, a keyword, a word that it computes.
    OfTheShell,
}

/// The keys, with what each holds.
type Reader = fn(&Settings) -> Option<&String>;
const KEYS: [(&str, Reader); 4] = [
    ("awsAuthRefresh", |settings| settings.aws_auth_refresh.as_ref()),
    ("awsCredentialExport", |settings| settings.aws_credential_export.as_ref()),
    ("apiKeyHelper", |settings| settings.api_key_helper.as_ref()),
    ("otelHeadersHelper", |settings| settings.otel_headers_helper.as_ref()),
];

/// Words that `/bin/sh` takes for itself.
const OF_THE_SHELL: [&str; 46] = [
    "!", ".", ":", "[", "[[", "alias", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit",
    "export", "false", "for", "getopts", "hash", "if", "kill", "local", "printf", "pwd", "read", "readonly", "return",
    "set", "shift", "source", "test", "time", "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset",
    "until", "wait", "while", "{", "(",
];

/// The helpers of the settings files, the strongest file first in `files`. `paths` are the values of PATH that the client may
/// have.
pub fn observe(world: &World, files: &[SettingsFile], paths: &[String]) -> Vec<Helper> {
    let helper = |(key, read): &(&'static str, Reader)| {
        let (file, settings, command) = files.iter().find_map(|file| {
            let settings = file.settings()?;
            let command = read(settings).filter(|command| !command.trim().is_empty())?;
            Some((file, settings, command))
        })?;
        let line = settings.keys.get(*key).copied().unwrap_or(1);
        let word = first_word(command);
        let program = program(world, &word, paths);
        Some(Helper { key, scope: file.scope, path: file.path.clone(), line, word: word.unwrap_or_default(), program })
    };
    KEYS.iter().filter_map(helper).collect()
}

/// The word that names the program, behind assignments and without quotes; `None` where the shell computes it.
fn first_word(command: &str) -> Option<String> {
    let mut rest = command.trim_start();
    loop {
        let (word, after) = split_word(rest)?;
        let name = word.split_once('=').map_or("", |(name, _)| name);
        let is_assignment = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        if !is_assignment {
            return Some(word);
        }
        rest = after.trim_start();
    }
}

/// One word and what stands behind it. Of what the shell computes only the home is understood.
fn split_word(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' | '"' => loop {
                match characters.next() {
                    Some((_, inner)) if inner == character => break,
                    Some((_, '\\' | '`')) if character == '"' => return None,
                    Some((_, inner)) => word.push(inner),
                    None => return None,
                }
            },
            '\\' | '`' | '(' | ')' | '*' | '?' | '<' | '>' => return None,
            ' ' | '\t' | '\n' | ';' | '&' | '|' => return Some((word, &text[at..])),
            _ => word.push(character),
        }
    }
    Some((word, ""))
}

/// What a word leads to.
fn program(world: &World, word: &Option<String>, paths: &[String]) -> Program {
    let Some(word) = word.as_deref().map(|word| word.trim_end_matches('\r')).filter(|word| !word.is_empty()) else {
        return Program::OfTheShell;
    };
    if OF_THE_SHELL.contains(&word) {
        return Program::OfTheShell;
    }
    let home = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|start| word.strip_prefix(start));
    let path = match home {
        Some(rest) => world.home.join(rest),
        None if word.contains('$') || word.starts_with('~') => return Program::OfTheShell,
        None if word.contains('/') => world.directory.join(word),
        None => {
            // Whatever of that name may be executed.
            let found = paths.iter().find_map(|path| which::which_in(word, Some(path), &world.directory).ok());
            return found.map_or(Program::Missing, |found| started(found, paths));
        }
    };
    if !path.is_file() {
        return Program::Missing;
    }
    if fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 == 0) {
        return Program::NotExecutable(path);
    }
    started(path, paths)
}

/// A file that may be executed, unless its interpreter is not there.
fn started(path: PathBuf, paths: &[String]) -> Program {
    let Some(line) = interpreter_line(&path) else { return Program::Found(path) };
    // The system takes everything up to the first blank, a carriage return included.
    let (interpreter, rest) = line.trim_start().split_once([' ', '\t']).unwrap_or((line.trim_start(), ""));
    let of_env = rest.trim_start().split([' ', '\t']).next().unwrap_or_default();
    let missing = |program: &str| match program.contains('/') {
        true => !Path::new(program).exists(),
        false => !paths.iter().any(|path| which::which_in(program, Some(path), "/").is_ok()),
    };
    let by_env = interpreter.ends_with("/env") && !of_env.is_empty() && !of_env.starts_with('-');
    if missing(interpreter) {
        Program::NoInterpreter(path, interpreter.escape_debug().to_string())
    } else if by_env && missing(of_env) {
        Program::NoInterpreter(path, of_env.escape_debug().to_string())
    } else {
        Program::Found(path)
    }
}

/// What stands behind `#!`.
fn interpreter_line(path: &Path) -> Option<String> {
    let mut line = Vec::new();
    BufReader::new(fs::File::open(path).ok()?.take(256)).read_until(b'\n', &mut line).ok()?;
    let line = String::from_utf8_lossy(line.strip_prefix(b"#!")?).into_owned();
    Some(line.trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_names_the_program() {
        for (command, word) in [
            ("aws sso login --profile work", Some("aws")),
            ("  AWS_PROFILE=work BROWSER='a b' aws sso login", Some("aws")),
            ("\"/opt/my tools/get\" --json", Some("/opt/my tools/get")),
            ("~/bin/refresh", Some("~/bin/refresh")),
            ("$HOME/bin/refresh; true", Some("$HOME/bin/refresh")),
            ("(aws sso login)", None),
            ("`helper`", None),
            ("a\\ b", None),
        ] {
            assert_eq!(first_word(command).as_deref(), word, "{command}");
        }
    }

    #[test]
    fn files_and_what_keeps_them_from_being_started() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let world = World {
            env: crate::world::Env::default(),
            home: home.path().to_owned(),
            directory: home.path().to_owned(),
            system_root: home.path().join("root"),
            user: crate::world::User { uid: 0, gid: 0, name: None, home: None, shell: None },
            terminal: crate::world::Terminal::default(),
            clock: crate::world::Clock::System,
        };
        let file = |name: &str, text: &str, mode: u32| {
            let path = home.path().join(name);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
            path
        };
        let good = file("good", "#!/bin/sh\n", 0o755);
        let plain = file("plain", "#!/bin/sh\n", 0o644);
        let windows = file("windows", "#!/bin/sh\r\necho\r\n", 0o755);
        let python = file("python", "#!/usr/bin/env python-that-is-not-there\n", 0o755);
        let paths = ["/usr/bin:/bin".to_owned()];
        let look = |word: &str| program(&world, &Some(word.to_owned()), &paths);
        assert_eq!(look("~/good"), Program::Found(good));
        assert_eq!(look("$HOME/plain"), Program::NotExecutable(plain));
        assert_eq!(look("./windows"), Program::NoInterpreter(home.path().join("./windows"), "/bin/sh\\r".to_owned()));
        assert_eq!(look(&windows.to_string_lossy()), Program::NoInterpreter(windows, "/bin/sh\\r".to_owned()));
        assert_eq!(look("~/python"), Program::NoInterpreter(python, "python-that-is-not-there".to_owned()));
        assert_eq!(look("/nonexistent/helper"), Program::Missing);
        assert_eq!(look("no-such-program-here"), Program::Missing);
        assert!(matches!(look("sh"), Program::Found(_)));
        for word in ["$TOOLS/helper", "if", "eval", "~bob/x"] {
            assert_eq!(look(word), Program::OfTheShell, "{word}");
        }
    }
}
