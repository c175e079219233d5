//! Words that several lines share.

use jiff::Timestamp;

use super::Case;
use super::line::Permission;
use crate::ask::metrics::ModelMetrics;
use crate::aws::answer::{Answer, Refusal};
use crate::aws::denial;
use crate::resolve::CredentialKind;
use crate::shell::{ShellKind, quote};

/// `cloudtrail:LookupEvents`.
pub const TRAIL: Permission = Permission { sid: "VerifyReadsTrail", actions: &["cloudtrail:LookupEvents"] };
/// The account's metrics.
pub const METRICS: Permission =
    Permission { sid: "VerifyReadsMetrics", actions: &["cloudwatch:ListMetrics", "cloudwatch:GetMetricData"] };
/// The account's bill.
pub const BILL: Permission = Permission { sid: "UsageReadsBill", actions: &["ce:GetCostAndUsage"] };

/// `value` as one word of a command line of the user's shell.
pub fn quoted(case: &Case<'_>, value: &str) -> String {
    let shell = case.machine.login_shell.as_ref().map_or(ShellKind::Sh, |shell| shell.kind);
    if quote::is_bare(value) { value.to_owned() } else { quote::quote(shell.syntax(), value) }
}

/// `1 answer`, `2 answers`.
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `1 answer is`, `2 answers are`.
pub fn are(number: u64, one: &str) -> String {
    format!("{} {}", count(number, one), if number == 1 { "is" } else { "are" })
}

/// ` --profile NAME` for the AWS CLI where the route's credentials are those of a profile that is chosen.
pub fn profile_option(case: &Case<'_>) -> String {
    match &case.route.credentials.kind {
        CredentialKind::Profile { name, .. } if name != "default" => format!(" --profile {}", quoted(case, name)),
        _ => String::new(),
    }
}

/// Tokens that went in, those of the cache among them.
pub fn tokens_in(model: &ModelMetrics) -> u64 {
    model.tokens.input.saturating_add(model.tokens.cache_read).saturating_add(model.tokens.cache_write)
}

/// Calls that were refused or failed.
pub fn errors(model: &ModelMetrics) -> u64 {
    model.client_errors.saturating_add(model.server_errors)
}

/// A moment to the minute, in UTC.
pub fn minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A moment as the AWS CLI takes it.
pub fn cli_time(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Why an answer is not there, as the rest of a sentence; and whether a permission is what is missing.
pub fn lack<T>(answer: &Answer<T>) -> (String, bool) {
    match answer {
        Answer::Got(_) => (String::new(), false),
        Answer::Refused(refusal) => (refused(refusal), is_denial(refusal)),
        Answer::Unreachable(failure) => (format!("{} could not be reached: {}", failure.host, failure.detail), false),
        Answer::TimedOut => ("no answer came in time".to_owned(), false),
        Answer::NotAsked(reason) => (reason.clone(), false),
        Answer::Crashed(what) => (format!("the question crashed, a defect of bedrockup: {what}"), false),
    }
}

/// A policy that allows it is what is missing: AWS says so in its own words, and nothing denies it.
fn is_denial(refusal: &Refusal) -> bool {
    let denied = matches!(refusal.code.as_str(), "AccessDeniedException" | "AccessDenied");
    let parsed = denial::parse(&refusal.message);
    denied && parsed.is_some_and(|denial| denial.reason.is_none_or(|reason| !reason.explicit))
}

fn refused(refusal: &Refusal) -> String {
    let id = refusal.request_id.as_deref().map_or_else(String::new, |id| format!(" (request id {id})"));
    format!("{} {}: {}{id}", refusal.status, refusal.code, refusal.message)
}

/// The host of a URL, without a user, a password and a path.
pub fn host(url: &str) -> String {
    let parsed = url.trim().parse::<http::Uri>().ok();
    parsed.as_ref().and_then(http::Uri::host).unwrap_or("a host that is no URL").to_owned()
}
