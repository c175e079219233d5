//! Wrappers written in Python or JavaScript: the few forms in which they take a variable away or give it a value.

use std::sync::LazyLock;

use regex::Regex;

use super::{Change, Launch, Line, Step};
use crate::observe::rc_files::{is_known, is_secret};

/// A language of scripts that is no shell's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript of Node, Bun or Deno.
    JavaScript,
}

/// The language that the first line of a script names, if it is one of these.
pub fn of(interpreter: &str) -> Option<Language> {
    let line = interpreter.strip_prefix("#!")?;
    if line.contains("python") {
        Some(Language::Python)
    } else if ["node", "bun", "deno"].iter().any(|name| line.contains(name)) {
        Some(Language::JavaScript)
    } else {
        None
    }
}

/// How a variable is taken away (group 1 the name), set (groups 1 and 2), or all of a start taken away (group 1).
struct Forms {
    unset: Regex,
    set: Regex,
    start: Regex,
}

fn forms(unset: &str, set: &str, start: &str) -> Option<Forms> {
    Some(Forms { unset: Regex::new(unset).ok()?, set: Regex::new(set).ok()?, start: Regex::new(start).ok()? })
}

static PYTHON: LazyLock<Option<Forms>> = LazyLock::new(|| {
    forms(
        r#"(?:env(?:iron)?\.pop\(\s*|del\s+(?:os\.)?env(?:iron)?\[\s*)["'](\w+)["']"#,
        r#"env(?:iron)?\[\s*["'](\w+)["']\s*\]\s*=\s*["']([^"']*)["']"#,
        r#"\.startswith\(\s*\(?\s*["'](\w+)["']"#,
    )
});

static JAVASCRIPT: LazyLock<Option<Forms>> = LazyLock::new(|| {
    forms(
        r#"delete\s+(?:process\.)?env(?:\.|\[\s*["'])(\w+)"#,
        r#"(?:process\.)?env(?:\.|\[\s*["'])(\w+)(?:["']\s*\])?\s*=\s*["']([^"']*)["']"#,
        r#"\.startsWith\(\s*["'](\w+)["']"#,
    )
});

/// What such a script does to the environment; where in it the client is started is not looked for.
pub fn read(lines: &[(usize, &str)], language: Language) -> Launch {
    let mut launch = Launch::default();
    let forms = match language {
        Language::Python => PYTHON.as_ref(),
        Language::JavaScript => JAVASCRIPT.as_ref(),
    };
    let Some(forms) = forms else { return launch };
    for (at, (number, line)) in lines.iter().enumerate() {
        let comment = line.trim_start().starts_with(['#', '/', '*']);
        if comment {
            continue;
        }
        let mut push = |change: Change| {
            // Indented lines stand in a condition, a loop or a function.
            let conditional = line.starts_with([' ', '\t']);
            launch.steps.push(Step { change, at: Line::new(*number, line, conditional) });
        };
        for found in forms.unset.captures_iter(line).filter(|found| is_known(&found[1])) {
            push(Change::Unset(found[1].to_owned()));
        }
        for found in forms.set.captures_iter(line).filter(|found| is_known(&found[1])) {
            let value = Some(found[2].to_owned()).filter(|_| !is_secret(&found[1]));
            push(Change::Set(found[1].to_owned(), value));
        }
        // `if not name.startswith("CLAUDE_")` in a copy, or a loop that deletes what starts so.
        let next = lines.get(at + 1).map(|(_, next)| *next).unwrap_or_default();
        let drops = |text: &str| ["not ", "!", "del ", "delete ", ".pop("].iter().any(|word| text.contains(word));
        for found in forms.start.captures_iter(line).filter(|found| is_known(&found[1]) || &found[1] == "CLAUDE") {
            if drops(line) || drops(next) {
                push(Change::UnsetStart(found[1].to_owned()));
            }
        }
    }
    launch
}
