//! Commands that a person pastes to change a file or a terminal by hand.

use std::path::Path;

use super::{Case, Fix, Who, local, repairs, words};
use crate::observe::settings::Scope;
use crate::resolve::Source;
use crate::shell::ShellKind;

/// Editors that open a file at a line with `+LINE`.
const LINE_EDITORS: [&str; 9] = ["vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "mg"];

/// A path as an argument of a command: below the home with `~` where that needs no quotes.
pub fn path(case: &Case<'_>, path: &Path) -> String {
    let short = words::short(case, path);
    match short.strip_prefix("~/") {
        Some(rest) if rest.chars().all(|character| character.is_ascii_alphanumeric() || "-_./".contains(character)) => {
            short
        }
        _ => words::quote(case, &path.display().to_string()),
    }
}

/// Opens a file at a line, in the editor that this environment names.
pub fn edit(case: &Case<'_>, file: &Path, line: usize) -> String {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| case.machine.environment.non_empty(name));
    let program = named.and_then(|text| text.split_whitespace().next()).map(Path::new).and_then(Path::file_name);
    let editor = program.and_then(|name| name.to_str()).filter(|name| LINE_EDITORS.contains(name)).unwrap_or("vi");
    format!("{editor} +{line} {}", path(case, file))
}

/// The fix that changes one line of a file by hand. What a running client was given on its command line is in no file, and
/// is named by its flag.
pub fn edit_line(case: &Case<'_>, text: impl Into<String>, file: &Path, line: usize) -> Fix {
    if file.is_absolute() {
        return Fix::command(text, edit(case, file, line));
    }
    let text: String = text.into();
    Fix::words(Who::You, format!("{text} It was given on the command line: start the session again without it."))
}

/// The fix that changes a line of a settings file: by the person here, or by whom a managed file belongs to.
pub fn edit_settings(case: &Case<'_>, text: impl Into<String>, scope: Scope, file: &Path, line: usize) -> Fix {
    if scope == Scope::Managed { Fix::words(Who::OrgAdmin, text) } else { edit_line(case, text, file, line) }
}

/// The fix that takes a variable away where it is set.
pub fn remove(case: &Case<'_>, name: &str) -> Fix {
    // The route knows the lines of our blocks too; it does not know every variable.
    let winner = case.route.variable(name).and_then(|variable| variable.winner.as_ref());
    match winner.map(|winner| winner.source.clone()).or_else(|| local::source(case, name)) {
        Some(Source::Settings { scope, place }) => {
            let text = format!("Remove `{name}` from the `env` block of {}.", words::place(case, &place));
            edit_settings(case, text, scope, &place.path, place.line)
        }
        Some(
            Source::Environment { place: Some(place) }
            | Source::NewShell { place: Some(place), .. }
            | Source::RcFile(place),
        ) => {
            let text = format!("Unset {name} here, and remove it from {}.", words::place(case, &place));
            Fix::command(text, words::unset(case, &[name]))
        }
        _ => Fix::command(format!("Unset {name}, and remove it from where it is set."), words::unset(case, &[name])),
    }
}

/// The fix that takes a variable away where it is set, and that the program can do where nothing is in doubt.
pub fn take_away(case: &Case<'_>, name: &str) -> Fix {
    remove(case, name).repaired_by(repairs::take_away(case, name))
}

/// Makes this terminal read a start-up file again.
pub fn reload(case: &Case<'_>, file: &Path) -> String {
    let file = path(case, file);
    match case.machine.login_shell.as_ref().map(|shell| shell.kind) {
        Some(ShellKind::Sh | ShellKind::Ksh | ShellKind::Mksh | ShellKind::Yash | ShellKind::PowerShell) => {
            format!(". {file}")
        }
        // These read their configuration at start only.
        Some(ShellKind::Nushell) => "exec nu".to_owned(),
        Some(ShellKind::Elvish) => "exec elvish".to_owned(),
        _ => format!("source {file}"),
    }
}

/// Takes carriage returns out of a file, a copy left beside it. Nothing in it depends on the shell.
pub fn strip_carriage_returns(case: &Case<'_>, file: &Path) -> String {
    format!("sed -i.before 's/\\r$//' {}", path(case, file))
}
