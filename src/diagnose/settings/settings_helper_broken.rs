//! `settings-helper-broken`: a command in a settings file cannot be started.

use crate::change::fix::Repair;
use crate::diagnose::credentials::refresh;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, look, words};
use crate::observe::helpers::{Helper, Program};
use crate::observe::settings::Scope;

/// A command in a settings file cannot be started.
pub const KIND: Kind = Kind {
    name: "settings-helper-broken",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "A command in a settings file cannot be started",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`Error running awsAuthRefresh (in settings or ~/.claude.json):`, `awsCredentialExport … did not return a valid value`, `command not found`,
`Permission denied`, `No such file or directory`; then `Could not load credentials from any providers`, or a sign-in that is never renewed.

## Why

The command of `awsAuthRefresh` or `awsCredentialExport` names a program that is not there, may not be executed, or begins with a `#!` line whose
interpreter is not there (a carriage return behind it counts as part of its name). Claude Code runs it with `/bin/sh`, with the `PATH` of the process
that started it: `~` is expanded, aliases and functions of your shell are not known. A broken `apiKeyHelper` or `otelHeadersHelper` costs one line of
complaint.

## Fix

Write the absolute path of the program into the key, and make it executable: `chmod +x FILE`.

## Check

The command, pasted behind `/bin/sh -c`, starts.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    case.machine.helpers.iter().filter_map(|helper| broken(case, helper)).collect()
}

fn broken(case: &Case<'_>, helper: &Helper) -> Option<Found> {
    let Helper { key, scope, path, line, word, program } = helper;
    let place = format!("{}:{line}", words::short(case, path));
    let shown = |file| words::short(case, file);
    let (what, fix) = match program {
        Program::Found(_) | Program::OfTheShell => return None,
        Program::Missing if word.contains('/') => {
            let text = format!("Correct the path of `{key}` in {place}.");
            (format!("there is no file {word}"), hand::edit_settings(case, text, *scope, path, *line))
        }
        Program::Missing => {
            let text = format!("Install `{word}`, or write its absolute path into `{key}` in {place}.");
            (format!("no `{word}` on the PATH"), hand::edit_settings(case, text, *scope, path, *line))
        }
        Program::NotExecutable(file) => {
            let command = format!("chmod +x {}", hand::path(case, file));
            (format!("{} may not be executed", shown(file)), Fix::command("Make it executable.", command))
        }
        Program::NoInterpreter(file, interpreter) if interpreter.ends_with("\\r") => (
            format!("{} has Windows line ends: its interpreter is `{interpreter}`", shown(file)),
            Fix::command("Take the carriage returns out of it.", hand::strip_carriage_returns(case, file))
                .repaired_by(own(case, file).then(|| Repair::CarriageReturns { path: file.clone() })),
        ),
        Program::NoInterpreter(file, interpreter) => {
            let text = format!("Install `{interpreter}`, or correct the first line of {}.", shown(file));
            (
                format!("{} asks for `{interpreter}`, which is not there", shown(file)),
                hand::edit_line(case, text, file, 1),
            )
        }
    };
    let found = Found::new(format!("`{key}` cannot be started: {what}."))
        .evidence(format!("{}, {place}", scope.name()), format!("`{key}` runs `{word}`"))
        .evidence("its program", what);
    Some(if is_cause(case, helper) {
        renewals(key, *scope).iter().fold(found, |found, name| found.explains(name)).fix(fix)
    } else {
        found.severity(Severity::Warning).fix(fix)
    })
}

fn own(case: &Case<'_>, file: &std::path::Path) -> bool {
    file.starts_with(&case.machine.home)
}

/// It keeps Claude Code from its credentials, and is not merely going to.
fn is_cause(case: &Case<'_>, helper: &Helper) -> bool {
    match helper.key {
        "awsCredentialExport" => true,
        "awsAuthRefresh" => {
            // The AWS CLI may be on the PATH of the process that starts `claude` and on none of ours. Another word that is no program
            // here, on the PATH of this process and of a new terminal, is most likely none there.
            let certain = helper.program != Program::Missing || helper.word != "aws";
            certain || !look::obtained(case) && !refresh::signs_in_another(case)
        }
        _ => false,
    }
}

/// What it would have prevented.
fn renewals(key: &str, scope: Scope) -> &'static [&'static str] {
    match (key, scope) {
        // A command of a directory is not run by doctor, and what follows from it is not known.
        (_, Scope::Project | Scope::Local) => &[],
        ("awsAuthRefresh", _) => &["sso-session-expired", "sso-never-logged-in", "aws-login-expired", "keys-expired"],
        _ => &["credential-export-broken", "no-credentials", "aws-refused"],
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::helpers::{Helper, Program};
    use crate::observe::settings::Scope;

    fn with(key: &'static str, word: &str, program: Program) -> Scene {
        let mut scene = Scene::healthy();
        let path = scene.machine.home.join(".claude/settings.json");
        scene.machine.helpers.push(Helper { key, scope: Scope::User, path, line: 3, word: word.to_owned(), program });
        scene
    }

    #[test]
    fn a_program_that_is_not_there() {
        let mut scene = with("awsAuthRefresh", "aws", Program::Missing);
        assert_eq!(scene.expect_first("settings-helper-broken").severity, Severity::Warning);
        scene.machine.helpers.clear();
        let other = with("awsAuthRefresh", "aws-sso-login", Program::Missing);
        assert_eq!(other.expect_first("settings-helper-broken").severity, Severity::Error);
        scene.machine.helpers.clone_from(&other.machine.helpers);
        scene.without_credentials(None);
        let finding = scene.expect_first("settings-helper-broken");
        assert_eq!(finding.severity, Severity::Error);
        assert!(
            finding.summary.contains("aws-sso-login") && finding.fixes[0].text.contains("absolute path"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_file_that_is_not_there() {
        let finding = with("awsAuthRefresh", "~/bin/login", Program::Missing).expect_first("settings-helper-broken");
        assert_eq!(finding.severity, Severity::Error);
    }

    #[test]
    fn a_script_without_the_right_to_be_run() {
        let file = PathBuf::from("/home/ada/bin/creds.sh");
        let scene = with("awsCredentialExport", "~/bin/creds.sh", Program::NotExecutable(file));
        let finding = scene.expect_first("settings-helper-broken");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("chmod +x ~/bin/creds.sh"));
    }

    #[test]
    fn a_script_with_windows_line_ends() {
        let file = PathBuf::from("/home/ada/bin/creds.sh");
        let program = Program::NoInterpreter(file, "/bin/sh\\r".to_owned());
        let finding = with("awsCredentialExport", "~/bin/creds.sh", program).expect_first("settings-helper-broken");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("sed -i.before 's/\\r$//' ~/bin/creds.sh"));
    }

    #[test]
    fn helpers_that_bedrock_does_not_need_cost_a_line() {
        let scene = with("otelHeadersHelper", "/opt/otel", Program::Missing);
        assert_eq!(scene.expect_first("settings-helper-broken").severity, Severity::Warning);
    }

    #[test]
    fn what_starts_and_what_only_the_shell_knows() {
        for program in [Program::Found(PathBuf::from("/usr/bin/aws")), Program::OfTheShell] {
            with("awsAuthRefresh", "aws", program).expect_absent("settings-helper-broken");
        }
        Scene::healthy().expect_absent("settings-helper-broken");
    }
}
