//! Lookups that the findings of shell, client and settings share: blocks and shells, settings entries, what a value breaks.

use std::collections::BTreeMap;

use super::Case;
use crate::aws::answer::{Answer, Hop};
use crate::observe::rc_files::{Assignment, BlockState, RcFile, RcState};
use crate::observe::settings::{EnvEntry, Scope, SettingsFile};
use crate::observe::shells::FreshShell;
use crate::resolve::{Place, Provider, Source};
use crate::shell::{Mode, ShellKind};
use crate::variables;

/// A block of ours that is whole and sets its variables for every program.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// The file that holds it.
    pub file: &'a RcFile,
    /// Line of its end marker.
    pub last_line: usize,
    /// What it sets.
    pub values: &'a BTreeMap<String, String>,
}

/// The kind of the login shell; without one, that of the shells that were started.
pub fn login_kind(case: &Case<'_>) -> Option<ShellKind> {
    let login = case.machine.login_shell.as_ref().map(|shell| shell.kind);
    login.or_else(|| case.machine.shells.first().map(|shell| shell.kind))
}

/// Kinds of shell that somebody may work in here, with what a line in their files must be about to matter: the login shell
/// first, then that of `$SHELL`; in the files of any other, only the switch tells that they were meant.
pub fn kinds_in_use(case: &Case<'_>) -> Vec<(ShellKind, bool)> {
    let login = login_kind(case);
    let named = case.machine.environment.non_empty("SHELL");
    let named = named.and_then(|program| ShellKind::from_program(std::path::Path::new(program)));
    let mut kinds: Vec<(ShellKind, bool)> = login.into_iter().chain(named).map(|kind| (kind, true)).collect();
    kinds.extend(case.machine.rc_files.iter().map(|file| (file.shell, false)));
    let mut seen = Vec::new();
    kinds.retain(|(kind, _)| {
        let new = !seen.contains(kind);
        seen.push(*kind);
        new
    });
    kinds
}

/// Whole blocks that set their variables for every program (not for the `claude` command alone).
pub fn blocks<'a>(case: &Case<'a>) -> Vec<Block<'a>> {
    let files = case.machine.rc_files.iter();
    files
        .filter_map(|file| match &file.state {
            RcState::Read { block: BlockState::Whole { last_line, values, claude_only: false, .. }, .. } => {
                Some(Block { file, last_line: *last_line, values })
            }
            _ => None,
        })
        .collect()
}

/// The blocks in files of one shell.
pub fn blocks_of<'a>(case: &Case<'a>, kind: ShellKind) -> Vec<Block<'a>> {
    blocks(case).into_iter().filter(|block| block.file.shell == kind).collect()
}

/// A block sets the variables for the `claude` command alone: no environment shows them then.
pub fn for_claude_only(case: &Case<'_>) -> bool {
    case.machine.rc_files.iter().any(|file| {
        matches!(&file.state, RcState::Read { block: BlockState::Whole { claude_only: true, .. }, .. })
            && login_kind(case).is_none_or(|kind| kind == file.shell)
    })
}

/// Lines outside of blocks that set or unset a variable, in the files of one shell.
pub fn assignments<'a>(case: &Case<'a>, kind: ShellKind) -> Vec<(&'a RcFile, &'a Assignment)> {
    let files = case.machine.rc_files.iter().filter(|file| file.shell == kind);
    files
        .filter_map(|file| match &file.state {
            RcState::Read { assignments, .. } => Some(assignments.iter().map(move |line| (file, line))),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Lines of the login shell's files that set or unset one variable.
pub fn assignments_of<'a>(case: &Case<'a>, name: &str) -> Vec<(&'a RcFile, &'a Assignment)> {
    let all = login_kind(case).map(|kind| assignments(case, kind)).unwrap_or_default();
    all.into_iter().filter(|(_, line)| line.name == name).collect()
}

/// The fresh shells of one kind.
pub fn fresh<'a>(case: &Case<'a>, kind: ShellKind) -> Vec<&'a FreshShell> {
    case.machine.shells.iter().filter(|shell| shell.kind == kind).collect()
}

/// What a new terminal of the login shell gives a variable; `None` where it does not set it or nothing was reported.
pub fn in_new_terminal<'a>(case: &Case<'a>, name: &str) -> Option<&'a str> {
    let kind = login_kind(case)?;
    let shells = fresh(case, kind);
    let mode = |mode: Mode| shells.iter().find(|shell| shell.mode == mode).and_then(|shell| shell.environment());
    // Where these read no file when they are interactive, their login shells are what people start.
    let order = match kind {
        ShellKind::Sh | ShellKind::Yash => [Mode::Login, Mode::Interactive],
        _ => [Mode::Interactive, Mode::Login],
    };
    order.into_iter().find_map(mode)?.get(name)
}

