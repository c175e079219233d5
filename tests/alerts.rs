//! `bedrockup alerts`: what it prints is a template that CloudFormation takes, by AWS's own linter.

use std::process::Command;

use crate::support::process;
use crate::support::sandbox::Sandbox;
use crate::support::tools::CfnLint;

fn template(arguments: &[&str]) -> String {
    let sandbox = Sandbox::new();
    let output = sandbox.run(["alerts"].iter().chain(arguments));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_template_is_one_that_cloudformation_takes() {
    let lint = CfnLint::get();
    let place = tempfile::tempdir().expect("a directory");
    for (name, arguments) in [
        ("plain.yml", &[][..]),
        (
            "full.yml",
            &["--email", "you+claude@example.com", "--monthly-budget", "500", "--throttles", "7", "--log-invocations"],
        ),
    ] {
        let path = place.path().join(name);
        std::fs::write(&path, template(arguments)).expect("a file");
        let mut command = Command::new(lint.python());
        command.args(["-m", "cfnlint", "--regions", "us-east-1", "eu-central-1", "ap-northeast-1", "--"]).arg(&path);
        let output = process::run(&mut command, std::time::Duration::from_secs(120));
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
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
