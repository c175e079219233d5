//! The whole way with the real client: set up, ask, prove; switch off, ask, contradict.

use super::{Bed, line};
use crate::support::claude_client::ClaudeClient;
use crate::support::fake_aws::account::{API_KEY, Account};

/// `claude -p` in a new shell, as a person opens one.
fn ask(bed: &Bed, more: &[(&str, &str)]) {
    let mut shell = bed.sandbox.program("bash");
    shell.args(["-i", "-c", "claude -p 'say hi'"]).envs(more.iter().copied());
    let output = crate::support::process::run(&mut shell, std::time::Duration::from_secs(90));
    output.exits(0);
}

#[test]
fn one_answer_after_setup_is_proven_by_its_request_id() {
    let bed = Bed::with_client(Account::default())
        .sandbox(|sandbox| sandbox.unset("CLAUDE_CODE_USE_BEDROCK").unset("AWS_REGION").env("SHELL", "/bin/bash"));
    bed.sandbox.run(["setup", "--yes", "--shell", "bash", "--region", "us-east-1", "--no-doctor"]).exits(0);
    ask(&bed, &[]);
    let turns = bed.aws.log().of("InvokeModelWithResponseStream");
    assert_eq!(turns.len(), 1);

    let (report, output) = bed.verify(&[]);
    output.exits(0);
    assert_eq!(report["verdict"], "proven", "{report:#}");
    assert_eq!(report["joined"]["answers"], 1);
    assert_eq!(report["joined"]["in_cloudtrail"], 1);
    assert_eq!(report["joined"]["request_ids"][0], turns[0].request_id.as_str());
    assert_eq!(report["chain"]["request_id"], turns[0].request_id.as_str());
    assert_eq!(report["chain"]["identity"], "arn:aws:iam::111122223333:user/alice");
    assert_eq!(line(&report, "cloudtrail")["strength"], "strong");
    // The start-up probes of the other tiers stand in the log and count as no use.
    let probes: u64 = report["callers"].as_array().into_iter().flatten().filter_map(|row| row["plain"].as_u64()).sum();
    assert_eq!(probes, 3, "{report:#}");
}

#[test]
fn an_answer_with_the_switch_off_contradicts_and_names_the_session() {
    let bed = Bed::with_client(Account::default());
    ClaudeClient::get().print(&bed.sandbox, "say hi").exits(0);
    let url = bed.aws.url();
    let off = [("CLAUDE_CODE_USE_BEDROCK", "0"), ("ANTHROPIC_BASE_URL", url.as_str()), ("ANTHROPIC_API_KEY", API_KEY)];
    ask(&bed, &off);
    let (report, output) = bed.verify(&[]);
    output.exits(1);
    assert_eq!(report["verdict"], "contradicted", "{report:#}");
    let against = &report["contradictions"][0];
    assert_eq!(against["line"], "transcripts");
    assert_eq!(against["directory"], bed.sandbox.path("work").display().to_string().as_str(), "{against:#}");
    let session = against["session"].as_str().expect("a session is named");
    let transcript = bed.sandbox.path(".claude/projects");
    let found = std::fs::read_dir(transcript)
        .expect("projects")
        .flatten()
        .any(|project| project.path().join(format!("{session}.jsonl")).is_file());
    assert!(found, "{session} is a session of this machine");
    // What was answered through Bedrock is still found, and does not outweigh it.
    assert_eq!(report["joined"]["in_cloudtrail"], 1);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(API_KEY));
}
