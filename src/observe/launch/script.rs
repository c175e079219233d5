//! Lines of a script, a function or an alias, up to the one that starts the client.

use super::command::{base, commands, simple};
use super::{Change, Launch, Line, Step, other_languages};
use crate::observe::rc_files::words::Word;
use crate::observe::rc_files::{Effect, assignments, lines};
use crate::shell::ShellKind;

/// What counts as a start of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// A program of the client's name, or its package.
    Named,
    /// Also any program that all arguments are handed on to: what a wrapper stands for.
    Wrapped,
}

/// How deep shells within shells are looked into.
const DEEPEST: usize = 3;

/// What a command line does before it starts the client; `None` where it does not start it.
pub fn of_command(line: &str, starts: Starts) -> Option<Launch> {
    of_lines(&[(1, line)], ShellKind::Bash, starts)
}

/// What these lines do before they start the client; `None` where they do not start it. Where they start it more than once,
/// that which stands behind no condition counts.
pub fn of_lines(lines: &[(usize, &str)], shell: ShellKind, starts: Starts) -> Option<Launch> {
    let interpreter = lines.first().map(|(_, line)| *line).unwrap_or_default();
    if let Some(language) = other_languages::of(interpreter) {
        return Some(other_languages::read(lines, language));
    }
    let mut reader = Reader {
        starts,
        shell,
        steps: Vec::new(),
        reads_shell_files: false,
        found: None,
        open: 0,
        loop_over: Vec::new(),
    };
    reader.read(lines, 0);
    reader.found
}

struct Reader {
    starts: Starts,
    shell: ShellKind,
    steps: Vec<Step>,
    reads_shell_files: bool,
    found: Option<Launch>,
    /// Open `if`, `case`, `for`, `while`.
    open: usize,
    /// Starts of names that the loop around the line goes over.
    loop_over: Vec<String>,
}

impl Reader {
    fn read(&mut self, lines: &[(usize, &str)], depth: usize) {
        let lines: Vec<(usize, String)> = lines::joined(lines, self.shell);
        // What the text itself exports or unsets, by the reader of rc files.
        let plain: Vec<(usize, &str)> = lines.iter().map(|(number, text)| (*number, text.as_str())).collect();
        let changes = assignments::find(&plain, self.shell, false);
        for (number, text) in &lines {
            let chained = text.contains("&&") || text.contains("||");
            let first = text.split_whitespace().next().unwrap_or_default();
            let leads = matches!(first, "unset" | "export" | "set" | "setenv" | "unsetenv");
            let opens = matches!(first, "if" | "case" | "for" | "while" | "until" | "switch");
            for change in changes.iter().filter(|change| change.line == *number) {
                let change_of = match change.effect {
                    Effect::Unset => Change::Unset(change.name.clone()),
                    Effect::Export => Change::Set(change.name.clone(), change.value.clone()),
                    Effect::SetOnly | Effect::Foreign => continue,
                };
                let line = Line::new(*number, text, self.open > 0 || opens || (chained && !leads));
                self.steps.push(Step { change: change_of, at: line });
            }
            self.unset_by_start(*number, text);
            for (at, command) in commands(text).iter().enumerate() {
                let first = command.first().map(|word| word.raw.as_str()).unwrap_or_default();
                self.open = match first {
                    "if" | "case" | "for" | "while" | "until" | "switch" => self.open + 1,
                    "fi" | "esac" | "done" => self.open.saturating_sub(1),
                    "end" if self.shell == ShellKind::Fish => self.open.saturating_sub(1),
                    _ => self.open,
                };
                if self.open == 0 {
                    self.loop_over.clear();
                }
                let line = Line::new(*number, text, self.open > 0 || (chained && at > 0));
                self.command(command, text, line, depth);
            }
        }
    }

    fn command(&mut self, command: &[Word], text: &str, line: Line, depth: usize) {
        let found = simple(command, text);
        self.reads_shell_files |= found.reads_shell_files || sources_shell_files(&found.words);
        let own = found.changes.into_iter().map(|change| Step { change, at: line.clone() });
        let before = self.steps.len();
        self.steps.extend(own);
        if let Some(inner) = found.inner.filter(|_| depth < DEEPEST) {
            let inner: Vec<(usize, &str)> = inner.lines().map(|text| (line.number, text)).collect();
            self.read(&inner, depth + 1);
        } else if let Some(program) = self.program(&found.words) {
            let better = self.found.as_ref().is_none_or(|known| known.at.conditional && !line.conditional);
            if better {
                self.found = Some(Launch {
                    steps: self.steps.clone(),
                    program: Some(program).filter(|program| !program.contains('$')),
                    settings: settings(&found.words),
                    at: line,
                    reads_shell_files: self.reads_shell_files,
                });
            }
        }
        // What stands before a program is for that program alone.
        self.steps.truncate(before);
    }

