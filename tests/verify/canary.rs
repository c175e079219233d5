//! The tagged call: proof that depends on nobody's habits.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};

use super::{Bed, line};
use crate::support::fake_aws::account::Account;
use crate::support::process;

#[test]
fn the_chain_leads_from_the_request_to_the_identity() {
    let bed = Bed::new(Account::default());
    let (report, output) = bed.verify(&["--canary", "--wait", "60s"]);
    output.exits(0);
    assert_eq!(report["verdict"], "proven", "{report:#}");
    let sent = bed.aws.log().of("InvokeModelWithResponseStream");
    assert_eq!(sent.len(), 1, "one call and no more");
    assert!(sent[0].user_agent.contains("canary/"), "{:?}", sent[0].user_agent);
    let chain = &report["chain"];
    assert_eq!(chain["request_id"], sent[0].request_id.as_str());
    assert_eq!(chain["identity"], "arn:aws:iam::111122223333:user/alice");
    assert_eq!(chain["region"], "us-east-1");
    assert!(chain["model"].as_str().is_some_and(|model| model.contains("opus")), "{chain:#}");
    // Should the wait be cut short, the call can be looked for by hand.
    assert!(output.err().contains(sent[0].request_id.as_str()), "{output:?}");
    let text = bed.sandbox.run(["verify", "--canary", "--wait", "60s"]).out();
    assert!(text.contains("and stands in AWS's own log"), "{text}");
    for link in ["request ", "event ", "identity ", "model ", "region "] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(link)), "{link}: {text}");
    }
    // A later run knows it again.
    let (later, _) = bed.verify(&[]);
    assert_eq!(later["verdict"], "proven", "{later:#}");
    assert_eq!(bed.aws.log().of("InvokeModelWithResponseStream").len(), 2);
}

#[test]
fn no_call_is_made_where_it_would_prove_nothing() {
    for (name, value) in [("CLAUDE_CODE_USE_BEDROCK", "0"), ("CLAUDE_CODE_USE_MANTLE", "1")] {
        let bed = Bed::new(Account::default()).sandbox(|sandbox| sandbox.env(name, value));
        let (report, output) = bed.verify(&["--canary", "--wait", "60s"]);
        assert!(output.err().contains("--canary: no call was made"), "{output:?}");
        assert!(report["canary"].is_null() && report["verdict"] != "proven", "{report:#}");
        assert!(bed.aws.log().of("InvokeModelWithResponseStream").is_empty());
    }
}

#[test]
fn a_wait_that_ends_early_is_no_proof_and_no_contradiction() {
    let bed = Bed::new(Account { trail_delay_ms: 3_600_000, ..Account::default() });
    let (report, output) = bed.verify(&["--canary", "--wait", "3s"]);
    output.exits(3);
    assert_eq!(report["verdict"], "unproven", "{report:#}");
    let request = &bed.aws.log().of("InvokeModelWithResponseStream")[0].request_id;
    let found = line(&report, "cloudtrail")["found"].as_str().unwrap_or_default().to_owned();
    assert!(found.contains(request.as_str()), "the call can be looked for later: {found}");
}

#[test]
fn a_refused_call_is_told_in_awss_words() {
    use crate::support::fake_aws::{Behaviour, Rule};
    let bed = Bed::new(Account::default().rule(Rule::on("Invoke*", Behaviour::deny_by_iam())));
    let (report, output) = bed.verify(&["--canary", "--wait", "30s"]);
    output.exits(3);
    let found = line(&report, "cloudtrail")["found"].as_str().unwrap_or_default().to_owned();
    assert!(found.contains("is not authorized to perform"), "{found}");
}

#[test]
fn ctrl_c_ends_the_wait() {
    let bed = Bed::new(Account { trail_delay_ms: 3_600_000, ..Account::default() });
    let mut child = bed.sandbox.command(["verify", "--canary", "--wait", "1h"]).spawn().expect("it starts");
    bed.aws.log().wait_until(Duration::from_secs(60), |log| log.iter().any(|entry| entry.operation == "LookupEvents"));
    kill(process::group(&child), Signal::SIGINT).expect("it can be interrupted");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
