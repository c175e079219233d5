//! The command line as clap sees it.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::change::setup::Where;
use crate::prove::line::Method;
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
    /// Prove, with evidence that can be kept, that Claude Code's traffic goes through Bedrock
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
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
  bedrockup doctor --fix                 repair what can be repaired here, after a diff and a yes
  bedrockup doctor --undo                take the repairs back, byte for byte
  bedrockup doctor --pid 4711            for a session that is running
  bedrockup doctor --json | jq .verdict";

const WHY_EXAMPLES: &str = "\
Examples:
  bedrockup why                          everything that decides, in this directory
  bedrockup why AWS_PROFILE              one variable
  bedrockup why --directory ~/work/api --json
  bedrockup why --pid 4711               a session that is running, and what a new one would have otherwise";

const VERIFY_EXAMPLES: &str = "\
Examples:
  bedrockup verify                                 what the last 24 hours show
  bedrockup verify --since 7d --all                look at the whole window, and count everybody's calls
  bedrockup verify --canary                        one tagged one-token call, and wait until AWS's log shows it
  bedrockup verify --watch                         wait for your next answer, and say when it is proven
  bedrockup verify --evidence proof.json --mask    a document and a page to keep, ids masked
  bedrockup verify --json | jq -e '.verdict == \"proven\"'

What is asked: the configuration here, running sessions, the transcripts, AWS's own log (CloudTrail) and metrics (CloudWatch).
Cost Explorer costs $0.01 a request and is asked only with `--cost` and a yes. With an admin key of your Anthropic organization in
ANTHROPIC_ADMIN_API_KEY, its usage report is asked too: there should be none.

Exit code 0: proven or likely; 1: contradicted; 2: bad usage; 3: unproven, or what was waited for did not come;
4: the evidence cannot be written; 130: interrupted.";

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
    /// Do what is local and can be undone, after showing the change: lines of start-up files, keys of settings, the block
    #[arg(long, conflicts_with_all = ["undo", "pid"])]
    pub fix: bool,
    /// Take back everything that --fix has changed
    #[arg(long)]
    pub undo: bool,
    /// With --fix or --undo: do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR", conflicts_with = "pid")]
    pub directory: Option<PathBuf>,
    /// Answer for the running session of this process
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
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
    #[arg(long, value_name = "DIR", conflicts_with = "pid")]
    pub directory: Option<PathBuf>,
    /// Answer for the running session of this process
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Flags of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// How far back to look: a time such as 24h or 7d, a day (2026-11-20), or a moment (2026-11-20T08:00:00Z)
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Since,
    /// Of the records that others keep, ask only this one; may be repeated. What this machine tells is always weighed
    #[arg(long = "method", value_enum, value_name = "NAME")]
    pub methods: Vec<Method>,
    /// Ask Cost Explorer too
    #[arg(long)]
    pub cost: bool,
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
    /// Mask account ids and access key ids in the evidence
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
        Self {
            offline: false,
            no_probe: false,
            fix: false,
            undo: false,
            yes: false,
            directory: None,
            pid: None,
            only: Vec::new(),
            timeout,
            json: false,
        }
    }
}

/// Reads `10s`, `500ms`, `1m 30s`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text.parse().map_err(|_| "not a time; write 10s, 500ms or 1m".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(limit) if limit >= Duration::from_millis(100) && limit <= Duration::from_secs(600) => Ok(limit),
        _ => Err("must be between 100ms and 10m".to_owned()),
    }
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
    fn limits_are_read_as_people_write_them() {
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("10").is_err() && duration("-3s").is_err() && duration("2h").is_err());
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
