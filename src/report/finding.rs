//! One finding as people read it: what is wrong, what shows it, and what cures it.

use super::style::{Style, tame};
use crate::diagnose::statement::Statement;
use crate::diagnose::{Evidence, Finding, Fix, Severity, Who};

/// One finding with its evidence and fixes, among all that are told.
pub fn one(finding: &Finding, all: &[Finding], style: Style) -> String {
    if let Some(cause) = finding.because_of {
        return style.wrap(
            &format!("{} (follows from {cause}): {}", finding.name, tame(&finding.summary)),
            "    ↳ ",
            "      ",
        ) + "\n";
    }
    let (mark, name) = match finding.severity {
        Severity::Error => (style.red("✗"), style.red(finding.name)),
        Severity::Warning => (style.yellow("!"), style.yellow(finding.name)),
        Severity::Note => (style.dim("·"), style.bold(finding.name)),
    };
    let mut text = format!("{mark} {name}\n");
    text.push_str(&style.wrap(&tame(&finding.summary), "  ", "  "));
    text.push('\n');
    for (places, what) in grouped(&finding.evidence) {
        let line = format!("{}: {}", tame(&places.join("; ")), tame(what));
        text.push_str(&style.dim(&style.wrap(&line, "    - ", "      ")));
        text.push('\n');
    }
    for (number, fix) in finding.fixes.iter().enumerate() {
        let first = if number == 0 { "  Fix " } else { "  or  " };
        // "or" stands before every other way already.
        let words = fix.text.strip_prefix("Or ").unwrap_or(&fix.text);
        // The second step of one way is no other way.
        let first = if number > 0 && words.starts_with("Then ") { "      " } else { first };
        text.push_str(&remedy(fix, words, first, style));
    }
    let consequences = all.iter().filter(|other| other.because_of == Some(finding.name)).count();
    if consequences > 0 {
        text.push_str(&style.dim(&format!("  {consequences} more below would go away with it\n")));
    }
    text
}

/// Evidence with the same words from several places as one: three models refused alike are one line, with one request id.
fn grouped(evidence: &[Evidence]) -> Vec<(Vec<&str>, &str)> {
    let words = |what: &str| what.split(" (request id ").next().unwrap_or_default().to_owned();
    let mut groups: Vec<(Vec<&str>, &str)> = Vec::new();
    for Evidence { place, what } in evidence {
        match groups.iter_mut().find(|(_, known)| words(known) == words(what)) {
            Some((places, _)) => places.push(place),
            None => groups.push((vec![place], what)),
        }
    }
    groups
}

/// One fix: who, what, and the command on a line of its own.
fn remedy(fix: &Fix, words: &str, first: &str, style: Style) -> String {
    let who = match fix.who {
        Who::You => String::new(),
        other => format!("({}) ", who_in_words(other)),
    };
    let own = if fix.automatic { " (`bedrockup doctor --fix` does it)" } else { "" };
    let mut text = style.wrap(&format!("{who}{}{own}", tame(words)), first, "      ");
    text.push('\n');
    let statement = fix.policy.as_ref().map(Statement::text);
    for line in statement.iter().chain(&fix.command).flat_map(|block| block.lines()) {
        text.push_str(&format!("        {}\n", style.cyan(&tame(line))));
    }
    text
}

/// Who can do a fix, in words.
fn who_in_words(who: Who) -> &'static str {
    match who {
        Who::You => "you",
        Who::AwsAdmin => "an administrator of the AWS account",
        Who::OrgAdmin => "an administrator of your organization",
        Who::Support => "AWS Support",
        Who::Wait => "time",
    }
}
