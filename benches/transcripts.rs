//! What it costs to read transcripts, as ratios of processor time and of time on the wall in one run: `cargo bench --bench transcripts [-- MEGABYTES]`.
//!
//! Makes transcripts of that size (256 MB unless it is said) in the target directory, once, and reads them with this program, with `ccusage` from npm,
//! and with `rg -c '"usage"'`, which only looks for a word. Asserts nothing. Absolute times are of this machine alone.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unused_imports,
    missing_docs,
    reason = "a program that uses a part of the test bed"
)]

#[path = "transcripts/corpus.rs"]
mod corpus;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bedrockup::observe::transcripts::{self, Span, Usage};
use corpus::Kind;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::Value;
use support::tools;

/// The newest whose native programs npm has.
const CCUSAGE: &str = "20.0.24";
const RUNS: usize = 5;
/// The argument that makes this program the one that is measured.
const READ: &str = "--read";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, directory] = arguments.as_slice()
        && first == READ
    {
        return read(Path::new(directory));
    }
    let megabytes = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(256);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kinds = [
        (Kind::Everyday, "everyday work"),
        (Kind::OlderClient, "everyday work with an older client"),
        (Kind::SmallTalk, "one short line per answer and nothing else"),
    ];
    for (kind, name) in kinds {
        let place = corpus::get(target, kind, megabytes << 20).expect("room for transcripts under target");
        println!("\n{name}, {megabytes} MB");
        compare(&place);
    }
}

/// Reads, and says what was found and how much memory that took.
fn read(directory: &Path) {
    let mut sum = Usage::default();
    let summary = transcripts::read(&[directory.to_owned()], Span::default(), &mut |turn| sum += turn.usage);
    let peak = getrusage(UsageWho::RUSAGE_SELF).expect("the kernel knows").max_rss();
    let tokens = [sum.input, sum.output, sum.cache_write_5m + sum.cache_write_1h, sum.cache_read];
    println!(
        "{}",
        serde_json::json!({ "answers": summary.answers, "lines": summary.answers + summary.repeated, "bytes": summary.bytes,
        "files": summary.files, "tokens": tokens, "peak": peak })
    );
}

fn compare(place: &Path) {
    let own = std::env::current_exe().expect("this program");
    let ours = || {
        let mut command = Command::new(&own);
        command.arg(READ).arg(place);
        command
    };
    let ccusage = ccusage();
    let theirs = || {
        let mut command = Command::new(&ccusage);
        command.args(["claude", "daily", "--json", "--offline"]).env("CLAUDE_CONFIG_DIR", place);
        command
    };
    let scan = || {
        let mut command = Command::new("rg");
        command.args(["-c", "\"usage\""]).arg(place);
        command
    };
    let whole = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrockup"));
        command.args(["usage", "--json", "--since", "all"]).env("CLAUDE_CONFIG_DIR", place);
        command
    };
    // In turns, so that a busy moment of the machine hits all of them.
    let mut least = [Spent { cpu: Duration::MAX, wall: Duration::MAX }; 4];
    let has_rg = which::which("rg").is_ok();
    let mut said = [String::new(), String::new()];
    for run in 0..RUNS {
        let (spent, output) = measure(ours());
        (least[0], said[0]) = (least[0].min(spent), output);
        if has_rg {
            least[1] = least[1].min(measure(scan()).0);
        }
        least[3] = least[3].min(measure(whole()).0);
        // It takes long enough to be measured well in one run.
        if run == 0 {
            (least[2], said[1]) = measure(theirs());
        }
    }
    let [ours, theirs] = said.map(|text| serde_json::from_str::<Value>(&text).unwrap_or_default());
    println!(
        "{} files, {} bytes, {} answers in {} lines",
        ours["files"], ours["bytes"], ours["answers"], ours["lines"]
    );
    let totals = &theirs["totals"];
    let theirs = ["inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"].map(|key| &totals[key]);
    let is_same = ours["tokens"].as_array().is_some_and(|ours| ours.iter().eq(theirs));
    println!(
        "tokens: {}; ccusage {}",
        ours["tokens"],
        if is_same { "says the same".to_owned() } else { format!("says {theirs:?}") }
    );
    println!(
        "peak memory {} MB",
        ours["peak"].as_u64().unwrap_or_default() >> if cfg!(target_os = "macos") { 20 } else { 10 }
    );
    println!("{:<40}{:>10}{:>10}{:>10}{:>10}{:>10}", "what", "CPU", "of ours", "of rg", "wall", "of rg");
    let names = ["reading alone", "rg -c '\"usage\"'", "ccusage", "bedrockup usage, with prices and advice"];
    let (ours, rg) = (least[0], least[1]);
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    for (name, Spent { cpu, wall }) in names.iter().zip(least).filter(|(_, spent)| spent.cpu != Duration::MAX) {
        print!("{name:<40}{:>9.3}s{:>9.2}x{:>9.2}x", cpu.as_secs_f64(), ratio(cpu, ours.cpu), ratio(cpu, rg.cpu));
        println!("{:>9.3}s{:>9.2}x", wall.as_secs_f64(), ratio(wall, rg.wall));
    }
}

fn ccusage() -> PathBuf {
    tools::npm("ccusage", CCUSAGE, &format!("ccusage-{CCUSAGE}")).join("node_modules/.bin/ccusage")
}

/// What a program took.
#[derive(Clone, Copy)]
struct Spent {
    /// Processor time, user and system, with all that it starts.
    cpu: Duration,
    /// From its start to its end.
    wall: Duration,
}

impl Spent {
    fn min(self, other: Self) -> Self {
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall) }
    }
}

/// What a program takes, and what it says.
fn measure(mut command: Command) -> (Spent, String) {
    let spent = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel knows");
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(micros.unsigned_abs())
    };
    let (before, started) = (spent(), Instant::now());
    let output = command.stderr(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let spent = Spent { cpu: spent() - before, wall: started.elapsed() };
    (spent, String::from_utf8_lossy(&output.stdout).into_owned())
}
