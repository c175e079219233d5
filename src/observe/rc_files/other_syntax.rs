//! Assignments in the shells that are languages of their own: nushell, elvish, xonsh, PowerShell.

use std::sync::LazyLock;

use regex::Regex;

use super::Effect;
use super::assignments::Change;
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

/// How other languages set a variable: first the name, then the value.
static FOREIGN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = "([A-Z][A-Z0-9_]+)";
    let forms = [
        format!(r"(?:export|setenv|set-env|setx|set\s+-[gU]*x[gU]*)\s+{name}(?:\s*=\s*|\s+)(.*)"),
        // `set NAME=value` of cmd, `let-env NAME = value` of an old Nushell.
        format!(r"(?:set|let-env)\s+{name}\s*=\s*(.*)"),
        format!(r"\$env[:.]{name}\s*=\s*(.*)"),
        format!(r"(?:set\s+)?E:{name}\s*=\s*(.*)"),
        format!(r"\$?{name}\s*=\s*(\S.*)"),
    ];
    Regex::new(&format!(r"^\s*(?:{})$", forms.join("|"))).ok()
});

/// A line that would set a variable in another language than that of its file.
pub fn foreign(line: &str, shell: ShellKind) -> Option<Change> {
    let line = line.trim_end();
    let found = FOREIGN.as_ref()?.captures(line)?;
    let mut groups = found.iter().skip(1).flatten().map(|group| group.as_str());
    let (name, value) = (groups.next()?, groups.next().unwrap_or_default());
    // `NAME=value program` is for that program, in all shells that have it at all.
    let bare = line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
    let is_before_program = bare && line.split_whitespace().count() > 1;
    // What the shell does know, and does in its own way.
    let is_own = match shell {
        ShellKind::Bash | ShellKind::Zsh | ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh | ShellKind::Yash => {
            line.trim_start().starts_with("export")
        }
        _ => false,
    };
    (!is_before_program && !is_own).then(|| Change::new(name, plain(value), Effect::Foreign))
}

/// A value as far as it is a literal in any language: quoted, or one word.
fn plain(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(';').trim_end();
    let quoted = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = quoted.unwrap_or(text);
    let is_plain =
        !value.is_empty() && !value.contains(['$', '`', '"', '\'']) && (quoted.is_some() || !value.contains(' '));
    is_plain.then(|| value.to_owned())
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
