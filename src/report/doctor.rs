//! Doctor's report: one value, as text for people and as JSON for programs.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::finding;
use super::style::{Style, tame};
use crate::aws::answer::{Answer, Answers, Asked, CheckStatus};
use crate::diagnose::{Finding, Layer, Severity, Verdict};
use crate::observe::Machine;
use crate::resolve::{Model, Provider, Route};
use crate::world::short;

/// Schema of `doctor --json`.
pub const SCHEMA: &str = "bedrockup.doctor/1";

/// Everything that doctor says.
#[derive(Debug, Clone)]
pub struct DoctorReport {
    /// The running session that it is about; `None` for a new one.
    pub pid: Option<u32>,
    /// Local facts.
    pub machine: Machine,
    /// What the client would use.
    pub route: Route,
    /// The models in use.
    pub models: Vec<Model>,
    /// What AWS said.
    pub answers: Answers,
    /// The verdict.
    pub verdict: Verdict,
    /// Findings in the order of the report.
    pub findings: Vec<Finding>,
    /// Everything that was looked at.
    pub checks: Vec<Asked>,
    /// The program's version.
    pub version: &'static str,
}

/// The report as JSON.
pub fn json(report: &DoctorReport) -> Value {
    let home = &report.machine.home;
    let identity = report.answers.identity.got();
    let expires = report.answers.credentials.got().and_then(|obtained| obtained.expires);
    let models: Vec<_> = report
        .models
        .iter()
        .map(|model| {
            json!({
                "role": model.role.name(),
                "id": model.id,
                "from": model_origin(model, home),
                "probe": probe(report, &model.id).0,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "version": report.version,
        "verdict": report.verdict,
        "directory": report.machine.directory,
        "pid": report.pid,
        "route": {
            "provider": report.route.provider.name(),
            "region": { "value": report.route.region.name, "from": report.route.region.source.text(home) },
            "credentials": {
                "kind": report.route.credentials.kind.name(),
                "from": report.route.credentials.source.text(home),
                "account": identity.map(|identity| &identity.account),
                "arn": identity.map(|identity| &identity.arn),
                "expires": expires.map(|moment| moment.to_string()),
            },
            "models": models,
        },
        "findings": report.findings,
        "checks": report.checks,
    })
}

/// The report as text.
pub fn text(report: &DoctorReport, style: Style) -> String {
    let mut text = overview(report, style);
    let (told, notes): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.severity != Severity::Note || finding.because_of.is_some());
    let mut above = None;
    for finding in told {
        // What follows from the same cause stands as one list.
        if finding.because_of.is_none() || above != finding.because_of {
            text.push('\n');
        }
        above = finding.because_of;
        text.push_str(&finding::one(finding, &report.findings, style));
    }
    if !notes.is_empty() {
        text.push_str(&format!("\n{}\n", style.bold("Worth knowing")));
        for note in notes {
            text.push_str(&bullet(&format!("{} ({})", tame(&note.summary), note.name), style));
        }
    }
    text.push('\n');
    text.push_str(&closing(report, style));
    text
}

/// One line for each part of the route.
fn overview(report: &DoctorReport, style: Style) -> String {
    let home = &report.machine.home;
    let route = &report.route;
    let who = report.pid.map_or("Claude Code in".to_owned(), |pid| format!("Claude Code, process {pid}, in"));
    let mut text = format!("{} {}\n\n", style.bold(&who), style.bold(&short(&report.machine.directory, home)));
    let mut line = |mark: Mark, head: &str, what: &str| {
        let wrapped = style.wrap(&tame(what), &" ".repeat(16), &" ".repeat(16));
        text.push_str(&format!("  {} {head:<12}{}\n", mark.paint(style), wrapped.get(16..).unwrap_or_default()));
    };
    let switch = route.variable(crate::variables::USE_BEDROCK).and_then(|variable| variable.winner.as_ref());
    let from = switch.map(|setting| format!(" ({})", setting.source.text(home))).unwrap_or_default();
    let (mark, provider) = match &route.provider {
        Provider::Bedrock => (mark(report, &[Layer::Shell, Layer::Settings]), format!("Amazon Bedrock{from}")),
        Provider::Other("mantle") => {
            (self::mark(report, &[Layer::Shell, Layer::Settings]), format!("Amazon Bedrock through Mantle{from}"))
        }
        Provider::FirstParty => (Mark::Bad, format!("Anthropic's own API, not Amazon Bedrock{from}")),
        Provider::Other(name) => (Mark::Bad, format!("{name}, not Amazon Bedrock{from}")),
    };
    line(mark, "route", &provider);
    let client = match report.machine.client.running() {
        Some(install) => match &install.version {
            Ok(version) => format!("claude {version} ({})", short(&install.path, home)),
            Err(reason) => format!("{}: {reason}", short(&install.path, home)),
        },
        None => "no `claude` on the PATH".to_owned(),
    };
    line(self::mark(report, &[Layer::Client]), "client", &client);
    line(region_mark(report), "region", &format!("{} ({})", route.region.name, route.region.source.text(home)));
    let (mark, credentials) = credentials(report);
    line(mark, "credentials", &credentials);
    let mut seen = Vec::new();
    for model in &report.models {
        if seen.contains(&&model.id) {
            continue;
        }
        seen.push(&model.id);
        let roles: Vec<_> =
            report.models.iter().filter(|other| other.id == model.id).map(|other| other.role.name()).collect();
        let (probe, mark) = probe(report, &model.id);
        line(
            mark,
            if seen.len() == 1 { "models" } else { "" },
            &format!("{} ({}): {probe}", model.id, roles.join(", ")),
        );
    }
    text
}

/// The line about credentials.
fn credentials(report: &DoctorReport) -> (Mark, String) {
    let home = &report.machine.home;
    let credentials = &report.route.credentials;
    let what = match report.route.value(crate::variables::PROFILE) {
        Some(profile) if credentials.kind.name() != "bearer-token" => {
            format!("{} of profile {profile}", credentials.kind.name())
        }
        _ => credentials.kind.name().to_owned(),
    };
    let mut text = format!("{what} ({})", credentials.source.text(home));
    if let Some(identity) = report.answers.identity.got() {
        text.push_str(&format!(", {}", identity.arn));
    }
    if let Some(moment) = report.answers.credentials.got().and_then(|obtained| obtained.expires) {
        text.push_str(&format!(", {}", expiry(moment, report.machine.now)));
    }
    let mark = match (mark(report, &[Layer::Credentials]), &report.answers.identity, &report.answers.credentials) {
        (Mark::Good, Answer::Got(_), _) => Mark::Good,
        // A bearer token cannot ask STS: that it was obtained, and that a model answered, is all there is to know.
        (Mark::Good, Answer::NotAsked(_), Answer::Got(_)) if any_answered(report) => Mark::Good,
        (Mark::Good, ..) => Mark::Unknown,
        (other, ..) => other,
    };
    (mark, text)
}

/// `ends in 42 minutes`.
fn expiry(moment: Timestamp, now: Timestamp) -> String {
    let minutes = moment.duration_since(now).as_mins();
    match minutes {
        ..0 => "expired".to_owned(),
        0..120 => format!("ends in {minutes} minutes"),
        _ => format!("ends in {} hours", minutes / 60),
    }
}

/// The last lines: the verdict, what was not asked, and where to read on.
fn closing(report: &DoctorReport, style: Style) -> String {
    let count = |severity: Severity| {
        report.findings.iter().filter(|finding| finding.severity == severity && finding.because_of.is_none()).count()
    };
    let verdict = match report.verdict {
        Verdict::Healthy => style.green("healthy: Claude Code reaches Bedrock here"),
        Verdict::Degraded if not_loaded_here(report) => {
            style.yellow("degraded: Claude Code reaches Bedrock in a new terminal, not yet in this one")
        }
        Verdict::Degraded => style.yellow("degraded: Claude Code reaches Bedrock here; see the warnings"),
        Verdict::Broken => style.red("broken: Claude Code does not reach Bedrock as asked"),
        Verdict::Unknown => style.yellow("unknown: nothing wrong was proven, and it could not be shown to work"),
    };
    let mut text = format!("{}\n", verdict);
    let unasked: Vec<_> = report
        .checks
        .iter()
        .filter(|check| matches!(check.status, CheckStatus::TimedOut | CheckStatus::Crashed))
        .collect();
    if !unasked.is_empty() {
        text.push_str("Could not tell:\n");
        // Where everything hangs, everything hangs for the same reason: said once.
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for check in unasked {
            let reason = check.reason.as_deref().unwrap_or("no answer in time");
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(&check.name),
                None => reasons.push((reason, vec![&check.name])),
            }
        }
        for (reason, names) in reasons {
            text.push_str(&bullet(&tame(&format!("{reason}: {}", names.join(", "))), style));
        }
    }
    if count(Severity::Error) + count(Severity::Warning) + count(Severity::Note) > 0 {
        let first = report.findings.first().map_or("NAME", |finding| finding.name);
        text.push_str(&style.dim(&format!("More about a finding: bedrockup explain {first}\n")));
    }
    text
}

