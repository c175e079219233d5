//! What the client wrote down about each answer: the message id tells who gave it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Case;
use super::line::{Contradiction, Line, Method, Nature, Status, Strength};
use super::turns::{Counts, SessionTurns};
use super::words::{self, count, minute, quoted};
use crate::observe::transcripts::Origin;
use crate::world::short;

/// What is the same for every find.
pub const NATURE: Nature = Nature {
    name: Method::Transcripts,
    delay: "none",
    could_be_faked_by: "whoever can write the client's files, or a gateway",
};

/// Answers of one session on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionAnswers {
    /// The session.
    pub session: String,
    /// The directory that it worked in last.
    pub directory: String,
    /// The day (UTC).
    pub day: String,
    /// Answers by who gave them.
    #[serde(flatten)]
    pub answers: Counts,
    /// Models of the session as they were asked for.
    pub models: Vec<String>,
}

/// The line.
pub fn line(case: &Case<'_>) -> (Line, Vec<Contradiction>) {
    let counts = case.turns.counts();
    let sessions = case.turns.sessions.len() as u64;
    let mut against = Vec::new();
    let mut before = 0;
    for (id, session) in &case.turns.sessions {
        match elsewhere(case, session) {
            Elsewhere::Nowhere => {}
            Elsewhere::BeforeSetup(answers) => before += answers,
            Elsewhere::Since { answers, first, last } => {
                against.push((last, contradiction(case, id, session, answers, first, last)));
            }
        }
    }
    against.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    let contradictions: Vec<Contradiction> = against.into_iter().map(|(_, contradiction)| contradiction).collect();
    let mut found = match counts.total() {
        0 => "No answer was written down in this window.".to_owned(),
        total if total == counts.bedrock => format!(
            "{} in {}, all with ids of Bedrock (msg_bdrk_…), {} with a request id of AWS.",
            count(total, "answer"),
            count(sessions, "session"),
            case.turns.ids.count()
        ),
        total => format!("{} in {}: {}.", count(total, "answer"), count(sessions, "session"), by_origin(counts)),
    };
    if before > 0 {
        let first = if counts.bedrock > 0 { " and the first answer of Bedrock" } else { "" };
        found.push_str(&format!(" {} by others from before the setup{first}.", count(before, "answer")));
    }
    let read = case.read;
    if read.broken > 0 {
        found.push_str(&format!(" {} could not be read.", count(read.broken, "line")));
    }
    for (path, reason) in read.unreadable.iter().take(2) {
        found.push_str(&format!(" {}: {reason}.", short(path, &case.machine.home)));
    }
    let (status, strength) = match () {
        () if !contradictions.is_empty() => (Status::Contradicts, Strength::Medium),
        () if counts.bedrock > 0 => (Status::Supports, Strength::Medium),
        () => (Status::Silent, Strength::Medium),
    };
    (NATURE.line(status, strength, found, check(case)), contradictions)
}

/// Each session and day.
pub fn rows(case: &Case<'_>) -> Vec<SessionAnswers> {
    let of_session = |(id, session): (&String, &SessionTurns)| {
        let models: Vec<String> = session.models.iter().cloned().collect();
        let rows: Vec<SessionAnswers> = session
            .days
            .iter()
            .map(|(day, answers)| SessionAnswers {
                session: id.clone(),
                directory: session.directory.clone(),
                day: day.to_string(),
                answers: *answers,
                models: models.clone(),
            })
            .collect();
        rows
    };
    let mut rows: Vec<SessionAnswers> = case.turns.sessions.iter().flat_map(of_session).collect();
    rows.sort_by(|one, other| other.day.cmp(&one.day).then_with(|| one.session.cmp(&other.session)));
    rows
}

/// Answers of a session that did not come from Bedrock.
enum Elsewhere {
    Nowhere,
    /// All of them are older than both the setup and Bedrock's first answer: that is how it was, not how it is.
    BeforeSetup(u64),
    Since {
        answers: Counts,
        first: Timestamp,
        last: Timestamp,
    },
}

fn elsewhere(case: &Case<'_>, session: &SessionTurns) -> Elsewhere {
    let others = [Origin::Anthropic, Origin::Vertex].into_iter().filter_map(|origin| session.moments.get(&origin));
    let Some((first, last)) = others.copied().reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
        return Elsewhere::Nowhere;
    };
    let counts = session.counts();
    let answers = Counts { bedrock: 0, unknown: 0, ..counts };
    let setup = case.machine.receipt.as_ref().and_then(|receipt| receipt.written);
    let is_history =
        setup.is_some_and(|setup| last < setup) && case.turns.first_by_bedrock().is_none_or(|bedrock| last < bedrock);
    if is_history { Elsewhere::BeforeSetup(answers.total()) } else { Elsewhere::Since { answers, first, last } }
}

fn contradiction(
    case: &Case<'_>,
    id: &str,
    session: &SessionTurns,
    answers: Counts,
    first: Timestamp,
    last: Timestamp,
) -> Contradiction {
    let running = case.sessions.iter().flat_map(|sessions| sessions.iter());
    let pid = running.into_iter().find(|running| running.session_id.as_deref() == Some(id)).map(|running| running.pid);
    let when = if last.duration_since(first) < SignedDuration::from_mins(1) {
        format!("at {}", minute(last))
    } else {
        format!("from {} to {}", minute(first), minute(last))
    };
    let directory = short(std::path::Path::new(&session.directory), &case.machine.home);
    let (fix, command) = match pid {
        Some(pid) => (
            "It still runs. What it was started with is shown by this; leave it, and `claude --continue`.".to_owned(),
            format!("bedrockup why --pid {pid}"),
        ),
        None => (
            format!(
                "What a new session there would use is shown by this. If it was before the switch, look from then on: --since {}.",
                words::cli_time(last.checked_add(SignedDuration::from_secs(1)).unwrap_or(last))
            ),
            format!("bedrockup why --directory {}", quoted(case, &session.directory)),
        ),
    };
    Contradiction {
        line: Method::Transcripts,
        what: format!("Session {id} in {directory} got {} {when}.", by_origin(answers)),
        directory: Some(session.directory.clone()),
        session: Some(id.to_owned()),
        pid,
        fix,
        command: Some(command),
    }
}

/// `9 answers from Bedrock, 3 from Anthropic`.
fn by_origin(counts: Counts) -> String {
    let named = [
        (counts.bedrock, "Bedrock"),
        (counts.anthropic, "Anthropic (msg_01…)"),
        (counts.vertex, "Google Vertex AI (msg_vrtx_…)"),
        (counts.unknown, "a sender that its ids do not tell"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (number, who) in named.into_iter().filter(|(number, _)| *number > 0) {
        let answers = if parts.is_empty() { count(number, "answer") } else { number.to_string() };
        parts.push(format!("{answers} from {who}"));
    }
    parts.join(", ")
}

/// A command that counts ids by their beginning.
fn check(case: &Case<'_>) -> String {
    let directories: Vec<String> = case
        .transcript_directories
        .iter()
        .map(|path| quoted(case, &path.join("projects").display().to_string()))
        .collect();
    format!("grep -rhoE --include='*.jsonl' '\"id\":\"msg_(bdrk|vrtx)?' {} | sort | uniq -c", directories.join(" "))
}
