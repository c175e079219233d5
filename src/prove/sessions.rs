//! What running clients use: the environment that each was started with, and the settings of its directory on top.

use serde::Serialize;

use super::Case;
use super::configuration::other_side;
use super::line::{Contradiction, Line, Method, Nature, Status, Strength};
use super::words::count;
use crate::observe::Machine;
use crate::observe::sessions::Session;
use crate::resolve::{self, Provider};
use crate::world::short;

/// What is the same for every find.
pub const NATURE: Nature = Nature { name: Method::Sessions, delay: "none", could_be_faked_by: "whoever started them" };

/// One running client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionRow {
    /// Process id.
    pub pid: u32,
    /// Its directory.
    pub directory: Option<String>,
    /// Version of the client.
    pub version: Option<String>,
    /// Id of the session, by which its transcript is named.
    pub session: Option<String>,
    /// When it was started.
    pub started: Option<String>,
    /// Where its requests go (`bedrock`, `firstParty`, …); `null` where that cannot be told.
    pub provider: Option<&'static str>,
    /// Its region.
    pub region: Option<String>,
    /// Variables that a new session in its directory would have otherwise.
    pub differs_in: Vec<&'static str>,
    /// It was started before setup, or a start-up file of the shell, last changed.
    pub started_before_change: bool,
}

/// The line.
pub fn line(case: &Case<'_>) -> (Line, Vec<Contradiction>) {
    let check = check(case);
    let sessions = match case.sessions {
        Ok(sessions) => sessions,
        Err(reason) => {
            let found = format!("Running sessions cannot be listed: {reason}.");
            return (NATURE.line(Status::CouldNotAsk, Strength::Medium, found, check), Vec::new());
        }
    };
    if sessions.is_empty() {
        let found = "No session of claude is running.";
        return (NATURE.line(Status::Silent, Strength::Medium, found, check), Vec::new());
    }
    let rows = rows(case);
    let contradictions: Vec<Contradiction> = rows.iter().filter_map(|row| against(case, row)).collect();
    let routed = rows.iter().filter(|row| row.provider == Some("bedrock") || row.provider == Some("mantle")).count();
    let unknown = rows.iter().filter(|row| row.provider.is_none()).count();
    let mut found = format!("{} of {} routed to Bedrock", routed, count(rows.len() as u64, "running session"));
    let places: Vec<String> = rows.iter().map(|row| place(case, row)).collect();
    found.push_str(&format!(": {}.", places.join("; ")));
    if unknown > 0 {
        found.push_str(&format!(" The environment of {unknown} cannot be read."));
    }
    let (status, strength) = match () {
        () if !contradictions.is_empty() => (Status::Contradicts, Strength::Medium),
        () if routed == rows.len() => (Status::Supports, Strength::Weak),
        () => (Status::Silent, Strength::Weak),
    };
    (NATURE.line(status, strength, found, check), contradictions)
}

/// Each running client.
pub fn rows(case: &Case<'_>) -> Vec<SessionRow> {
    case.sessions.unwrap_or_default().iter().map(|session| row(case, session)).collect()
}

fn row(case: &Case<'_>, session: &Session) -> SessionRow {
    let route = session.environment.is_ok().then(|| resolve::resolve(&session.machine(case.machine)));
    let new = new_session(case, session);
    let differs_in = match (&route, new) {
        (Some(route), Some(new)) => resolve::differs(route, &resolve::resolve(&new)),
        _ => Vec::new(),
    };
    SessionRow {
        pid: session.pid,
        directory: session.directory.as_ref().map(|path| path.display().to_string()),
        version: session.version.map(|version| version.to_string()),
        session: session.session_id.clone(),
        started: session.started.map(|moment| moment.to_string()),
        provider: route.as_ref().map(|route| route.provider.name()),
        region: route.map(|route| route.region.name),
        started_before_change: !differs_in.is_empty() && started_before_change(case, session),
        differs_in,
    }
}

/// The machine as a session sees it that is started now in the same directory.
fn new_session(case: &Case<'_>, session: &Session) -> Option<Machine> {
    let directory = session.directory.clone()?;
    Some(Machine { directory, settings: session.settings.clone(), ..case.machine.clone() })
}

/// Whether the session is older than the last change of what new ones are started with.
fn started_before_change(case: &Case<'_>, session: &Session) -> bool {
    let setup = case.machine.receipt.as_ref().and_then(|receipt| receipt.written);
    let changes = case.machine.changed.values().copied().chain(setup);
    session.started.is_some_and(|started| changes.into_iter().any(|changed| started < changed))
}

fn against(case: &Case<'_>, row: &SessionRow) -> Option<Contradiction> {
    let provider = row.provider.filter(|provider| !matches!(*provider, "bedrock" | "mantle"))?;
    let other = if provider == "firstParty" { Provider::FirstParty } else { Provider::Other(provider) };
    let (why, fix, command) = if row.differs_in.is_empty() {
        let command = format!("bedrockup why --pid {}", row.pid);
        ("A new session there would do the same.".to_owned(), "Which place decides is shown by this.", command)
    } else {
        let since = if row.started_before_change { "It was started before the change: a" } else { "A" };
        let why = format!("{since} new session there would have another {}.", row.differs_in.join(", "));
        (why, "Leave that session, and go on in a new one.", "claude --continue".to_owned())
    };
    Some(Contradiction {
        line: Method::Sessions,
        what: format!("The running session {} sends to {}. {why}", place(case, row), other_side(&other)),
        directory: row.directory.clone(),
        session: row.session.clone(),
        pid: Some(row.pid),
        fix: fix.to_owned(),
        command: Some(command),
    })
}

/// `pid 4242 in ~/work (2.1.330)`, with what is old about it.
fn place(case: &Case<'_>, row: &SessionRow) -> String {
    let directory = row.directory.as_ref().map_or_else(String::new, |directory| {
        format!(" in {}", short(std::path::Path::new(directory), &case.machine.home))
    });
    let version = row.version.as_ref().map_or_else(String::new, |version| format!(" ({version})"));
    let old = match (row.started_before_change, row.differs_in.as_slice()) {
        (_, []) => String::new(),
        (true, _) => ", started before the change".to_owned(),
        (false, names) => format!(", with another {} than a new one", names.join(", ")),
    };
    format!("pid {}{directory}{version}{old}", row.pid)
}

fn check(case: &Case<'_>) -> String {
    match case.sessions.ok().and_then(|sessions| sessions.first()) {
        Some(session) => {
            format!(
                "tr '\\0' '\\n' </proc/{}/environ | grep -E '^(CLAUDE_CODE_USE|AWS_REGION|AWS_PROFILE)'",
                session.pid
            )
        }
        None => "pgrep -a claude".to_owned(),
    }
}
