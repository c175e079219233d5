//! Lines that can end an rc file early, so that what stands below them is never reached.

use super::{lines, shown, words};
use crate::shell::ShellKind;

/// Such lines outside of functions, each with its number.
pub fn find(lines: &[(usize, &str)], shell: ShellKind) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut depth = Depth::default();
    for (line, text) in self::lines::joined(lines, shell) {
        let commands: Vec<Vec<String>> =
            words::commands(&text).into_iter().map(|words| words.into_iter().map(|word| word.raw).collect()).collect();
        if !depth.after(&text, &commands, shell) && commands.iter().any(|command| ends(command, shell)) {
            found.push((line, shown(&text)));
        }
    }
    found
}

/// Whether a command ends the file or the shell.
fn ends(command: &[String], shell: ShellKind) -> bool {
    const BEFORE: [&str; 11] = ["then", "do", "else", "{", "!", "and", "or", "builtin", "command", "begin", "if"];
    let is_c_shell = matches!(shell, ShellKind::Csh | ShellKind::Tcsh);
    let command = command.iter().map(|word| word.trim_end_matches('\r')).skip_while(|word| BEFORE.contains(word));
    let words: Vec<&str> = command.collect();
    // `if (! $?prompt) exit` has no separator before its command.
    let from = if is_c_shell { words.iter().position(|word| matches!(*word, "exit" | "exec")).unwrap_or(0) } else { 0 };
    match words.get(from..) {
        Some(["return", ..]) => !is_c_shell,
        Some(["exit", ..]) | Some(["exit()"]) => true,
        // Without a program `exec` only redirects.
        Some(["exec", program, ..]) => {
            !program.starts_with(['<', '>']) && !program.starts_with(|first: char| first.is_ascii_digit())
        }
        _ => false,
    }
}

/// How deep in functions a line is.
#[derive(Default)]
struct Depth {
    /// Open braces (or `begin`, `if`, `function` … of fish) since the function began.
    open: usize,
    is_waiting_for_brace: bool,
}

impl Depth {
    /// Takes a line in; whether it is part of a function.
    fn after(&mut self, text: &str, commands: &[Vec<String>], shell: ShellKind) -> bool {
        if shell == ShellKind::Fish {
            return self.after_fish(commands);
        }
        let trimmed = text.trim_start();
        let first = trimmed.split_whitespace().next().unwrap_or_default();
        let begins =
            ["function", "def", "fn"].contains(&first) || (shell != ShellKind::Xonsh && is_definition(trimmed));
        if self.open == 0 && !begins && !self.is_waiting_for_brace {
            return false;
        }
        if shell == ShellKind::Xonsh {
            // Python ends a function by indentation: a line that begins at the margin is outside.
            self.is_waiting_for_brace = begins || text.starts_with([' ', '\t']) || trimmed.is_empty();
            return self.is_waiting_for_brace;
        }
        let opened = trimmed.matches('{').count();
        let closed = trimmed.matches('}').count();
        self.is_waiting_for_brace = self.open == 0 && opened == 0;
        self.open = (self.open + opened).saturating_sub(closed);
        true
    }

    fn after_fish(&mut self, commands: &[Vec<String>]) -> bool {
        let was_inside = self.open > 0;
        let mut is_inside = was_inside;
        for command in commands {
            match command.first().map(String::as_str) {
                Some("function") => self.open += 1,
                Some("if" | "for" | "while" | "switch" | "begin") if self.open > 0 => self.open += 1,
                Some("end") => self.open = self.open.saturating_sub(1),
                _ => {}
            }
            is_inside |= self.open > 0;
        }
        is_inside
    }
}

/// `name() …`, `name () …`
fn is_definition(line: &str) -> bool {
    let Some((name, rest)) = line.split_once('(') else {
        return false;
    };
    let name = name.trim_end();
    let is_name = |character: char| character.is_alphanumeric() || "_-.:+".contains(character);
    !name.is_empty() && name.chars().all(is_name) && rest.trim_start().starts_with(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(shell: ShellKind, text: &str) -> Vec<usize> {
        let lines: Vec<(usize, &str)> = text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
        find(&lines, shell).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn posix_shells() {
        let text = "case $- in\n    *i*) ;;\n      *) return;;\nesac\n[ -z \"$PS1\" ] && return\n\
            f() {\n  return 1\n}\ng () { return; }\nfunction h\n{\n  exit\n}\nexec 2>&1\nexec fish\n# exit\necho exit\n\
            if true; then exit 3; fi\nalias x='exit'\n[[ $- != *i* ]] && return\r\n";
        assert_eq!(lines_of(ShellKind::Bash, text), [3, 5, 15, 18, 20]);
    }

    #[test]
    fn other_shells() {
        assert_eq!(
            lines_of(
                ShellKind::Fish,
                "function f\n if x\n return\n end\n return\nend\nstatus is-interactive; or exit\n"
            ),
            [7]
        );
        assert_eq!(lines_of(ShellKind::Tcsh, "if (! $?prompt) exit\nset x = 1\n"), [1]);
        assert_eq!(lines_of(ShellKind::Xonsh, "def f():\n    return 1\n\nexit()\n"), [4]);
        assert_eq!(lines_of(ShellKind::Nushell, "def f [] {\n return 1\n}\nexit\n"), [4]);
        assert_eq!(lines_of(ShellKind::PowerShell, "function f {\n return\n}\nreturn\n"), [4]);
    }

    #[test]
    fn a_guard_shows_no_secret() {
        let found = find(&[(1, "AWS_SECRET_ACCESS_KEY=hidden-value; exec zsh")], ShellKind::Bash);
        assert_eq!(found, [(1, "AWS_SECRET_ACCESS_KEY=…".to_owned())]);
    }
}