/// What the shell gives a variable, here or, where this process lacks it, in a new terminal; empty counts as nothing.
pub fn in_shell<'a>(case: &Case<'a>, name: &str) -> Option<&'a str> {
    let here = case.machine.environment.get(name);
    here.or_else(|| in_new_terminal(case, name)).filter(|value| !value.is_empty())
}

/// The entries of settings files for a variable, the one that wins first.
pub fn in_settings<'a>(case: &Case<'a>, name: &str) -> Vec<(&'a SettingsFile, &'a EnvEntry)> {
    let files = case.machine.settings.iter();
    files.filter_map(|file| Some((file, file.settings()?.env.get(name)?))).collect()
}

/// The entry that wins over the shell, if a settings file has one.
pub fn settings_winner<'a>(case: &Case<'a>, name: &str) -> Option<(&'a SettingsFile, &'a EnvEntry)> {
    in_settings(case, name).into_iter().next()
}

/// What a variable would be without the settings files of these scopes; empty counts as nothing.
pub fn without_scopes<'a>(case: &Case<'a>, name: &str, scopes: &[Scope]) -> Option<&'a str> {
    let below = in_settings(case, name).into_iter().find(|(file, _)| !scopes.contains(&file.scope));
    match below {
        Some((_, entry)) => Some(entry.value.as_str()).filter(|value| !value.is_empty()),
        None => in_shell(case, name),
    }
}

/// The place that gives a variable its value in effect, for variables that the route does not list too.
pub fn source(case: &Case<'_>, name: &str) -> Option<Source> {
    if let Some((file, entry)) = settings_winner(case, name) {
        let place = Place { path: file.path.clone(), line: entry.line };
        return Some(Source::Settings { scope: file.scope, place });
    }
    let kind = login_kind(case);
    let value = in_shell(case, name)?;
    let lines = kind.map(|kind| assignments(case, kind)).unwrap_or_default();
    let line = lines
        .iter()
        .rfind(|(_, line)| line.name == name && line.value.as_deref().is_none_or(|literal| literal == value));
    let place = line.map(|(file, line)| Place { path: file.path.clone(), line: line.line });
    match (case.machine.environment.get(name), kind) {
        (None, Some(shell)) => Some(Source::NewShell { shell, place }),
        _ => Some(Source::Environment { place }),
    }
}

/// The value in effect of any variable: the settings' over the shell's; empty counts as nothing.
pub fn in_effect<'a>(case: &Case<'a>, name: &str) -> Option<&'a str> {
    match settings_winner(case, name) {
        Some((_, entry)) => Some(entry.value.as_str()).filter(|value| !value.is_empty()),
        None => in_shell(case, name),
    }
}

/// The host of a URL as it is written: without scheme, user, port and path.
pub fn host(url: &str) -> &str {
    let rest = url.trim().split_once("://").map_or(url.trim(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

/// A host of AWS itself, VPC endpoints included.
pub fn is_aws_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end))
}

/// Whether two values of a variable mean the same to the client.
pub fn same(name: &str, one: &str, other: &str) -> bool {
    if is_switch(name) { variables::is_truthy(one) == variables::is_truthy(other) } else { one.trim() == other.trim() }
}

/// The variable turns a provider on or off.
pub fn is_switch(name: &str) -> bool {
    name == variables::USE_BEDROCK || name == variables::SKIP_AUTH || name.starts_with("CLAUDE_CODE_USE_")
}

