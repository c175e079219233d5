//! Assignments in the shells that are languages of their own: nushell, elvish, xonsh, PowerShell.

use std::sync::LazyLock;

use regex::Regex;

use super::assignments::Change;
use super::{Effect, words};
use crate::shell::ShellKind;

/// How a line of one language sets (group 1 the name, group 2 the value), keeps for itself, or unsets a variable.
struct Syntax {
    export: Regex,
    set_only: Regex,
    unset: Regex,
}

fn syntax(export: &str, set_only: &str, unset: &str) -> Syntax {
    // The patterns are literals below; a test runs through all of them.
    #[allow(clippy::expect_used)]
    let regex = |pattern: &str| Regex::new(pattern).expect("a valid pattern");
    Syntax { export: regex(export), set_only: regex(set_only), unset: regex(unset) }
}

static NUSHELL: LazyLock<Syntax> = LazyLock::new(|| {
    syntax(
        r"^\s*\$env\.(\w+)\s*=\s*(.*)$",
        r"^\s*(?:let|mut|const)\s+(\w+)\s*=\s*(.*)$",
        r"^\s*hide-env\s+(?:-i\s+)?(\w+)",
    )
});
/// Entries of a record, of `load-env { … }` on one or on several lines.
static NUSHELL_ENTRY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|[{,\s])["']?([A-Z][A-Z0-9_]+)["']?\s*:\s*("[^"]*"|'[^']*'|[^,}\s]+)"#).ok());
static ELVISH: LazyLock<Syntax> = LazyLock::new(|| {
    syntax(
        r"^\s*(?:set-env\s+|set\s+E:|E:)(\w+)(?:\s*=)?\s*(.*)$",
        r"^\s*var\s+(\w+)\s*=\s*(.*)$",
        r"^\s*unset-env\s+(\w+)",
    )
});
static XONSH: LazyLock<Syntax> = LazyLock::new(|| {
    syntax(
        r#"^\s*(?:\$|\$\{['"]|__xonsh__\.env\[['"])(\w+)(?:['"]\}|['"]\])?\s*=\s*(.*)$"#,
        r"^(\w+)\s*=\s*(.*)$",
        r#"^\s*del\s+\$(?:\{['"])?(\w+)"#,
    )
});
static POWERSHELL: LazyLock<Syntax> = LazyLock::new(|| {
    syntax(
        r"(?i)^\s*\$(?:\{)?env:(\w+)\}?\s*=\s*(.*)$",
        r"^\s*\$(?:global:|script:)?(\w+)\s*=\s*(.*)$",
        r"(?i)^\s*(?:Remove-Item|ri|rm|del)\s+(?:-Path\s+)?Env:[\\/]?(\w+)",
    )
});

/// The changes that one line makes.
pub fn changes(line: &str, shell: ShellKind) -> Vec<Change> {
    if line.trim_start().starts_with('#') {
        return Vec::new();
    }
    let syntax: &Syntax = match shell {
        ShellKind::Nushell => &NUSHELL,
        ShellKind::Elvish => &ELVISH,
        ShellKind::Xonsh => &XONSH,
        _ => &POWERSHELL,
    };
    let line = line.trim_end();
    if let Some(found) = syntax.unset.captures(line) {
        return vec![Change::new(&found[1], None, Effect::Unset)];
    }
    for (pattern, effect) in [(&syntax.export, Effect::Export), (&syntax.set_only, Effect::SetOnly)] {
        if let Some(found) = pattern.captures(line) {
            let is_null = shell == ShellKind::PowerShell && found[2].eq_ignore_ascii_case("$null");
            let effect = if is_null { Effect::Unset } else { effect };
            return vec![Change::new(&found[1], literal(&found[2], shell), effect)];
        }
    }
    if let (ShellKind::Nushell, Some(entry)) = (shell, NUSHELL_ENTRY.as_ref()) {
        let change = |found: regex::Captures| Change::new(&found[1], literal(&found[2], shell), Effect::Export);
        return entry.captures_iter(line).map(change).collect();
    }
    Vec::new()
}

/// How other languages set a variable: group 1 the name.
static FOREIGN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = "([A-Z][A-Z0-9_]+)";
    let forms = [
        format!(r"(?:export|setenv|set-env|set\s+-[gU]*x[gU]*)\s+{name}(?:\s|=)"),
        format!(r"\$env[:.]{name}\s*="),
        format!(r"(?:set\s+)?E:{name}\s*="),
        format!(r"{name}=\S"),
    ];
    Regex::new(&format!(r"^\s*(?:{})", forms.join("|"))).ok()
});

/// A line that would set a variable in another language than that of its file.
pub fn foreign(line: &str, shell: ShellKind) -> Option<Change> {
    let found = FOREIGN.as_ref()?.captures(line)?;
    let name = found.iter().skip(1).flatten().next()?.as_str();
    // `NAME=value program` is for that program, in all shells that have it at all.
    let is_before_program = line.trim_start().starts_with(name) && line.split_whitespace().count() > 1;
    // What the shell does know, and does in its own way.
    let is_own = match shell {
        ShellKind::Bash | ShellKind::Zsh | ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh | ShellKind::Yash => {
            line.trim_start().starts_with("export")
        }
        _ => false,
    };
    (!is_before_program && !is_own).then(|| Change::new(name, foreign_literal(line, name), Effect::Foreign))
}

/// The value that a line of another language gives, where it is one plain word.
fn foreign_literal(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(name)?;
    let rest = rest.trim_start().trim_start_matches('=').trim();
    match words::commands(rest).as_slice() {
        [command] => match command.as_slice() {
            [word] => word.value.clone(),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a literal: quoted, or a bare word where the language has those. `None` when it is computed.
fn literal(text: &str, shell: ShellKind) -> Option<String> {
    let text = text.trim();
    let quote = text.chars().next()?;
    if quote == '\'' || quote == '"' {
        let (inside, after) = text[1..].split_once(quote)?;
        let after = after.trim_start();
        let is_alone = after.is_empty() || after.starts_with(['#', ';']);
        let is_plain = quote == '\'' || !inside.contains(['$', '\\', '`']);
        return (is_alone && is_plain).then(|| inside.to_owned());
    }
    let word = text.split_whitespace().next()?;
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let has_bare_words = matches!(shell, ShellKind::Elvish | ShellKind::Nushell);
    let is_plain = word.chars().all(|character| character.is_ascii_alphanumeric() || "-_.:/@%+".contains(character));
    (is_number || (has_bare_words && is_plain)).then(|| word.to_owned())
}
