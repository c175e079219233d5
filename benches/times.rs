//! What a person waits for, measured as ratios in one run: `cargo bench`.
//!
//! Starts the fake AWS with a round trip of 100 ms and prints how many round trips doctor takes, what the AWS CLI takes for the same questions one by
//! one (where it is installed), how long the offline commands take, and what the block costs a starting shell. Absolute times are of this machine alone.
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

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::fake_aws::{Account, FakeAws};
use support::sandbox::Sandbox;

const ROUND_TRIP_MS: u64 = 100;
const RUNS: usize = 7;

fn main() {
    let aws = FakeAws::with(Account { latency_ms: ROUND_TRIP_MS, ..Account::default() });
    let machine = Sandbox::new()
        .point_at(&aws)
        .bedrock("us-east-1")
        .file(".bashrc", "export CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1\n")
        .file(".profile", ". ~/.bashrc\n");
    let round_trip = Duration::from_millis(ROUND_TRIP_MS);

    println!("{:<58}{:>10}{:>14}", "what", "min", "ratio");
    let doctor = fastest(|| machine.command(["doctor", "--json"]));
    row("doctor, against one answer of AWS", doctor, doctor, round_trip);
    let offline = fastest(|| machine.command(["doctor", "--offline", "--json"]));
    row("doctor --offline, against doctor", offline, offline, doctor);
    let why = fastest(|| machine.command(["why", "--json"]));
    row("why, against doctor", why, why, doctor);
    let nothing = fastest(|| machine.program("/bin/true"));
    let version = fastest(|| machine.command(["--version"]));
    row("--version, against /bin/true", version, version, nothing);
    match one_by_one(&machine) {
        Some(cli) => row("the AWS CLI, five questions one by one, against doctor", cli, cli, doctor),
        None => println!("the AWS CLI is not installed: not compared"),
    }

    let plain = Sandbox::new().file(".bashrc", "");
    let shell = |machine: &Sandbox| {
        let mut command = machine.program("/bin/bash");
        // A hundred starts, so that one block is more than noise.
        command.args(["-c", "for i in {1..100}; do bash -i -c exit 2>/dev/null; done"]);
        command
    };
    let without = fastest(|| shell(&plain));
    plain.run(["setup", "--yes", "--region", "us-east-1", "--no-doctor", "--shell", "bash"]).exits(0);
    let with = fastest(|| shell(&plain));
    row("100 starts of bash with the block, against without", with, with, without);
}

/// The AWS CLI asks what doctor asks: identity, profiles, availability, life cycle, one model call.
fn one_by_one(machine: &Sandbox) -> Option<Duration> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/python/bin/aws");
    let aws = venv.is_file().then_some(venv).or_else(|| which::which("aws").ok())?;
    let endpoint = machine.program("/usr/bin/env");
    let url =
        endpoint.get_envs().find(|(name, _)| *name == "AWS_ENDPOINT_URL").and_then(|(_, value)| value)?.to_owned();
    let model = "anthropic.claude-opus-5-5";
    let questions: [&[&str]; 4] = [
        &["sts", "get-caller-identity"],
        &["bedrock", "list-inference-profiles"],
        &["bedrock", "get-foundation-model-availability", "--model-id", model],
        &["bedrock", "get-foundation-model", "--model-identifier", model],
    ];
    let ask = |arguments: &[&str]| {
        let mut command = machine.program(&aws);
        command.args(arguments).arg("--endpoint-url").arg(&url).env("AWS_DEFAULT_REGION", "us-east-1");
        command
    };
    let mut total = Duration::ZERO;
    for question in questions {
        total += once(ask(question));
    }
    let body =
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[{"role":"user","content":"."}]}"#;
    let call =
        ["bedrock-runtime", "invoke-model", "--model-id", "us.anthropic.claude-opus-5-5", "--body", body, "/dev/null"];
    Some(total + once(ask(&call)))
}

fn fastest(command: impl Fn() -> Command) -> Duration {
    (0..RUNS).map(|_| once(command())).min().unwrap_or_default()
}

fn once(mut command: Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "{command:?} did not start: {status:?}");
    started.elapsed()
}

fn row(what: &str, minimum: Duration, of: Duration, against: Duration) {
    println!("{what:<58}{:>8.1}ms{:>13.2}x", minimum.as_secs_f64() * 1000.0, of.as_secs_f64() / against.as_secs_f64());
}
