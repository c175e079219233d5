//! The command line of `setup`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::change::setup::Where;
use crate::shell::render::Scope;

/// What `setup --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup setup                                        ask, explain, show the change, do it
  bedrockup setup --yes --region eu-central-1            without a terminal
  bedrockup setup --profile work --scope claude          only for the `claude` command
  bedrockup setup --target settings                      for VS Code and other surfaces that read no rc file
  bedrockup setup --dry-run                              show the change, write nothing";

/// Flags of `setup`.
#[derive(Debug, Clone, Default, Args)]
pub struct SetupArgs {
    /// Region of the Bedrock calls, such as us-east-1
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// AWS profile for the credentials
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Shell to write for, instead of the login shell; may be repeated
    #[arg(long = "shell", value_name = "SHELL")]
    pub shells: Vec<String>,
    /// Write into this rc file and no other
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub rc_file: Option<PathBuf>,
    /// Where the values go: shell rc files, Claude Code's user settings, or both
    #[arg(long, value_enum, value_name = "TARGET", default_value_t = TargetArg::Rc)]
    pub target: TargetArg,
    /// Export the values to every program, or set them for the `claude` command alone
    #[arg(long, value_enum, value_name = "SCOPE", default_value_t = ScopeArg::Export)]
    pub scope: ScopeArg,
    /// Pin models to profiles that route worldwide (base price) or inside a geography (residency, about 10 % dearer for newer models)
    #[arg(long, value_enum, value_name = "ROUTING", conflicts_with = "no_pins")]
    pub routing: Option<RoutingArg>,
    /// Pin a tier to a model id or ARN: opus=ID, sonnet=ID or haiku=ID; may be repeated
    #[arg(long = "pin", value_name = "TIER=ID", conflicts_with = "no_pins")]
    pub pins: Vec<String>,
    /// Pin no models, and take earlier pins of ours out
    #[arg(long)]
    pub no_pins: bool,
    /// Ask nothing: take the flags and what is already there
    #[arg(long, short)]
    pub yes: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not run doctor at the end
    #[arg(long)]
    pub no_doctor: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Where the values go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TargetArg {
    /// The rc files of the shell
    #[default]
    Rc,
    /// `env` in Claude Code's user settings: read by IDEs too, and beats the shell
    Settings,
    /// Both
    Both,
}

/// Who sees the values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ScopeArg {
    /// Every program started from the shell
    #[default]
    Export,
    /// Only the `claude` command
    Claude,
}

/// How pinned models route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoutingArg {
    /// Worldwide profiles (`global.`)
    Global,
    /// Profiles of the region's geography (`us.`, `eu.`, `jp.`, …)
    Geo,
}

impl From<TargetArg> for Where {
    fn from(target: TargetArg) -> Self {
        match target {
            TargetArg::Rc => Self::Rc,
            TargetArg::Settings => Self::Settings,
            TargetArg::Both => Self::Both,
        }
    }
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Export => Self::Export,
            ScopeArg::Claude => Self::Claude,
        }
    }
}