    /// The word that names the client in a command, or the program that a wrapper hands its arguments on to.
    fn program(&self, words: &[String]) -> Option<String> {
        let first = words.first()?;
        let runs = RUNNERS.contains(&base(first).as_str());
        // As a program, what a runner runs, or the value of an option (`--agent claude`, `--exec=/opt/claude`).
        let named = words.iter().enumerate().find_map(|(at, word)| {
            let value = word.split_once('=').filter(|(option, _)| option.starts_with('-')).map(|(_, value)| value);
            let by_option =
                at > 0 && (words[at - 1].starts_with("--") || matches!(words[at - 1].as_str(), "-c" | "-e"));
            let placed = at == 0 || runs || by_option;
            [Some(word.as_str()).filter(|_| placed), value].into_iter().flatten().find(|word| is_client(word))
        });
        if let Some(named) = named.filter(|_| !TALKERS.contains(&first.as_str())) {
            return Some(named.to_owned());
        }
        let hands_on = words.iter().skip(1).any(|word| ALL_ARGUMENTS.contains(&word.as_str()));
        (self.starts == Starts::Wrapped && hands_on && !TALKERS.contains(&first.as_str())).then(|| first.clone())
    }

    /// `unset ${!CLAUDE_@}`, `unset $(env | grep ^CLAUDE_ | …)`, and the loop that does the same.
    fn unset_by_start(&mut self, number: usize, text: &str) {
        const STARTS: [&str; 4] = ["CLAUDE_CODE_", "CLAUDE_", "ANTHROPIC_", "AWS_"];
        let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        let named: Vec<String> = words
            .filter(|word| STARTS.iter().any(|start| *word == *start || *word == start.trim_end_matches('_')))
            .map(str::to_owned)
            .collect();
        let computes = ["$(", "${!", "`"].iter().any(|form| text.contains(form));
        let unsets = text.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| word == "unset");
        if text.trim_start().starts_with("for ") && computes {
            self.loop_over.clone_from(&named);
        }
        let taken = match (unsets, computes) {
            (true, true) => named,
            // `unset "$name"` in the body of such a loop.
            (true, false) if text.contains('$') => self.loop_over.clone(),
            _ => Vec::new(),
        };
        for start in taken {
            self.steps.push(Step { change: Change::UnsetStart(start), at: Line::new(number, text, false) });
        }
    }
}

/// The value of `--settings` among the words of a command: the last one counts.
fn settings(words: &[String]) -> Option<String> {
    let of_word = |(at, word): (usize, &String)| match word.strip_prefix("--settings") {
        Some("") => words.get(at + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(str::to_owned),
        None => None,
    };
    let given = words.iter().enumerate().filter_map(of_word).next_back()?;
    // A computed word still has its quotes.
    let inner = given.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(inner.map_or_else(|| given.clone(), str::to_owned))
}

/// All arguments of a script or function, in the forms of the shells.
const ALL_ARGUMENTS: [&str; 7] = ["\"$@\"", "$@", "\"${@}\"", "${@}", "$*", "$argv", "\\!*"];

/// Commands that name a program without starting it.
const TALKERS: [&str; 16] = [
    "echo", "printf", "which", "type", "hash", "test", "[", "[[", "cd", "ls", "mkdir", "rm", "ln", "cat", "source", ".",
];

/// Programs that start the one that is named among their arguments.
const RUNNERS: [&str; 37] = [
    "npx",
    "bunx",
    "pnpx",
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "node",
    "deno",
    "timeout",
    "nice",
    "ionice",
    "stdbuf",
    "chrt",
    "taskset",
    "xvfb-run",
    "tmux",
    "screen",
    "script",
    "direnv",
    "op",
    "aws-vault",
    "mise",
    "asdf",
    "volta",
    "flock",
    "caffeinate",
    "systemd-run",
    "systemd-inhibit",
    "unbuffer",
    "watch",
    "xargs",
    "docker",
    "podman",
    "gosu",
    "tini",
    "su",
];

/// The client by its name, by its package, or by that of an image of a container.
fn is_client(word: &str) -> bool {
    let base = base(word);
    let name = base.split("@sha256:").next().and_then(|image| image.split(':').next()).unwrap_or_default();
    matches!(name, "claude" | "claude-code" | "claude.exe") || word.contains("@anthropic-ai/claude-code")
}

/// `. ~/.profile`, `source ~/.bashrc`
fn sources_shell_files(words: &[String]) -> bool {
    let [first, file, ..] = words else { return false };
    let names = ["rc", "profile", ".zshenv", "bash_login", "config.fish", ".env"];
    matches!(first.as_str(), "." | "source") && names.iter().any(|name| file.ends_with(name))
}
