//! The fake AWS of the tests as a program: `cargo run --example fake-aws -- --port 8100`.
//!
//! Prints its URL as one line when it is ready and serves until it is stopped.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unused_imports,
    reason = "the program uses a part of the test bed"
)]

#[path = "fake_aws/mod.rs"]
mod fake_aws;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use fake_aws::{Account, FakeAws};

/// Serves a pretended AWS account on the loopback interface.
#[derive(Parser)]
struct Arguments {
    /// JSON file with what differs from the healthy account
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Pause before every answer, in milliseconds
    #[arg(long)]
    latency_ms: Option<u64>,
    /// Print the healthy account as JSON, to start a scenario file from
    #[arg(long)]
    print_account: bool,
    /// Print each request to stderr
    #[arg(long)]
    log: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut account = match &arguments.scenario {
        None => Account::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} is no scenario", path.display()))?
        }
    };
    if arguments.print_account {
        println!("{}", serde_json::to_string_pretty(&account)?);
        return Ok(());
    }
    if let Some(latency) = arguments.latency_ms {
        account.latency_ms = latency;
    }
    let aws = FakeAws::on_port(account, arguments.port)
        .with_context(|| format!("cannot listen on port {}", arguments.port))?;
    println!("{}", aws.url());
    std::io::stdout().flush()?;
    let mut seen = 0;
    loop {
        // Only ends with the process; the limit bounds one wait, not the server's life.
        let entries = aws.log().entries_after(seen, std::time::Duration::from_secs(3600));
        for entry in entries.iter().filter(|_| arguments.log) {
            eprintln!("{}", serde_json::to_string(entry)?);
        }
        seen += entries.len();
    }
}
