//! Helper programs that give credentials, and all that they do instead.

use std::time::Duration;

use bedrockup::aws::answer::{Answer, CredentialFailure, HelperOutcome, HelperRun};
use bedrockup::observe::settings::{Scope, Settings, SettingsFile, SettingsState};
use serde_json::{Value, json};

use super::*;

fn keys() -> Value {
    json!({ "Version": 1, "AccessKeyId": GOOD_KEY.0, "SecretAccessKey": GOOD_KEY.1 })
}

/// A chosen profile with this helper; its home holds `keys.json` and a stray `secret`.
fn with_process(aws: &FakeAws, script: &str) -> Bed {
    let bed = Bed::on(aws).profile(&[("credential_process", script)]);
    write(&bed, &keys());
    std::fs::write(bed.home.path().join("secret"), GOOD_KEY.1).expect("the secret is written");
    bed
}

fn write(bed: &Bed, document: &Value) {
    std::fs::write(bed.home.path().join("keys.json"), document.to_string()).expect("the keys are written");
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
    let answers = with_process(&aws, "test \"$WANTED\" = 1 && cat keys.json").env("WANTED", "1").answers();
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
    assert!(matches!(outcome("echo log; cat keys.json"), HelperOutcome::NotCredentials(_)));
    let mut past = keys();
    past["Expiration"] = json!("2020-01-01T00:00:00Z");
    let bed = with_process(&aws, "cat keys.json");
    write(&bed, &past);
    assert!(matches!(run(&bed.answers()).outcome, HelperOutcome::Expired(_)));
}

#[test]
fn standard_error_is_kept_without_what_looks_like_a_key() {
    let aws = FakeAws::start();
    let answers = with_process(&aws, "echo 'sign in first: https://vpn.example' >&2; cat secret >&2; exit 1").answers();
    assert_eq!(run(&answers).outcome, HelperOutcome::Exited(Some(1)));
    assert!(run(&answers).stderr.contains("sign in first: https://vpn.example"), "{:?}", run(&answers));
}

#[test]
fn a_helper_that_waits_is_ended_with_its_children() {
    let aws = FakeAws::start();
    let bed = with_process(&aws, "exec 3>held; echo waiting for the browser >&2; sleep 600 & wait");
    let held = bed.home.path().join("held");
    nix::unistd::mkfifo(&held, nix::sys::stat::Mode::S_IRWXU).expect("a pipe with a name");
    // The pipe ends when nobody holds it any more: neither the helper nor its child.
    let ended = std::thread::spawn(move || std::fs::read(held).map(|bytes| bytes.len()));
    let answers = bed.within(Duration::from_secs(2)).answers();
    assert_eq!(answers.credentials, Answer::TimedOut);
    assert_eq!(run(&answers).outcome, HelperOutcome::TimedOut);
    assert_eq!(run(&answers).stderr, "waiting for the browser");
    assert_eq!(ended.join().expect("the reader does not panic").expect("the pipe is read"), 0);
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
        let bed = with_export(&aws, Scope::User, "cat keys.json").env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7ANOTHER");
        write(&bed, &document);
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
