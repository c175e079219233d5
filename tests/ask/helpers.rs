//! Helper programs that give credentials, and all that they do instead.

use std::time::Duration;

use bedrockup::aws::answer::{Answer, CredentialFailure, HelperOutcome, HelperRun};
use bedrockup::observe::settings::{Scope, Settings, SettingsFile, SettingsState};
use serde_json::{Value, json};

use super::*;

fn keys() -> Value {
    json!({ "Version": 1, "AccessKeyId": GOOD_KEY.0, "SecretAccessKey": GOOD_KEY.1 })
}

fn with_process(aws: &FakeAws, script: &str) -> Bed {
    Bed::on(aws).profile(&[("credential_process", script)])
}

fn run(answers: &Answers) -> &HelperRun {
    match &answers.credential_failure {
        Some(CredentialFailure::Helper(run)) => run,
        other => panic!("no run of a helper: {other:?}"),
    }
}

#[test]
fn a_helper_gives_keys_with_the_environment_of_the_client() {
    let aws = FakeAws::start();
    let script = format!("test \"$WANTED\" = 1 && printf '%s' '{}'", keys());
    let answers = with_process(&aws, &script).env("WANTED", "1").answers();
    assert!(answers.identity.got().is_some(), "{:?}", answers.credential_failure);
}

#[test]
fn what_a_helper_does_wrong_is_named() {
    let aws = FakeAws::start();
    let outcome = |script: &str| run(&with_process(&aws, script).answers()).outcome.clone();
    assert_eq!(outcome("no-such-helper --json"), HelperOutcome::NotFound);
    assert_eq!(outcome("exit 3"), HelperOutcome::Exited(Some(3)));
    assert_eq!(outcome("kill -9 $$"), HelperOutcome::Exited(None));
    assert!(matches!(outcome("echo signed in as alice"), HelperOutcome::NotCredentials(_)));
    assert!(matches!(outcome(&format!("echo log; echo '{}'", keys())), HelperOutcome::NotCredentials(_)));
    let mut past = keys();
    past["Expiration"] = json!("2020-01-01T00:00:00Z");
    assert!(matches!(outcome(&format!("echo '{past}'")), HelperOutcome::Expired(_)));
}

#[test]
fn standard_error_is_kept_without_what_looks_like_a_key() {
    let aws = FakeAws::start();
    let script = format!("echo 'sign in first: https://vpn.example' >&2; echo {} >&2; exit 1", GOOD_KEY.1);
    let answers = with_process(&aws, &script).answers();
    assert_eq!(run(&answers).outcome, HelperOutcome::Exited(Some(1)));
    assert!(run(&answers).stderr.contains("sign in first: https://vpn.example"), "{:?}", run(&answers));
}

#[test]
fn a_helper_that_waits_is_ended_with_its_children() {
    let aws = FakeAws::start();
    let bed = with_process(&aws, "echo waiting for the browser >&2; sleep 600 & echo $! > child; wait");
    let answers = bed.within(Duration::from_secs(2)).answers_and_keep();
    assert_eq!(answers.0.credentials, Answer::TimedOut);
    assert_eq!(run(&answers.0).outcome, HelperOutcome::TimedOut);
    assert_eq!(run(&answers.0).stderr, "waiting for the browser");
    let child = std::fs::read_to_string(answers.1.home.path().join("child")).expect("the child's id");
    // Killed, and perhaps not yet collected by the process that inherited it.
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_else(|_| ") Z".to_owned());
    assert!(state.contains(") Z"), "{state}");
}

impl Bed {
    fn answers_and_keep(self) -> (Answers, Self) {
        (self.answers(), self)
    }
}

fn with_export(aws: &FakeAws, scope: Scope, command: &str) -> Bed {
    let mut bed = Bed::on(aws);
    let settings = Settings {
        aws_credential_export: Some(command.to_owned()),
        keys: [("awsCredentialExport".to_owned(), 2)].into_iter().collect(),
        ..Settings::default()
    };
    let path = bed.home.path().join("settings.json");
    bed.machine.settings.push(SettingsFile { scope, path, state: SettingsState::Read(settings) });
    bed
}

#[test]
fn an_export_gives_keys_in_both_shapes_and_beats_the_environment() {
    let aws = FakeAws::start();
    for document in [keys(), json!({ "Credentials": keys() })] {
        let bed = with_export(&aws, Scope::User, &format!("echo '{document}'"))
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7ANOTHER");
        assert_eq!(bed.answers().credentials.got().expect("keys").key_id, GOOD_KEY.0);
    }
}

#[test]
fn a_failing_export_is_a_fact_and_the_client_goes_on_with_the_next_keys() {
    let aws = FakeAws::start();
    let answers = with_export(&aws, Scope::User, "exit 7").answers();
    assert_eq!(run(&answers).outcome, HelperOutcome::Exited(Some(7)));
    assert!(answers.identity.got().is_some());
}

#[test]
fn an_export_of_the_directory_is_never_run() {
    let aws = FakeAws::start();
    for scope in [Scope::Project, Scope::Local] {
        let bed = with_export(&aws, scope, "touch ran");
        let answers = bed.answers();
        assert!(
            matches!(&answers.credentials, Answer::NotAsked(why) if why.contains("awsCredentialExport")),
            "{:?}",
            answers.credentials
        );
        assert!(!bed.home.path().join("ran").exists());
    }
}