fn bullet(text: &str, style: Style) -> String {
    style.wrap(text, "  · ", "    ") + "\n"
}

/// What a probe of this id came to, in JSON's word.
fn probe(report: &DoctorReport, id: &str) -> (&'static str, Mark) {
    match report.answers.model(id).map(|answers| &answers.stream) {
        Some(Answer::Got(_)) => ("answered", Mark::Good),
        Some(Answer::Refused(_)) => ("refused", Mark::Bad),
        _ => ("skipped", Mark::Unknown),
    }
}

/// Where a model id comes from.
fn model_origin(model: &Model, home: &Path) -> String {
    match model.pinned_by {
        Some(name) => format!("{name} ({})", model.source.text(home)),
        None => model.source.text(home),
    }
}

fn any_answered(report: &DoctorReport) -> bool {
    report.answers.models.iter().any(|model| model.stream.got().is_some())
}

/// The mark of a part: the worst finding of its layers.
fn mark(report: &DoctorReport, layers: &[Layer]) -> Mark {
    let worst = report
        .findings
        .iter()
        .filter(|finding| finding.because_of.is_none() && layers.contains(&finding.layer))
        .map(|finding| finding.severity)
        .min();
    match worst {
        Some(Severity::Error) => Mark::Bad,
        Some(Severity::Warning) => Mark::Doubtful,
        _ => Mark::Good,
    }
}

fn region_mark(report: &DoctorReport) -> Mark {
    let worst = report
        .findings
        .iter()
        .filter(|finding| finding.because_of.is_none() && finding.name.starts_with("region-"))
        .map(|finding| finding.severity)
        .min();
    match worst {
        Some(Severity::Error) => Mark::Bad,
        Some(Severity::Warning) => Mark::Doubtful,
        _ => Mark::Good,
    }
}

/// A mark before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Doubtful,
    Bad,
    Unknown,
}

impl Mark {
    fn paint(self, style: Style) -> String {
        match self {
            Self::Good => style.green("✓"),
            Self::Doubtful => style.yellow("!"),
            Self::Bad => style.red("✗"),
            Self::Unknown => style.dim("?"),
        }
    }
}

/// New terminals have the values, and this one lacks them.
fn not_loaded_here(report: &DoctorReport) -> bool {
    let here = |finding: &Finding| finding.name == "block-not-loaded-yet" && finding.severity == Severity::Warning;
    report.findings.iter().any(here)
}
