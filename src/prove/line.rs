//! One line of evidence: what was found, and what it is worth.

use serde::Serialize;

/// The kinds of evidence, in the order of the report: from what is meant to happen to what a third party wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// What would be used here.
    Configuration,
    /// What running clients use.
    Sessions,
    /// What the client wrote down about each answer.
    Transcripts,
    /// What AWS wrote down about each call.
    #[value(name = "cloudtrail")]
    #[serde(rename = "cloudtrail")]
    CloudTrail,
    /// What AWS counted.
    #[value(name = "cloudwatch")]
    #[serde(rename = "cloudwatch")]
    CloudWatch,
    /// What AWS bills.
    CostExplorer,
    /// What Anthropic counted on its own side.
    Anthropic,
}

/// What a line says about the claim "Claude Code's traffic here goes through Bedrock".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It speaks for it.
    Supports,
    /// It speaks against it.
    Contradicts,
    /// It was looked at, and says nothing either way.
    Silent,
    /// It could not be looked at; this speaks neither for nor against.
    CouldNotAsk,
    /// It was not looked at, on purpose.
    Skipped,
}

/// How much a line weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// It agrees with the claim, and with much else.
    Weak,
    /// It would take intent to make it up.
    Medium,
    /// A third party wrote it down about these very calls.
    Strong,
}

/// One line of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its kind.
    pub name: Method,
    /// What it says.
    pub status: Status,
    /// How much that weighs.
    pub strength: Strength,
    /// What was found, in a sentence or two.
    pub found: String,
    /// How long after a call it can be seen.
    pub delay: &'static str,
    /// Who could make it say the same without the traffic.
    pub could_be_faked_by: &'static str,
    /// How anybody can look without this program.
    pub check_yourself: String,
    /// The one statement of an IAM policy that is missing, where AWS refused to show it.
    pub missing_permission: Option<Permission>,
}

/// A statement of an IAM policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// Name of the statement in the policy that `bedrockup iam --for verify` (or `usage`) prints.
    pub sid: &'static str,
    /// The actions that it allows.
    pub actions: &'static [&'static str],
}

/// Something that speaks against the claim, with the place where it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The line that it belongs to.
    pub line: Method,
    /// What happens there.
    pub what: String,
    /// The directory, where one is known.
    pub directory: Option<String>,
    /// The session, where one is known.
    pub session: Option<String>,
    /// The process, where it still runs.
    pub pid: Option<u32>,
    /// What ends it.
    pub fix: String,
    /// A command to paste.
    pub command: Option<String>,
}

/// What is the same for every find of a method.
pub struct Nature {
    /// The method.
    pub name: Method,
    /// How long after a call it can be seen.
    pub delay: &'static str,
    /// Who could make it say the same without the traffic.
    pub could_be_faked_by: &'static str,
}

impl Nature {
    /// A line of this nature.
    pub fn line(
        &self,
        status: Status,
        strength: Strength,
        found: impl Into<String>,
        check_yourself: impl Into<String>,
    ) -> Line {
        Line {
            name: self.name,
            status,
            strength,
            found: found.into(),
            delay: self.delay,
            could_be_faked_by: self.could_be_faked_by,
            check_yourself: check_yourself.into(),
            missing_permission: None,
        }
    }
}

impl Method {
    /// All methods, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::Configuration,
        Self::Sessions,
        Self::Transcripts,
        Self::CloudTrail,
        Self::CloudWatch,
        Self::CostExplorer,
        Self::Anthropic,
    ];

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Sessions => "sessions",
            Self::Transcripts => "transcripts",
            Self::CloudTrail => "cloudtrail",
            Self::CloudWatch => "cloudwatch",
            Self::CostExplorer => "cost-explorer",
            Self::Anthropic => "anthropic",
        }
    }
}

impl Strength {
    /// The strength in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}
