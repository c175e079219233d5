//! The command line as clap sees it.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::change::setup::Where;
use crate::shell::render::Scope;

const EXIT_CODES: &str = "\
Exit codes:
  0    well; notes and warnings allowed
  1    a finding of severity error, or a setup that did not take effect
  2    wrong usage
  3    could not tell: nothing wrong was proven, something could not be asked
  4    refused to touch a file, and why
  130  interrupted";

const EXAMPLES: &str = "\
Examples:
  bedrockup setup                      set this machine up, step by step
  bedrockup doctor                     why does it not work?
  bedrockup why AWS_REGION             which place decides, in this directory
  bedrockup explain keys-expired       one finding as a page
  bedrockup uninstall --dry-run        what would be taken out";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Routes Claude Code through Amazon Bedrock, explains why it does not work, and removes itself byte for byte.
#[derive(Debug, Parser)]
#[command(name = "bedrockup", version, styles = STYLES)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"), disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What to do; nothing means help.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set Claude Code up for Bedrock: write the block, see that it takes effect, run doctor
    #[command(after_help = SETUP_EXAMPLES)]
    Setup(SetupArgs),
    /// Find out why Claude Code does not reach Bedrock, and how to fix it
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Show each variable that decides the route, every place that sets it, and which one wins
    #[command(after_help = WHY_EXAMPLES)]
    Why(WhyArgs),
    /// List the Claude models that this account can call in a region, by the ids to pin
    #[command(after_help = MODELS_EXAMPLES)]
    Models(ModelsArgs),
    /// Explain a finding of doctor, or find the one that an error text belongs to
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print the least that an IAM policy must allow, for Claude Code and for each command
    #[command(after_help = IAM_EXAMPLES)]
    Iam(IamArgs),
    /// Take everything out again, byte for byte
    #[command(after_help = UNINSTALL_EXAMPLES)]
    Uninstall(UninstallArgs),
    /// Print the completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: CompletionShell,
    },
    /// Print the manual page
    #[command(after_help = "Examples:\n  bedrockup man | man -l -\n  bedrockup man doctor > bedrockup-doctor.1")]
    Man {
        /// The page of one command instead
        command: Option<String>,
    },
}

const SETUP_EXAMPLES: &str = "\
Examples:
  bedrockup setup                                        ask, explain, show the change, do it
  bedrockup setup --yes --region eu-central-1            without a terminal
  bedrockup setup --profile work --scope claude          only for the `claude` command
  bedrockup setup --target settings                      for VS Code and other surfaces that read no rc file
  bedrockup setup --dry-run                              show the change, write nothing";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  bedrockup doctor                       ask this machine and AWS
  bedrockup doctor --offline             only this machine, at once
  bedrockup doctor --no-probe            without the one-token model calls (each costs well under a cent)
  bedrockup doctor --json | jq .verdict";

const WHY_EXAMPLES: &str = "\
Examples:
  bedrockup why                          everything that decides, in this directory
  bedrockup why AWS_PROFILE              one variable
  bedrockup why --directory ~/work/api --json";

const MODELS_EXAMPLES: &str = "\
Examples:
  bedrockup models                              ids of the region that `claude` would use here
  bedrockup models --region eu-central-1 --json";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  bedrockup explain                                            list all findings
  bedrockup explain settings-override-shell                    one page
  bedrockup explain \"is not available on your bedrock deployment\"   search by error text";

const IAM_EXAMPLES: &str = "\
Examples:
  bedrockup iam --for claude > policy.json      for the profiles and models in use here
  bedrockup iam --for doctor --for verify       for two commands of ours
  bedrockup iam --for audit --offline           the general form, without asking AWS
  aws iam create-policy --policy-name claude-code --policy-document file://policy.json";

const UNINSTALL_EXAMPLES: &str = "\
Examples:
  bedrockup uninstall              show the change, ask, do it
  bedrockup uninstall --dry-run    show the change, write nothing
  bedrockup uninstall --yes        without a terminal";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  bedrockup completions bash > ~/.local/share/bash-completion/completions/bedrockup
  bedrockup completions zsh  > ~/.zfunc/_bedrockup
  bedrockup completions fish > ~/.config/fish/completions/bedrockup.fish";

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

/// Flags of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Ask only this machine, not AWS
    #[arg(long)]
    pub offline: bool,
    /// Leave out the one-token model calls
    #[arg(long)]
    pub no_probe: bool,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Report only this finding; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Limit for the whole run, such as 10s or 500ms
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub timeout: Duration,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Flags of `why`.
#[derive(Debug, Clone, Args)]
pub struct WhyArgs {
    /// One variable, such as AWS_REGION
    pub variable: Option<String>,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Flags of `models`.
#[derive(Debug, Clone, Args)]
pub struct ModelsArgs {
    /// Region to ask, instead of the one that would be used here
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

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

/// Flags of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Name of a finding, or a piece of an error text
    #[arg(value_name = "FINDING")]
    pub finding: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Flags of `uninstall`.
#[derive(Debug, Clone, Args)]
pub struct UninstallArgs {
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
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

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// Claude Code itself
    Claude,
    /// `bedrockup doctor`: what it asks, and its one-token calls
    Doctor,
    /// `bedrockup verify`: the records that it reads, and the call that it waits for
    Verify,
    /// `bedrockup usage`: bill and prices
    Usage,
    /// Reading for all of them, and calling nothing
    Audit,
}

/// Shells with completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum CompletionShell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Nushell,
    Powershell,
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

impl Default for DoctorArgs {
    fn default() -> Self {
        let timeout = Duration::from_secs(10);
        Self { offline: false, no_probe: false, directory: None, only: Vec::new(), timeout, json: false }
    }
}

/// Reads `10s`, `500ms`, `1m 30s`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| "not a time; write 10s, 500ms or 1m".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(limit) if limit >= Duration::from_millis(100) && limit <= Duration::from_secs(600) => Ok(limit),
        _ => Err("must be between 100ms and 10m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn limits_are_read_as_people_write_them() {
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("10").is_err() && duration("-3s").is_err() && duration("2h").is_err());
    }
}
