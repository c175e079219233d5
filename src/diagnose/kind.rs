//! What is declared about a finding, once.

use serde::Serialize;

use super::{Case, Found};

/// One cause with one kind of fix. Its name is public and stable, and never reused for another cause.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Public name, in kebab case.
    pub name: &'static str,
    /// Where on the path it lies.
    pub layer: Layer,
    /// Its usual severity.
    pub severity: Severity,
    /// One line for the list of `bedrockup explain`.
    pub title: &'static str,
    /// The page of `bedrockup explain NAME`, in Markdown: `## What you see`, `## Why`, `## Fix`, `## Check`.
    pub page: &'static str,
    /// Findings that would vanish if this one were cured; holds where this one is an error.
    pub owns: &'static [&'static str],
    /// Looks for it in the facts.
    pub detect: fn(&Case<'_>) -> Vec<Found>,
}

/// The layers, in the order in which a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// What the process that starts `claude` is given.
    Shell,
    /// Which `claude` runs.
    Client,
    /// Settings files.
    Settings,
    /// Credentials.
    Credentials,
    /// Region and models.
    RegionAndModels,
    /// Who may call what.
    Access,
    /// How much.
    Quota,
    /// The way to AWS.
    Network,
    /// What evidence and costs show.
    Proof,
}

/// How bad a finding is. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Claude Code does not reach Bedrock here, or not as asked.
    Error,
    /// It works, and something will break it, costs money, or differs elsewhere.
    Warning,
    /// True and worth knowing.
    Note,
}

impl Layer {
    /// The layer as JSON and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Client => "client",
            Self::Settings => "settings",
            Self::Credentials => "credentials",
            Self::RegionAndModels => "region-and-models",
            Self::Access => "access",
            Self::Quota => "quota",
            Self::Network => "network",
            Self::Proof => "proof",
        }
    }
}

impl Severity {
    /// The severity as JSON and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}
