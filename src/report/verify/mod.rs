//! What verify says: one value, as text for people and as JSON for programs.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::style::{Style, tame};
use crate::prove::Proof;
use crate::prove::line::{Contradiction, Line, Permission, Status};
use crate::prove::verdict::Verdict;
use crate::prove::who::Who;

/// Schema of `verify --json`.
pub const SCHEMA: &str = "bedrockup.verify/1";

/// Columns of a mark and a line's name.
const INDENT: usize = 18;

/// Everything that verify says.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyReport {
    /// Name and version of the document.
    pub schema: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// The first moment that was looked at.
    pub since: Timestamp,
    /// The last one.
    pub until: Timestamp,
    /// The directory that the configuration was resolved for.
    pub directory: String,
    /// Where requests go.
    pub route: RouteSummary,
    /// Who calls models from here.
    pub identity: Who,
    /// Whose credentials asked AWS for the records.
    pub asked_as: Option<String>,
    /// The evidence and what it comes to.
    #[serde(flatten)]
    pub proof: Proof,
}

/// The route in a few words.
#[derive(Debug, Clone, Serialize)]
pub struct RouteSummary {
    /// `bedrock`, `firstParty`, …
    pub provider: &'static str,
    /// The region.
    pub region: String,
    /// Kind of the credentials.
    pub credentials: &'static str,
}

/// The report as JSON. Strings that came from elsewhere hold no control characters.
pub fn json(report: &VerifyReport) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    tame_all(&mut value);
    value
}

fn tame_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = tame(text),
        Value::Array(items) => items.iter_mut().for_each(tame_all),
        Value::Object(members) => members.values_mut().for_each(tame_all),
        _ => {}
    }
}

/// The report as text. `home` shortens paths.
pub fn text(report: &VerifyReport, style: Style) -> String {
    let proof = &report.proof;
    let minutes = "%Y-%m-%d %H:%M";
    let window = format!("{} to {} UTC", report.since.strftime(minutes), report.until.strftime(minutes));
    let mut text = format!("{}\n\n", style.bold(&format!("Evidence for {window}")));
    let verdict = format!("{}: {}", proof.verdict.name(), proof.because);
    let wrapped = style.wrap(&verdict, "", "  ");
    text.push_str(&match proof.verdict {
        Verdict::Proven => style.green(&wrapped),
        Verdict::Likely | Verdict::Unproven => style.yellow(&wrapped),
        Verdict::Contradicted => style.red(&wrapped),
    });
    text.push('\n');
    for contradiction in &proof.contradictions {
        text.push_str(&against(contradiction, style));
    }
    text.push('\n');
    for line in proof.lines.iter().filter(|line| line.status != Status::Skipped) {
        text.push_str(&one(line, &proof.contradictions, style));
    }
    for line in proof.lines.iter().filter(|line| line.status == Status::Skipped) {
        text.push_str(&style.dim(&entry("·", line.name.name(), &line.found, style)));
        text.push_str(&format!("{}{}\n", " ".repeat(INDENT), style.dim(&format!("$ {}", line.check_yourself))));
    }
    let missing: Vec<&Permission> = proof.lines.iter().filter_map(|line| line.missing_permission.as_ref()).collect();
    text.push_str(&next(proof, &missing, style));
    text
}

fn against(contradiction: &Contradiction, style: Style) -> String {
    format!(
        "\n{}\n{}\n",
        style.red(&style.wrap(&tame(&contradiction.what), "✗ ", "  ")),
        style.wrap(&tame(&contradiction.fix), "  Fix ", "      ")
    )
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
    // A command is one line, so that it can be copied.
    text.push_str(&format!("{indent}{}\n", style.dim(&format!("$ {}", tame(&line.check_yourself)))));
    text
}

fn entry(mark: &str, name: &str, what: &str, style: Style) -> String {
    let indent = " ".repeat(INDENT);
    let wrapped = style.wrap(&tame(what), &indent, &indent);
    format!("{mark} {name:<width$}{}\n", wrapped.get(INDENT..).unwrap_or_default(), width = INDENT - 2)
}

/// What would make it more.
fn next(proof: &Proof, missing: &[&Permission], style: Style) -> String {
    let mut text = String::new();
    for permission in missing {
        let actions = permission.actions.join(", ");
        let words =
            format!("{actions} is not allowed; this statement would allow it (`bedrockup iam --for verify` has all):");
        text.push_str(&format!("\n{}\n  {}\n", style.wrap(&words, "", ""), style.cyan(&statement(permission))));
    }
    let hint = match proof.verdict {
        Verdict::Likely if proof.joined.too_young > 0 => {
            "AWS's log shows a call after about 5 minutes, at times 15: run it again then, or `bedrockup verify --watch`."
        }
        Verdict::Likely | Verdict::Unproven => {
            "`bedrockup verify --canary` makes one tagged call and waits until AWS's log shows it."
        }
        Verdict::Proven | Verdict::Contradicted => return text,
    };
    text.push_str(&format!("\n{}\n", style.wrap(hint, "", "")));
    text
}

/// One statement of an IAM policy, on one line.
pub fn statement(permission: &Permission) -> String {
    serde_json::json!({ "Sid": permission.sid, "Effect": "Allow", "Action": permission.actions, "Resource": "*" })
        .to_string()
}
