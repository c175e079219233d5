//! The command line of `why`.

use std::path::PathBuf;

use clap::Args;

/// What `why --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup why                          everything that decides, in this directory
  bedrockup why AWS_PROFILE              one variable
  bedrockup why --directory ~/work/api --json
  bedrockup why --pid 4711               a session that is running, and what a new one would have otherwise";

/// Flags of `why`.
#[derive(Debug, Clone, Args)]
pub struct WhyArgs {
    /// One variable, such as AWS_REGION
    pub variable: Option<String>,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR", conflicts_with = "pid")]
    pub directory: Option<PathBuf>,
    /// Answer for the running session of this process
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}
