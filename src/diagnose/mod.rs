//! Facts and resolution -> findings, the first true cause on the path from the shell to the model first.
//!
//! Pure: no check reads a file, asks AWS, or looks at the clock. Each finding is one file,
//! `src/diagnose/<layer>/<name>.rs`: its name, its page for `bedrockup explain`, its detection and its tests; and one line
//! in [`catalogue`], whose order is the order of the path.

pub mod access;
pub mod catalogue;
pub mod client;
pub mod credentials;
mod hand;
mod kind;
mod local;
pub mod look;
pub mod network;
mod order;
pub mod proof;
pub mod quota;
pub mod region_and_models;
mod repairs;
pub mod settings;
pub mod shell;
#[cfg(test)]
mod spoil;
pub mod statement;
#[cfg(test)]
pub mod testing;
mod verdict;
pub mod words;

use serde::Serialize;

pub use kind::{Kind, Layer, Severity};
pub use verdict::{Verdict, verdict};

use crate::aws::answer::Answers;
use crate::change::fix::Repair;
use crate::observe::Machine;
use crate::resolve::{Model, Route};
use crate::variables;

/// Everything that a detection may look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Local facts.
    pub machine: &'a Machine,
    /// What the client would use.
    pub route: &'a Route,
    /// The models in use, with the region's list of profiles taken into account where there is one.
    pub models: &'a [Model],
    /// What AWS said.
    pub answers: &'a Answers,
    /// What `verify` and `usage` saw beside that.
    pub proof: &'a proof::Proof,
}

/// What a detection found, before it is put into order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Severity here, where it differs from the usual one.
    pub severity: Option<Severity>,
    /// One line: what is wrong, with the names and values of this machine.
    pub summary: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What cures it, best first.
    pub fixes: Vec<Fix>,
    /// Names of findings that follow from this one here, beside those that always do.
    pub explains: Vec<&'static str>,
    /// It comes after the others of its severity, whatever its place on the path.
    pub last: bool,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// File and line, variable and its source, or the question to AWS.
    #[serde(rename = "where")]
    pub place: String,
    /// What is there; AWS's own words with the request id.
    pub what: String,
}

/// One way to cure a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Who can do it.
    pub who: Who,
    /// What to do, in words.
    pub text: String,
    /// A command to paste, quoted for the user's shell.
    pub command: Option<String>,
    /// The statement that a policy lacks, to paste.
    pub policy: Option<statement::Statement>,
    /// Whether `bedrockup doctor --fix` can do it by itself.
    pub automatic: bool,
    /// What it changes then.
    #[serde(skip)]
    pub repairs: Vec<Repair>,
    /// Sign-ins of the AWS CLI that it consists of, as words: the program can run them where somebody sits at a terminal.
    #[serde(skip)]
    pub sign_ins: Vec<Vec<String>>,
}

/// Who can do a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The person at this machine.
    You,
    /// Somebody with rights in this AWS account.
    AwsAdmin,
    /// Organization, device management, network.
    OrgAdmin,
    /// AWS.
    Support,
    /// Nobody: time.
    Wait,
}

/// A finding in its place in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its public, stable name.
    pub name: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// Its layer.
    pub layer: Layer,
    /// One line.
    pub summary: String,
    /// The finding that it follows from; it has no fix of its own then.
    pub because_of: Option<&'static str>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What cures it.
    pub fixes: Vec<Fix>,
}

/// All findings of a case: causes in the order of the path, errors before warnings before notes, each followed by what
/// follows from it. Also the names of detections that crashed, each with what was said.
pub fn diagnose(case: &Case<'_>) -> (Vec<Finding>, Vec<(&'static str, String)>) {
    let mut found = Vec::new();
    let mut crashed = Vec::new();
    for kind in catalogue::ALL {
        // A defect in one detection must not cost the others.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (kind.detect)(case))) {
            Ok(list) => found.extend(list.into_iter().map(|found| (*kind, found))),
            Err(panic) => crashed.push((kind.name, panic_text(panic.as_ref()))),
        }
    }
    let mut findings = order::in_order(found);
    findings.iter_mut().for_each(mask);
    (findings, crashed)
}

