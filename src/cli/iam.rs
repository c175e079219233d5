//! The command line of `iam`.

use clap::{Args, ValueEnum};

/// What `iam --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup iam --for claude > policy.json      for the profiles and models in use here
  bedrockup iam --for doctor --for verify       for two commands of ours
  bedrockup iam --for audit --offline           the general form, without asking AWS
  aws iam create-policy --policy-name claude-code --policy-document file://policy.json";

/// Flags of `iam`.
#[derive(Debug, Clone, Args)]
pub struct IamArgs {
    /// What the policy is for; may be repeated
    #[arg(long = "for", value_enum, value_name = "PURPOSE", default_value = "claude")]
    pub purposes: Vec<PolicyFor>,
    /// Region whose profiles are named, instead of the one that would be used here
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Do not ask AWS: print the general form, which names no profile
    #[arg(long)]
    pub offline: bool,
    /// Print JSON, which a policy is anyway: the same document, to be attached as it is
    #[arg(long)]
    pub json: bool,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// Claude Code itself
    Claude,
    /// `bedrockup doctor`: what it asks, and its one-token calls
    Doctor,
    /// `bedrockup verify`: the records that it reads, and the call that it waits for
    Verify,
    /// `bedrockup usage`: CloudWatch's count, the bill, and prices
    Usage,
    /// Reading for all of them, and calling nothing
    Audit,
}
