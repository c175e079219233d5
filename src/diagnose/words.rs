//! Words that many findings share: commands in the user's shell, places as text, AWS's own words.

use std::path::Path;

use super::{Case, Fix, Who};
use crate::aws::answer::{Availability, NetworkFailure, Refusal};
use crate::observe::settings::Scope;
use crate::resolve::{Place, Source};
use crate::shell::{self, ShellKind};

/// The shell that commands are written for: the login shell, else POSIX.
fn shell(case: &Case<'_>) -> ShellKind {
    case.machine.login_shell.as_ref().map_or(ShellKind::Sh, |shell| shell.kind)
}

/// `value` as one word of a command line of the user's shell.
pub fn quote(case: &Case<'_>, value: &str) -> String {
    // Arguments may be bare in every shell; values are not in Nushell, xonsh and PowerShell.
    if shell::quote::is_bare(value) { value.to_owned() } else { literal(case, value) }
}

/// `value` as the right side of an assignment of the user's shell.
fn literal(case: &Case<'_>, value: &str) -> String {
    shell::quote::quote(shell(case).syntax(), value)
}

/// The command that sets a variable for this shell and what it starts.
pub fn export(case: &Case<'_>, name: &str, value: &str) -> String {
    export_in(shell(case), name, value)
}

/// The same in the language of another kind of shell, for a line of its files.
pub fn export_in(kind: ShellKind, name: &str, value: &str) -> String {
    let value = shell::quote::quote(kind.syntax(), value);
    match kind {
        ShellKind::Fish => format!("set -gx {name} {value}"),
        ShellKind::Tcsh | ShellKind::Csh => format!("setenv {name} {value}"),
        ShellKind::Nushell => format!("$env.{name} = {value}"),
        ShellKind::Elvish => format!("set-env {name} {value}"),
        ShellKind::Xonsh => format!("${name} = {value}"),
        ShellKind::PowerShell => format!("$env:{name} = {value}"),
        _ => format!("export {name}={value}"),
    }
}

/// The command that takes variables away from this shell.
pub fn unset(case: &Case<'_>, names: &[&str]) -> String {
    let each =
        |start: &str, end: &str| names.iter().map(|name| format!("{start}{name}{end}")).collect::<Vec<_>>().join("; ");
    match shell(case) {
        ShellKind::Fish => format!("set -e {}", names.join(" ")),
        ShellKind::Tcsh | ShellKind::Csh => each("unsetenv ", ""),
        ShellKind::Nushell => format!("hide-env {}", names.join(" ")),
        ShellKind::Elvish => each("unset-env ", ""),
        ShellKind::Xonsh => each("del $", ""),
        ShellKind::PowerShell => {
            format!("Remove-Item {}", names.iter().map(|name| format!("Env:{name}")).collect::<Vec<_>>().join(", "))
        }
        _ => format!("unset {}", names.join(" ")),
    }
}

/// A path as people write it: below the home with `~`.
pub fn short(case: &Case<'_>, path: &Path) -> String {
    crate::world::short(path, &case.machine.home)
}

/// `file:line`.
pub fn place(case: &Case<'_>, place: &Place) -> String {
    place.text(&case.machine.home)
}

/// A source as text, with file and line where they are known.
pub fn source(case: &Case<'_>, source: &Source) -> String {
    source.text(&case.machine.home)
}

/// Who sets `name`, as text; `None` where nobody does.
pub fn set_by(case: &Case<'_>, name: &str) -> Option<String> {
    let winner = case.route.variable(name)?.winner.as_ref()?;
    Some(source(case, &winner.source))
}

/// The fix that gives a variable another value, at the place that sets it now.
pub fn change(case: &Case<'_>, name: &str, value: &str) -> Fix {
    let winner = case.route.variable(name).and_then(|variable| variable.winner.as_ref());
    match winner.map(|winner| &winner.source) {
        Some(Source::Settings { scope, place: at }) => in_settings(
            *scope,
            format!("Set `{name}` to `{value}` in the `env` block of {} ({}).", scope.name(), place(case, at)),
        ),
        Some(
            Source::Environment { place: Some(at) } | Source::NewShell { place: Some(at), .. } | Source::RcFile(at),
        ) => Fix::command(
            format!("Set it for this shell, and change {} so that it stays.", place(case, at)),
            export(case, name, value),
        ),
        _ => Fix::command(format!("Set {name} to {value}."), export(case, name, value)),
    }
}

/// A change of a settings file, by whom that file belongs to.
pub fn in_settings(scope: Scope, text: String) -> Fix {
    Fix::words(if scope == Scope::Managed { Who::OrgAdmin } else { Who::You }, text)
}

/// AWS's own words, with the request id.
pub fn refusal(refusal: &Refusal) -> String {
    let code = if refusal.code.is_empty() { String::new() } else { format!(" {}", refusal.code) };
    let id =
        refusal.request_id.as_deref().map_or_else(|| "no AWS request id".to_owned(), |id| format!("request id {id}"));
    format!("{}{code}: {} ({id})", refusal.status, refusal.message)
}

/// The four fields of access.
pub fn availability(fields: &Availability) -> String {
    format!(
        "agreement {}, authorization {}, entitlement {}, region {}",
        fields.agreement, fields.authorization, fields.entitlement, fields.region
    )
}

/// A failure on the way, in one line.
pub fn failure(failure: &NetworkFailure) -> String {
    format!("{}: {}", failure.host, failure.detail)
}

/// ` --profile NAME` for the AWS CLI, or nothing for the default profile.
pub fn profile_option(case: &Case<'_>, name: &str) -> String {
    if name == "default" { String::new() } else { format!(" --profile {}", quote(case, name)) }
}
