//! Whether a sign-in in a browser can come back to this session, and the command that does without.

use crate::diagnose::{Case, Fix, words};
use crate::version::Version;

/// The first AWS CLI whose `aws sso login` waits for the browser at 127.0.0.1.
/// Source: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html>
const WAITS_HERE: Version = Version(2, 22, 0);

/// Why the browser cannot come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Where that is known from.
    pub place: String,
    /// What is there.
    pub what: String,
    /// The session says itself that it runs elsewhere; a mark on the disk alone says less.
    pub certain: bool,
}

/// Why a browser that a sign-in opens could not answer this session, if so.
pub fn away(case: &Case<'_>) -> Option<Away> {
    let machine = case.machine;
    let env = |name: &str| machine.environment.non_empty(name);
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().find(|name| env(name).is_some());
    let browser = env("BROWSER").is_some() || (machine.host.browser.is_some() && display.is_some());
    if browser {
        return None;
    }
    let elsewhere = "the session runs on another machine than the browser".to_owned();
    let names = [
        "SSH_CONNECTION",
        "SSH_CLIENT",
        "SSH_TTY",
        "CODESPACES",
        "REMOTE_CONTAINERS",
        "KUBERNETES_SERVICE_HOST",
        "container",
    ];
    if let Some(name) = names.into_iter().find(|name| env(name).is_some()) {
        return Some(Away { place: name.to_owned(), what: elsewhere, certain: true });
    }
    let mark = machine.host.container.as_ref().filter(|_| machine.host.browser.is_none())?;
    let what = "this is a container, and no browser is in it".to_owned();
    Some(Away { place: mark.display().to_string(), what, certain: false })
}

/// The AWS CLI is one that waits for the browser here; an unknown one is taken for a present one.
pub fn cli_waits_here(case: &Case<'_>) -> bool {
    case.machine.host.aws_cli.is_none_or(|version| version >= WAITS_HERE)
}

/// The sign-in of a profile by a code that is typed on any device.
pub fn by_code(case: &Case<'_>, profile: &str) -> String {
    format!("aws sso login{} --use-device-code --no-browser", words::profile_option(case, profile))
}

/// The fixes that sign a profile in, the one that works here first.
pub fn sign_in(case: &Case<'_>, profile: &str, text: &str) -> Vec<Fix> {
    let usual = Fix::command(text, format!("aws sso login{}", words::profile_option(case, profile)));
    let usual = usual.signs_in(&[&["aws", "sso", "login", "--profile", profile]]);
    match away(case).filter(|_| cli_waits_here(case)) {
        None => vec![usual],
        Some(away) => {
            let code = "with a code that you type into a browser of any device (AWS CLI 2.22 or newer).";
            let words: [&[&str]; 1] =
                [&["aws", "sso", "login", "--profile", profile, "--use-device-code", "--no-browser"]];
            let code = |start: &str| Fix::command(format!("{start}{code}"), by_code(case, profile)).signs_in(&words);
            let start = text.trim_end_matches('.');
            if away.certain { vec![code(&format!("{start} "))] } else { vec![usual, code("Or ")] }
        }
    }
}
