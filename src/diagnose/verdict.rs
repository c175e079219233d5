//! One word for the whole, and the exit code that goes with it.

use serde::Serialize;

use super::{Case, Finding, Severity};

/// The verdict of doctor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The models answered and nothing above a note was found.
    Healthy,
    /// The models answered; there are warnings.
    Degraded,
    /// There is an error.
    Broken,
    /// Nothing wrong was found, but the route could not be proven.
    Unknown,
}

/// The verdict on a case with its findings.
///
/// | errors | every model in use answered | warnings | verdict |
/// |---|---|---|---|
/// | some | | | broken |
/// | none | no | | unknown |
/// | none | yes | some | degraded |
/// | none | yes | none | healthy |
pub fn verdict(case: &Case<'_>, findings: &[Finding]) -> Verdict {
    let has = |severity| findings.iter().any(|finding| finding.severity == severity && finding.because_of.is_none());
    if has(Severity::Error) {
        Verdict::Broken
    } else if !proven(case) {
        Verdict::Unknown
    } else if has(Severity::Warning) {
        Verdict::Degraded
    } else {
        Verdict::Healthy
    }
}

/// The main model answered the same call that the client would make.
fn proven(case: &Case<'_>) -> bool {
    case.models
        .iter()
        .filter(|model| model.role == crate::resolve::Role::Main)
        .any(|model| case.answers.model(&model.id).is_some_and(|answers| answers.stream.got().is_some()))
}

impl Verdict {
    /// The verdict as JSON and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}
