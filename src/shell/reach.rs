//! Whether a shell that reads a file gets to its end.
//!
//! A block stands at the end of a file, so that it wins over what is set above it. Where a line above can end the
//! reading (`return`, `exit`, `exec`), the block goes to the top instead: it is always reached there. The search is rough on
//! purpose (words, not a parser): when it sees a barrier that is none, the block is still read.

use std::sync::LazyLock;

use regex::Regex;

use super::Syntax;

/// Which shells a file must reach to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Interactive shells alone: a guard that only non-interactive shells fail (`[ -z "$PS1" ] && return`) is no barrier.
    Interactive,
    /// Every shell that opens the file.
    Everyone,
}

static ENDS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s;&|({!])(?:return|exit)(?:$|[\s;&|)}(])").ok());
static REPLACES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|[\s;&|({])exec\s+(?:-\S+\s+)*[A-Za-z/$"'~]"#).ok());
static BARE_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:return|exit)(?:\s+[0-9]+)?\s*;?\s*(?:#.*)?$").ok());
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"'[^']*'|"[^"]*""#).ok());
static FUNCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:function\s+\S+|[A-Za-z_][\w.:-]*\s*\(\s*\))").ok());

/// Whether one of the bytes' lines can keep `readers` from what stands below it.
pub fn has_barrier(bytes: &[u8], syntax: Syntax, readers: Readers) -> bool {
    if !matches!(syntax, Syntax::Posix | Syntax::Fish | Syntax::Csh) {
        return false;
    }
    let text = String::from_utf8_lossy(bytes);
    let mut in_function = false;
    for line in text.lines() {
        let line = line.trim_end();
        if in_function {
            let closes = if syntax == Syntax::Fish { line == "end" } else { line.starts_with('}') };
            in_function = !closes;
            continue;
        }
        if line.trim_start().starts_with('#') {
            continue;
        }
        if syntax != Syntax::Csh && matches(&FUNCTION, line) {
            in_function =
                !(line.ends_with('}') || line.ends_with("end") || line.ends_with(')') && line.contains("() ("));
            continue;
        }
        let bare = match &*QUOTED {
            Some(quoted) => quoted.replace_all(line, "Q"),
            None => line.into(),
        };
        let replaces = matches(&REPLACES, line);
        let stops = match readers {
            Readers::Everyone => matches(&ENDS, &bare) || replaces,
            Readers::Interactive => matches(&BARE_END, line) || replaces,
        };
        if stops {
            return true;
        }
    }
    false
}

fn matches(pattern: &LazyLock<Option<Regex>>, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// Whether a login file of bash surely reads `~/.bashrc` to its end in a non-interactive shell, so that one block is enough.
///
/// Sure means: a plain source line, at the top level or under conditions that hold for every bash, no barrier before
/// it, and none in the bashrc. Anything else counts as no.
pub fn login_reads_all_of_bashrc(login: &[u8], bashrc: &[u8]) -> bool {
    if has_barrier(bashrc, Syntax::Posix, Readers::Everyone) || mentions_interactivity(bashrc) {
        return false;
    }
    let text = String::from_utf8_lossy(login);
    if text.contains("<<") {
        return false; // a here-document may hold lines that are no commands
    }
    let mut above = String::new();
    let mut conditions: Vec<bool> = Vec::new();
    for line in text.lines() {
        let words = line.split('#').next().unwrap_or("").trim();
        let holds = |condition: &str| HOLDS.iter().any(|known| normal(condition) == *known);
        if let Some(condition) = words.strip_prefix("if ") {
            let condition = condition.trim_end().trim_end_matches("then").trim_end().trim_end_matches(';');
            conditions.push(holds(condition));
        } else if words == "fi" {
            conditions.pop();
        } else if OPENS.iter().any(|word| words.starts_with(word)) || words.ends_with(['{', '(']) {
            conditions.push(false);
        } else {
            let command = match words.split_once("&&") {
                Some((condition, command)) if holds(condition) => command.trim(),
                _ => words,
            };
            if SOURCES.contains(&normal(command).as_str()) && conditions.iter().all(|holds| *holds) {
                return !has_barrier(above.as_bytes(), Syntax::Posix, Readers::Everyone);
            }
        }
        above.push_str(line);
        above.push('\n');
    }
    false
}

/// Words that open something whose lines may never be run.
const OPENS: [&str; 7] = ["else", "elif", "case", "for ", "while ", "until ", "select "];

/// Conditions that are true in every bash with a `~/.bashrc`, with quotes, braces and brackets made plain by [`normal`].
const HOLDS: [&str; 7] = [
    "[ $BASH ]",
    "[ $BASH_VERSION ]",
    "[ -n $BASH_VERSION ]",
    "[ -n $BASH ]",
    "[ -f ~/.bashrc ]",
    "[ -r ~/.bashrc ]",
    "[ -e ~/.bashrc ]",
];

const SOURCES: [&str; 2] = [". ~/.bashrc", "source ~/.bashrc"];

fn normal(command: &str) -> String {
    let plain =
        command.replace(['"', '\''], "").replace("${", "$").replace('}', "").replace("[[", "[").replace("]]", "]");
    let plain = plain.replace("$HOME/", "~/").replace("test -", "[ -");
    let words: Vec<&str> = plain.trim_end_matches(';').split_whitespace().collect();
    let joined = words.join(" ");
    if joined.starts_with("[ ") && !joined.ends_with(" ]") { format!("{joined} ]") } else { joined }
}

fn mentions_interactivity(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .any(|line| line.contains("$-") || line.contains("-z \"$PS1\"") || line.contains("-z $PS1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN_GUARD: &str = "case $- in\n    *i*) ;;\n      *) return;;\nesac\n";

    fn posix(text: &str, readers: Readers) -> bool {
        has_barrier(text.as_bytes(), Syntax::Posix, readers)
    }

    #[test]
    fn guards_stop_everyone_but_interactive_shells() {
        for guard in [
            DEBIAN_GUARD,
            "[ -z \"$PS1\" ] && return\n",
            "[[ $- != *i* ]] && return\n",
            "if [ -z \"$PS1\" ]; then\n  return\nfi\n",
        ] {
            assert!(posix(guard, Readers::Everyone), "{guard}");
            assert!(!posix(guard, Readers::Interactive), "{guard}");
        }
        for barrier in ["return\n", "exit 0\n", "exec fish\n", "[ -x /bin/zsh ] && exec /bin/zsh -l\n"] {
            assert!(posix(barrier, Readers::Interactive), "{barrier}");
        }
    }

    #[test]
    fn what_only_looks_like_a_barrier_is_none() {
        for text in [
            "# return\n",
            "echo 'return'\n",
            "alias q='exit'\n",
            "f() {\n  return 1\n}\n",
            "function g {\n  exit\n}\n",
            "h() { return 0; }\n",
            "exec 2>/dev/null\n",
            "export EXIT_CODE=return_value\n",
        ] {
            assert!(!posix(text, Readers::Everyone), "{text}");
        }
        assert!(!has_barrier(b"function f\n  return 1\nend\n", Syntax::Fish, Readers::Everyone));
        assert!(has_barrier(b"status is-interactive; or exit\n", Syntax::Fish, Readers::Everyone));
        assert!(has_barrier(b"if (! $?prompt) exit\n", Syntax::Csh, Readers::Everyone));
    }

    #[test]
    fn one_file_is_enough_only_when_it_is_sure() {
        let sources = ". ~/.bashrc\n";
        let skel = "if [ -n \"$BASH_VERSION\" ]; then\n    if [ -f \"$HOME/.bashrc\" ]; then\n\t. \"$HOME/.bashrc\"\n    fi\nfi\n";
        for login in [
            sources,
            skel,
            "[[ -f ~/.bashrc ]] && . ~/.bashrc\n",
            "test -f ~/.bashrc && source ~/.bashrc\n",
            "if [ -f ~/.bashrc ]\nthen\n source ~/.bashrc\nfi\n",
        ] {
            assert!(login_reads_all_of_bashrc(login.as_bytes(), b"alias a=b\n"), "{login}");
            assert!(!login_reads_all_of_bashrc(login.as_bytes(), DEBIAN_GUARD.as_bytes()), "{login}");
        }
        for login in [
            "",
            "# . ~/.bashrc\n",
            "if [ -n \"$PS1\" ]; then\n . ~/.bashrc\nfi\n",
            "f() {\n . ~/.bashrc\n}\n",
            "return\n. ~/.bashrc\n",
            "case $- in *i*)\n. ~/.bashrc\n;;\nesac\n",
        ] {
            assert!(!login_reads_all_of_bashrc(login.as_bytes(), b""), "{login}");
        }
    }
}