/// No password of a proxy's URL, wherever it was quoted from.
fn mask(finding: &mut Finding) {
    let evidence = finding.evidence.iter_mut().flat_map(|evidence| [&mut evidence.place, &mut evidence.what]);
    let fixes = finding.fixes.iter_mut().flat_map(|fix| std::iter::once(&mut fix.text).chain(&mut fix.command));
    for text in std::iter::once(&mut finding.summary).chain(evidence).chain(fixes) {
        *text = variables::without_passwords(text);
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}

impl Found {
    /// A find with its one line.
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            severity: None,
            summary: summary.into(),
            evidence: Vec::new(),
            fixes: Vec::new(),
            explains: Vec::new(),
            last: false,
        }
    }

    /// Several finds of one cause (three pins with a wrong prefix) as one: everything that shows it, and one fix that does all.
    /// Other ways to cure it stay those of the first.
    pub fn together(finds: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut finds = finds.into_iter();
        let Some(mut whole) = finds.next() else { return Vec::new() };
        for find in finds {
            whole.summary = format!("{} {}", whole.summary, find.summary);
            for evidence in find.evidence {
                if !whole.evidence.contains(&evidence) {
                    whole.evidence.push(evidence);
                }
            }
            whole.explains.extend(find.explains);
            if let (Some(first), Some(next)) = (whole.fixes.first_mut(), find.fixes.into_iter().next())
                && *first != next
            {
                if !first.text.contains(&next.text) {
                    first.text = format!("{} {}", first.text, next.text);
                }
                // Half of it would be no cure.
                let all = first.automatic && next.automatic;
                first.repairs = if all { [first.repairs.as_slice(), &next.repairs].concat() } else { Vec::new() };
                first.automatic = all;
                if let (Some(statement), Some(more)) = (first.policy.take(), &next.policy) {
                    first.policy = Some(statement.and(more));
                }
                // Line by line, so that they can be pasted into every shell.
                let commands: Vec<String> = first.command.take().into_iter().chain(next.command).collect();
                first.command = (!commands.is_empty()).then(|| commands.join("\n"));
            }
        }
        vec![whole]
    }

    /// Raises or lowers the severity for this case.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Puts it behind the others of its severity: it matters to fewer, or less.
    pub fn last(mut self) -> Self {
        self.last = true;
        self
    }

    /// Adds evidence.
    pub fn evidence(mut self, place: impl Into<String>, what: impl Into<String>) -> Self {
        self.evidence.push(Evidence { place: place.into(), what: what.into() });
        self
    }

    /// Adds a fix.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Says that another finding follows from this one here.
    pub fn explains(mut self, name: &'static str) -> Self {
        self.explains.push(name);
        self
    }
}

impl Fix {
    /// Something that the person at the machine does with a command.
    pub fn command(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { command: Some(command.into()), ..Self::words(Who::You, text) }
    }

    /// Something that `who` does, in words.
    pub fn words(who: Who, text: impl Into<String>) -> Self {
        let (repairs, sign_ins) = (Vec::new(), Vec::new());
        Self { who, text: text.into(), command: None, policy: None, automatic: false, repairs, sign_ins }
    }

    /// The same fix, with the statement that a policy lacks.
    pub fn policy(mut self, statement: impl Into<Option<statement::Statement>>) -> Self {
        self.policy = statement.into();
        self
    }

    /// The same fix, which the program can do by these changes; without any it stays as it is.
    pub fn repaired_by(mut self, repairs: impl IntoIterator<Item = Repair>) -> Self {
        self.repairs = repairs.into_iter().collect();
        self.automatic = !self.repairs.is_empty();
        self
    }

    /// The same fix, which consists of these commands of the AWS CLI.
    pub fn signs_in(mut self, commands: &[&[&str]]) -> Self {
        self.sign_ins = commands.iter().map(|words| words.iter().map(|&word| word.to_owned()).collect()).collect();
        self
    }

    /// The same fix, to be done by somebody else.
    pub fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }
}
