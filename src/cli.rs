//! The command line as clap sees it.

mod alerts;
mod completions;
mod doctor;
mod models;
mod setup;
mod usage;
mod why;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::prove::line::Method;

pub use alerts::AlertsArgs;
pub use completions::CompletionShell;
pub use doctor::DoctorArgs;
pub use models::ModelsArgs;
pub use setup::{RoutingArg, ScopeArg, SetupArgs, TargetArg};
pub use usage::{ByArg, SourceArg, UsageArgs, When};
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
    #[command(after_help = VERIFY_EXAMPLES)]
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
    /// Print the IAM policy that Claude Code, doctor, or usage needs
    #[command(after_help = IAM_EXAMPLES)]
    Iam {
        /// What the policy is for; may be repeated
        #[arg(long = "for", value_enum, value_name = "PURPOSE", default_value = "claude")]
        purposes: Vec<PolicyFor>,
    },
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

const VERIFY_EXAMPLES: &str = "\
Examples:
  bedrockup verify                                 what the last 24 hours show
  bedrockup verify --since 7d --all                look at the whole window, and count everybody's calls
  bedrockup verify --canary                        one tagged one-token call, and wait until AWS's log shows it
  bedrockup verify --watch                         wait for your next answer, and say when it is proven
  bedrockup verify --evidence proof.json --mask    a document and a page to keep, account ids masked
  bedrockup verify --json | jq -e '.verdict == \"proven\"'

What is asked: the configuration here, running sessions, the transcripts, AWS's own log (CloudTrail) and metrics (CloudWatch).
Cost Explorer costs $0.01 a request and is asked only with `--method cost-explorer` and a yes. With an admin key of your Anthropic
organization in ANTHROPIC_ADMIN_API_KEY, its usage report is asked too: there should be none.

Exit code 0: proven or likely; 1: contradicted; 3: unproven.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  bedrockup explain                                            list all findings
  bedrockup explain settings-override-shell                    one page
  bedrockup explain \"is not available on your bedrock deployment\"   search by error text";

const IAM_EXAMPLES: &str = "\
Examples:
  bedrockup iam --for claude > policy.json
  bedrockup iam --for usage > usage.json
  aws iam create-policy --policy-name claude-code --policy-document file://policy.json";

const UNINSTALL_EXAMPLES: &str = "\
Examples:
  bedrockup uninstall              show the change, ask, do it
  bedrockup uninstall --dry-run    show the change, write nothing
  bedrockup uninstall --yes        without a terminal";

/// Flags of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// How far back to look: a time such as 24h or 7d, a day (2026-11-20), or a moment (2026-11-20T08:00:00Z)
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Since,
    /// Look only at this line of evidence; may be repeated
    #[arg(long = "method", value_enum, value_name = "NAME")]
    pub methods: Vec<Method>,
    /// Read AWS's log to the beginning of the window, instead of stopping at the first proof
    #[arg(long)]
    pub all: bool,
    /// Make one tagged one-token call, and wait until AWS's log shows it
    #[arg(long, conflicts_with = "watch")]
    pub canary: bool,
    /// Wait for the next answer that Claude Code gets on this machine, and say when it is proven
    #[arg(long)]
    pub watch: bool,
    /// How long --canary and --watch wait
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = wait)]
    pub wait: Duration,
    /// Write the evidence to this file as JSON, and a page for people beside it (.html)
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Mask account ids in the evidence
    #[arg(long, requires = "evidence")]
    pub mask: bool,
    /// Spend what a chosen method costs without asking (Cost Explorer: $0.01 a request)
    #[arg(long, short)]
    pub yes: bool,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The beginning of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long before now.
    Before(SignedDuration),
    /// A moment.
    At(Timestamp),
}

impl Since {
    /// The moment, seen from now.
    pub fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Before(time) => now.checked_sub(time).unwrap_or(Timestamp::MIN),
            Self::At(moment) => moment,
        }
    }
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

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// Claude Code itself
    Claude,
    /// `bedrockup doctor`: what it asks beside the model calls
    Doctor,
    /// `bedrockup usage` and `models --refresh`: CloudWatch's count, the bill, and AWS's price list
    Usage,
}

/// Reads how long to wait: `15m`, `90s`.
fn wait(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text.parse().map_err(|_| "not a time; write 15m or 90s".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(limit) if limit >= Duration::from_secs(1) && limit <= Duration::from_secs(6 * 3600) => Ok(limit),
        _ => Err("must be between 1s and 6h".to_owned()),
    }
}

/// Reads the beginning of a window: `24h`, `7d`, `2w`, a day, or a moment. A day has 24 hours here.
fn since(text: &str) -> Result<Since, String> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Since::At(moment));
    }
    if let Ok(day) = text.parse::<Date>() {
        let midnight = TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight()));
        return midnight.map(Since::At).map_err(|error| error.to_string());
    }
    let hours_of_days = jiff::SpanRelativeTo::days_are_24_hours();
    let time = text.parse::<Span>().and_then(|span| span.to_duration(hours_of_days));
    match time {
        Ok(time) if time >= SignedDuration::from_secs(1) => Ok(Since::Before(time)),
        _ => Err("not a time; write 24h, 7d, 2026-11-20 or 2026-11-20T08:00:00Z".to_owned()),
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
    fn windows_begin_where_people_say() {
        assert_eq!(since("24h"), Ok(Since::Before(SignedDuration::from_hours(24))));
        assert_eq!(since("7d"), Ok(Since::Before(SignedDuration::from_hours(7 * 24))));
        assert_eq!(since("2w"), Ok(Since::Before(SignedDuration::from_hours(14 * 24))));
        let day = "2026-11-20T00:00:00Z".parse().map(Since::At).map_err(|_| String::new());
        assert_eq!(since("2026-11-20"), day);
        assert_eq!(since("2026-11-20T00:00:00Z"), day);
        for wrong in ["", "soon", "-1h", "0s", "3 months", "1y"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