/// What the value of a variable breaks here, as names of findings that follow from it; `None` where the route does not
/// fail in the part that this variable decides.
pub fn breaks(case: &Case<'_>, name: &str) -> Option<&'static [&'static str]> {
    if case.route.provider != Provider::Bedrock {
        return (name == variables::USE_BEDROCK).then(|| consequences(name));
    }
    let answers = case.answers;
    let refused = |statuses: &[u16]| {
        answers
            .models
            .iter()
            .filter_map(|model| model.stream.refused())
            .any(|refusal| statuses.contains(&refusal.status))
    };
    let no_identity = answers.identity.refused().is_some();
    let no_credentials = answers.credential_failure.is_some() || answers.credentials.refused().is_some();
    let unreachable = |hops: &[Hop]| {
        let models = answers.models.iter().filter_map(|model| model.stream.unreachable());
        models.chain(answers.identity.unreachable()).any(|failure| hops.contains(&failure.hop))
    };
    let fails = match name {
        variables::BEARER_TOKEN => refused(&[401, 403]) && !denied_by_policy(case),
        variables::PROFILE | variables::AWS_CONFIG_FILE | variables::AWS_CREDENTIALS_FILE => {
            let answered = answers.models.iter().any(|model| model.stream.got().is_some());
            no_credentials || no_identity || (!answered && refused(&[403, 404]))
        }
        variables::ACCESS_KEY_ID | variables::SECRET_ACCESS_KEY | variables::SESSION_TOKEN => {
            no_credentials || no_identity
        }
        variables::REGION | variables::DEFAULT_REGION => refused(&[400, 404]) || unreachable(&[Hop::Name]),
        variables::BASE_URL => {
            refused(&[400, 404]) || answers.models.iter().any(|model| model.stream.unreachable().is_some())
        }
        variables::MODEL | variables::OPUS_MODEL | variables::SONNET_MODEL | variables::HAIKU_MODEL => {
            let pinned = case.route.value(name).unwrap_or_default().trim_end_matches("[1m]");
            answers.model(pinned).is_some_and(|model| matches!(model.stream, Answer::Refused(_)))
        }
        // Where the shell has none, nothing better was replaced.
        "HTTPS_PROXY" => {
            in_shell(case, name).is_some() && unreachable(&[Hop::Proxy, Hop::ProxyAuthentication, Hop::ProxyRefusal])
        }
        "NODE_EXTRA_CA_CERTS" => in_shell(case, name).is_some() && unreachable(&[Hop::Trust]),
        _ => false,
    };
    fails.then(|| consequences(name))
}

/// Findings that follow from a wrong value of a variable.
pub fn consequences(name: &str) -> &'static [&'static str] {
    match name {
        variables::USE_BEDROCK => &["not-configured", "value-not-truthy", "other-provider-selected"],
        variables::BEARER_TOKEN => &["bearer-token-rejected", "bearer-token-malformed", "bearer-token-hides-profile"],
        variables::PROFILE | variables::AWS_CONFIG_FILE | variables::AWS_CREDENTIALS_FILE => {
            &["profile-not-found", "no-credentials", "keys-unknown", "keys-expired", "secret-wrong", "wrong-account"]
        }
        variables::ACCESS_KEY_ID | variables::SECRET_ACCESS_KEY | variables::SESSION_TOKEN => {
            &["no-credentials", "keys-inconsistent", "keys-unknown", "keys-expired", "secret-wrong", "wrong-account"]
        }
        variables::REGION | variables::DEFAULT_REGION => &[
            "region-unknown",
            "region-missing",
            "region-without-claude",
            "model-prefix-mismatch",
            "model-id-invalid",
            "dns-failed",
        ],
        variables::BASE_URL => &[
            "connection-refused",
            "dns-failed",
            "no-answer",
            "endpoint-not-bedrock",
            "endpoint-region-mismatch",
            "answer-not-from-aws",
        ],
        variables::MODEL | variables::OPUS_MODEL | variables::SONNET_MODEL | variables::HAIKU_MODEL => {
            &["model-id-invalid", "model-prefix-mismatch", "model-needs-profile", "model-legacy"]
        }
        "HTTPS_PROXY" => &["proxy-unreachable", "proxy-needs-auth"],
        "NODE_EXTRA_CA_CERTS" => &["tls-untrusted", "ca-file-unusable"],
        _ => &[],
    }
}

/// A model call was refused by a sentence of IAM's: then the credentials themselves are good.
fn denied_by_policy(case: &Case<'_>) -> bool {
    let refusals = case.answers.models.iter().filter_map(|model| model.stream.refused());
    refusals.into_iter().any(|refusal| refusal.message.contains("is not authorized to perform"))
}

/// A value as a line of the report shows it: never a secret, control characters made visible.
pub fn shown(name: &str, value: &str) -> String {
    if value.is_empty() {
        "empty".to_owned()
    } else if variables::is_secret(name) {
        format!("a secret of {} characters", value.chars().count())
    } else {
        let tame: String = variables::without_password(value)
            .chars()
            .flat_map(|character| {
                if character.is_control() || character == '\u{a0}' {
                    character.escape_unicode().collect::<Vec<_>>()
                } else {
                    vec![character]
                }
            })
            .collect();
        format!("`{tame}`")
    }
}
