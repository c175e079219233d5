//! The report as people read it: the verdict first, then what speaks against it, then every line with how to check it.

use super::VerifyReport;
use crate::diagnose::Finding;
use crate::prove::line::{Contradiction, Line, Method, Status};
use crate::prove::trail::{Call, CallerRow};
use crate::prove::verdict::Verdict;
use crate::prove::who::Relation;
use crate::report::finding;
use crate::report::style::{Style, tame};

/// Columns of a mark and a line's name.
const INDENT: usize = 18;
/// Contradictions that are told one by one, newest first: a wrong switch is told by a few of them.
const AGAINST: usize = 5;
/// Callers that are listed.
const CALLERS: usize = 6;

/// The report as text.
pub fn text(report: &VerifyReport, style: Style) -> String {
    let proof = &report.proof;
    let mut text = head(report, style);
    let verdict = format!("{}: {}", proof.verdict.name(), proof.because);
    let wrapped = style.wrap(&verdict, "", "  ");
    text.push_str(&match proof.verdict {
        Verdict::Proven => style.green(&wrapped),
        Verdict::Likely | Verdict::Unproven => style.yellow(&wrapped),
        Verdict::Contradicted => style.red(&wrapped),
    });
    text.push('\n');
    if let Some(call) = proof.chain.as_ref().filter(|_| proof.verdict == Verdict::Proven) {
        text.push_str(&chain(call, style));
    }
    for contradiction in proof.contradictions.iter().take(AGAINST) {
        text.push_str(&against(contradiction, style));
    }
    if let Some(more) = proof.contradictions.len().checked_sub(AGAINST).filter(|more| *more > 0) {
        text.push_str(&format!("\n{more} more, older ones: `bedrockup verify --json` has all of them.\n"));
    }
    text.push('\n');
    for line in proof.lines.iter().filter(|line| line.status != Status::Skipped) {
        text.push_str(&one(line, &proof.contradictions, style));
    }
    for line in proof.lines.iter().filter(|line| line.status == Status::Skipped) {
        text.push_str(&style.dim(&entry("·", line.name.name(), &line.found, style)));
        text.push_str(&check(line, style));
    }
    text.push_str(&callers(&proof.callers, style));
    text.push_str(&next(report, style));
    text
}

/// The window, and who called from where.
fn head(report: &VerifyReport, style: Style) -> String {
    let minutes = "%Y-%m-%d %H:%M";
    let window = format!("{} to {} UTC", report.since.strftime(minutes), report.until.strftime(minutes));
    let mut text = format!("{}\n", style.bold(&format!("Evidence for {window}")));
    let who = &report.identity;
    let us = who.arn.clone().or_else(|| who.api_key_user.as_ref().map(|user| format!("the Bedrock API key of {user}")));
    let mut calls = format!("Calls from here go out in {}", report.route.region);
    if let Some(us) = &us {
        calls.push_str(&format!(" as {us}"));
    }
    if let Some(other) = report.asked_as.as_ref().filter(|other| us.as_ref() != Some(*other)) {
        calls.push_str(&format!("; AWS's records were asked as {other}"));
    }
    text.push_str(&format!("{}\n\n", style.dim(&style.wrap(&tame(&calls), "", ""))));
    text
}

/// From one request to who made it, each on its line so that it can be copied.
fn chain(call: &Call, style: Style) -> String {
    let when = call.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let served = call.inference_region.as_ref().map_or_else(String::new, |region| format!(", served in {region}"));
    let links = [
        ("request", call.request_id.clone()),
        ("event", format!("{} ({}, {when})", call.event_id, call.event_name)),
        ("identity", call.identity.clone()),
        ("model", if call.model.is_empty() { "not named".to_owned() } else { call.model.clone() }),
        ("region", format!("{}{served}", call.region)),
    ];
    let lines = links.map(|(name, what)| format!("  {} {}\n", style.dim(&format!("{name:<9}")), tame(&what)));
    format!("\n{}", lines.concat())
}

fn against(contradiction: &Contradiction, style: Style) -> String {
    let mut text = format!(
        "\n{}\n{}\n",
        style.red(&style.wrap(&tame(&contradiction.what), "✗ ", "  ")),
        style.wrap(&tame(&contradiction.fix), "  Fix ", "      ")
    );
    if let Some(command) = &contradiction.command {
        text.push_str(&format!("      {}\n", style.cyan(&tame(command))));
    }
    text
}

