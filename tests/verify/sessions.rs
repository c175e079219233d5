//! Running sessions of the real client, as evidence.

use super::{Bed, line};
use crate::sessions::bed::{LIMIT, Running, hanging, sandbox, turns};
use crate::support::claude_client::ClaudeClient;
use crate::support::fake_aws::account::{API_KEY, Account};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

#[test]
fn a_session_from_before_a_change_is_told_with_what_it_still_has() {
    let aws = hanging(1);
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let client = ClaudeClient::get();
    let running = Running::run(client.command(&sandbox).env("AWS_REGION", "us-west-2"), &["-p", "hi"]);
    aws.log().wait_until(LIMIT, |log| turns(log).next().is_some());
    let bed = Bed { aws, sandbox };
    let (report, _) = bed.verify(&[]);
    assert_eq!(line(&report, "sessions")["status"], "supports", "{report:#}");
    let session = &report["sessions"][0];
    assert_eq!(session["pid"], running.pid());
    assert_eq!((session["provider"].as_str(), session["region"].as_str()), (Some("bedrock"), Some("us-west-2")));
    assert_eq!(session["differs_in"][0], "AWS_REGION", "{session:#}");
    assert_eq!(session["started_before_change"], false, "nothing was changed since: {session:#}");
    assert!(line(&report, "sessions")["found"].as_str().is_some_and(|found| found.contains("with another AWS_REGION")));
    // A start-up file that is changed while it runs.
    let bed = bed.sandbox(|sandbox| sandbox.file(".bashrc", "export AWS_REGION=us-east-1\n"));
    let (report, _) = bed.verify(&[]);
    assert_eq!(report["sessions"][0]["started_before_change"], true, "{report:#}");
    assert!(
        line(&report, "sessions")["found"].as_str().is_some_and(|found| found.contains("started before the change"))
    );
}

#[test]
fn a_session_that_sends_to_anthropic_contradicts_by_its_process() {
    let hang = Rule::on("Messages", Behaviour::Hang);
    let aws = FakeAws::with(Account::default().rule(hang));
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let client = ClaudeClient::get();
    let mut command = client.command(&sandbox);
    command.env("CLAUDE_CODE_USE_BEDROCK", "0").env("ANTHROPIC_BASE_URL", aws.url()).env("ANTHROPIC_API_KEY", API_KEY);
    let running = Running::run(&mut command, &["-p", "hi"]);
    aws.log().wait_until(LIMIT, |log| log.iter().any(|entry| entry.path.starts_with("/v1/messages")));
    let bed = Bed { aws, sandbox };
    let (report, output) = bed.verify(&[]);
    output.exits(1);
    let against = &report["contradictions"][0];
    assert_eq!((against["line"].as_str(), &against["pid"]), (Some("sessions"), &running.pid().into()), "{report:#}");
    assert_eq!(against["fix"], "Leave that session, and go on in a new one.");
    assert_eq!(against["command"], "claude --continue");
    assert!(!output.out().contains(API_KEY));
}
