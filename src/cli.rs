//! The command line as clap sees it.

mod alerts;
mod completions;
mod doctor;
mod iam;
mod models;
mod setup;
mod usage;
mod verify;
mod why;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

pub use alerts::AlertsArgs;
pub use completions::CompletionShell;
pub use doctor::DoctorArgs;
pub use iam::{IamArgs, PolicyFor};
pub use models::ModelsArgs;
pub use setup::{RoutingArg, ScopeArg, SetupArgs, TargetArg};
pub use usage::{ByArg, SourceArg, UsageArgs, When};
pub use verify::{Since, VerifyArgs};
pub use why::WhyArgs;

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
  bedrockup usage                      what did it cost?
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
    #[command(after_help = setup::EXAMPLES)]
    Setup(SetupArgs),
    /// Find out why Claude Code does not reach Bedrock, and how to fix it
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(DoctorArgs),
    /// Show each variable that decides the route, every place that sets it, and which one wins
    #[command(after_help = why::EXAMPLES)]
    Why(WhyArgs),
    /// Prove, with evidence that can be kept, that Claude Code's traffic goes through Bedrock
    #[command(after_help = verify::EXAMPLES)]
    Verify(VerifyArgs),
    /// Tell tokens and dollars, by model, day, project or session
    #[command(after_help = usage::EXAMPLES)]
    Usage(UsageArgs),
    /// Print a CloudFormation template with a budget, alarms and a dashboard; nothing is applied
    #[command(after_help = alerts::EXAMPLES)]
    Alerts(AlertsArgs),
    /// List the Claude models that this account can call in a region: ids, access, prices, ends, and which ones `claude` would use
    #[command(after_help = models::EXAMPLES)]
    Models(ModelsArgs),
    /// Explain a finding of doctor, or find the one that an error text belongs to
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print the least that an IAM policy must allow, for Claude Code and for each command
    #[command(after_help = iam::EXAMPLES)]
    Iam(IamArgs),
    /// Take everything out again, byte for byte
    #[command(after_help = UNINSTALL_EXAMPLES)]
    Uninstall(UninstallArgs),
    /// Print the completion script for a shell
    #[command(after_help = completions::EXAMPLES)]
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

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  bedrockup explain                                            list all findings
  bedrockup explain settings-override-shell                    one page
  bedrockup explain \"is not available on your bedrock deployment\"   search by error text";

const UNINSTALL_EXAMPLES: &str = "\
Examples:
  bedrockup uninstall              show the change, ask, do it
  bedrockup uninstall --dry-run    show the change, write nothing
  bedrockup uninstall --yes        without a terminal";

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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