/// A line with what it is worth and how to check it.
fn one(line: &Line, contradictions: &[Contradiction], style: Style) -> String {
    let mark = match line.status {
        Status::Supports => style.green("✓"),
        Status::Contradicts => style.red("✗"),
        Status::CouldNotAsk => style.yellow("?"),
        Status::Silent | Status::Skipped => style.dim("·"),
    };
    let is_said = contradictions.iter().any(|contradiction| contradiction.what == line.found);
    let mut text = entry(&mark, line.name.name(), if is_said { "See above." } else { &line.found }, style);
    let indent = " ".repeat(INDENT);
    if matches!(line.status, Status::Supports | Status::Contradicts) {
        let worth =
            format!("{} · delay: {} · could be faked by {}", line.strength.name(), line.delay, line.could_be_faked_by);
        text.push_str(&format!("{}\n", style.dim(&style.wrap(&worth, &indent, &indent))));
    }
    text + &check(line, style)
}

/// How anybody looks: a command is one line, so that it can be copied.
fn check(line: &Line, style: Style) -> String {
    let prompt = if line.check_yourself.starts_with("https://") { "" } else { "$ " };
    format!("{}{}\n", " ".repeat(INDENT), style.dim(&format!("{prompt}{}", tame(&line.check_yourself))))
}

fn entry(mark: &str, name: &str, what: &str, style: Style) -> String {
    let indent = " ".repeat(INDENT);
    let wrapped = style.wrap(&tame(what), &indent, &indent);
    format!("{mark} {name:<width$}{}\n", wrapped.get(INDENT..).unwrap_or_default(), width = INDENT - 2)
}

/// Who else calls models here, where it is not this identity alone.
fn callers(rows: &[CallerRow], style: Style) -> String {
    if rows.iter().all(|row| row.relation == Relation::Same) {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.bold("Who called models, by AWS's log"));
    for row in rows.iter().take(CALLERS) {
        let answered = row.streaming.saturating_add(row.plain);
        let mut words = format!("{} · {} · {} · {answered} answered", row.identity, row.tool, row.model);
        for (number, what) in [(row.refused, "refused"), (row.joined, "of them answers of this machine")] {
            if number > 0 {
                words.push_str(&format!(", {number} {what}"));
            }
        }
        text.push_str(&format!("{}\n", style.wrap(&tame(&words), "  ", "    ")));
    }
    if let Some(more) = rows.len().checked_sub(CALLERS).filter(|more| *more > 0) {
        text.push_str(&format!("  {more} more in `bedrockup verify --json`\n"));
    }
    text
}

/// What would make it more.
fn next(report: &VerifyReport, style: Style) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        // What shows it stands in the lines above.
        let told = Finding { evidence: Vec::new(), ..finding.clone() };
        text.push_str(&format!("\n{}", finding::one(&told, &report.findings, style)));
    }
    if let Some(hint) = hint(report) {
        text.push_str(&format!("\n{}\n", style.wrap(hint, "", "")));
    }
    text
}

fn hint(report: &VerifyReport) -> Option<&'static str> {
    let proof = &report.proof;
    if matches!(proof.verdict, Verdict::Proven | Verdict::Contradicted) {
        return None;
    }
    let log = proof.lines.iter().find(|line| line.name == Method::CloudTrail)?;
    // Whatever is called, a log that cannot be read shows nothing.
    if log.status == Status::CouldNotAsk {
        return None;
    }
    Some(match &proof.canary {
        Some(canary) if canary.request_id.is_none() => {
            "`bedrockup doctor` says why calls by this route are not answered."
        }
        Some(_) => "The log may be late: `bedrockup verify` looks for the same call again.",
        None if log.status == Status::Skipped => "AWS's log proves: `bedrockup verify --method cloudtrail`.",
        None if report.findings.iter().any(|finding| finding.name == "trail-looked-in-wrong-place") => return None,
        None if proof.joined.too_young > 0 => {
            "AWS's log shows a call after about 5 minutes, at times 15: run it again then."
        }
        None if proof.joined.missing > 0 => {
            "`bedrockup verify --canary` tells whether calls by this route come up in that log at all: it makes one tagged call, and waits for it."
        }
        None => {
            "Ask claude something beside `bedrockup verify --watch`, or let `bedrockup verify --canary` make one tagged call: both wait until AWS's log shows it."
        }
    })
}
