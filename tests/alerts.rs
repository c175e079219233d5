//! `bedrockup alerts`: what it prints is a template that CloudFormation takes, by AWS's own linter.

use std::process::Command;
use std::time::Duration;

use crate::support::process;
use crate::support::sandbox::Sandbox;
use crate::support::tools::CfnLint;

fn template(arguments: &[&str]) -> String {
    let sandbox = Sandbox::new();
    let output = sandbox.run(["alerts"].iter().chain(arguments));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// What AWS's linter says of a template; nothing when all is well.
fn lint(text: &str) -> String {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("alerts.yml");
    std::fs::write(&path, text).expect("a file");
    let mut command = Command::new(CfnLint::get().python());
    let program = "import sys; from cfnlint.runner import main; sys.exit(main())";
    command.args(["-c", program, "--regions", "us-east-1", "eu-central-1", "ap-northeast-1", "--"]).arg(&path);
    let output = process::run(&mut command, Duration::from_secs(120));
    assert_eq!(output.status.success(), output.stdout.is_empty(), "{}", output.err());
    output.out()
}

#[test]
fn the_template_is_one_that_cloudformation_takes() {
    let plain = template(&[]);
    assert_eq!(lint(&plain), "");
    let full =
        ["--email", "you+claude@example.com", "--monthly-budget", "500", "--throttles", "7", "--log-invocations"];
    assert_eq!(lint(&template(&full)), "");
    assert!(lint(&plain.replace("AWS::SNS::Topic\n", "AWS::SNS::Topik\n")).contains("Topik"), "the linter looks");
}

#[test]
fn flags_fill_the_parameters_in() {
    let text = template(&["--email", "you@example.com", "--monthly-budget", "500", "--input-tokens-per-hour", "12345"]);
    for part in [
        "Default: \"you@example.com\"",
        "Default: 500",
        "Default: 12345",
        "Claude Opus 5.5 (Amazon Bedrock Edition)",
        "Default: \"false\"",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let logged = template(&["--log-invocations"]);
    assert!(logged.contains("Default: \"true\"") && logged.starts_with("# Guardrails"), "{logged}");
}
