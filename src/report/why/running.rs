//! What `why --pid` says about the session beside its route.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::line;
use crate::observe::Machine;
use crate::observe::sessions::Session;
use crate::report::{Style, tame};

/// A running session, and how it differs from one that would be started now.
#[derive(Debug, Clone)]
pub struct Running<'a> {
    /// The session.
    pub session: &'a Session,
    /// Routing variables that a new session in its directory, with its flags, would have otherwise.
    pub differs: Vec<&'static str>,
}

impl Running<'_> {
    /// `Session 4711`.
    pub fn name(&self) -> String {
        format!("Session {}", self.session.pid)
    }

    /// `, started 25 minutes ago,`; empty where that is not known.
    pub fn since(&self, machine: &Machine) -> String {
        self.session.started.map_or_else(String::new, |started| format!(", started {},", ago(started, machine.now)))
    }

    /// The lines about the session itself.
    pub fn rows(&self, style: Style) -> String {
        let session = self.session;
        let version =
            session.version.map_or_else(|| "version not known".to_owned(), |version| format!("claude {version}"));
        // Every run that is not in the background is `interactive`, also one with `-p`.
        let kind = session.kind.as_ref().filter(|kind| *kind != "interactive");
        let more = [session.name.as_ref(), session.entrypoint.as_ref(), kind].into_iter().flatten();
        let what: Vec<String> = std::iter::once(version).chain(more.map(|word| tame(word))).collect();
        let id = session.session_id.as_deref().map(tame).unwrap_or_default();
        let mut rows = line("session", &what.join(", "), &id, style);
        if !session.flags_known {
            rows.push_str(&line("flags", "not known: --settings and --model may say otherwise", "", style));
        }
        rows + &self.stale(style)
    }

    /// What to do where a new session would be another one; empty where it would not.
    pub fn stale(&self, style: Style) -> String {
        if self.differs.is_empty() {
            return String::new();
        }
        let names = self.differs.join(", ");
        let text = format!(
            "This session still has another {names} than a new one here would: leave it and `claude --continue`."
        );
        let indent = " ".repeat(super::LABEL);
        format!("{}\n", style.yellow(&style.wrap(&text, &format!("{:<1$}", "differs", super::LABEL), &indent)))
    }

    /// The session in a document; never its environment.
    pub fn json(&self) -> Value {
        let session = self.session;
        json!({
            "pid": session.pid,
            "started": session.started.map(|started| started.to_string()),
            "version": session.version.map(|version| version.to_string()),
            "id": session.session_id,
            "name": session.name,
            "kind": session.kind,
            "entrypoint": session.entrypoint,
            "status": session.status,
            "flags_known": session.flags_known,
            "differs": self.differs,
        })
    }
}

/// `25 minutes ago`; of a clock that was set back, a moment ago.
fn ago(moment: Timestamp, now: Timestamp) -> String {
    let (count, unit) = match now.duration_since(moment).as_secs() {
        ..1 => return "a moment ago".to_owned(),
        seconds @ 1..120 => (seconds, "second"),
        seconds @ 120..7_200 => (seconds / 60, "minute"),
        seconds @ 7_200..172_800 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_the_unit_that_people_would_use() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
        for (moment, words) in [
            ("2026-11-25T12:00:05Z", "a moment ago"),
            ("2026-11-25T11:59:59Z", "1 second ago"),
            ("2026-11-25T11:35:00Z", "25 minutes ago"),
            ("2026-11-25T09:59:00Z", "2 hours ago"),
            ("2026-11-20T12:00:00Z", "5 days ago"),
        ] {
            assert_eq!(ago(moment.parse().expect("a time"), now), words);
        }
    }
}
