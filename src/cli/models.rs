//! The command line of `models`.

use clap::Args;

/// What `models --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup models                              what this account can call in the region that `claude` would use here
  bedrockup models --probe                      and whether the models that it would use answer (well under a cent)
  bedrockup models --refresh                    with the prices of AWS's own list
  bedrockup models --region eu-central-1 --json";

/// Flags of `models`.
#[derive(Debug, Clone, Args)]
pub struct ModelsArgs {
    /// Region to ask, instead of the one that would be used here
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Ask AWS's price list first, and keep its answer
    #[arg(long)]
    pub refresh: bool,
    /// Call the models that `claude` would use with one token each
    #[arg(long)]
    pub probe: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}
