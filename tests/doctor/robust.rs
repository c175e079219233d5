//! When nothing answers, when somebody is in a hurry, and how often AWS is asked.

use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode as FileMode;
use nix::unistd::mkfifo;

use super::*;
use crate::support::process::{self, group};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn nothing_answers_at_all() {
    let report = healthy().rule(Rule::always(Behaviour::Hang)).timeout("2s").diagnose();
    report.could_not_tell().check("sts-identity", "timed-out").check("inference-profiles", "timed-out");
    assert!(report.list("/route/models").iter().all(|model| model["probe"] == "skipped"), "{report:?}");
}

#[test]
fn shells_client_helper_and_aws_all_hang() {
    let config = "[default]\nregion = us-east-1\ncredential_process = /bin/sleep 600\n";
    let report = healthy()
        .aws_files(config, "")
        .rc_after("sleep 600")
        .sandbox(|sandbox| sandbox.script("claude", "#!/bin/sh\nexec sleep 600\n"))
        .rule(Rule::always(Behaviour::Hang))
        .timeout("3s")
        .diagnose();
    assert_ne!(report.text("/verdict"), "healthy", "{report:?}");
    let late = report.list("/checks").iter().filter(|check| check["status"] == "timed-out").count();
    assert!(late > 0, "what could not be asked is said: {report:?}");
}

#[test]
fn a_text_report_says_what_it_could_not_ask() {
    let ready = healthy().rule(Rule::always(Behaviour::Hang)).ready();
    let output = ready.run(["doctor", "--timeout", "2s"].map(str::to_owned));
    let text = output.exits(3).out();
    assert!(text.contains("unknown:") && text.contains("Could not tell:"), "{text}");
}

#[test]
fn offline_asks_nobody_and_does_not_call_it_healthy() {
    let ready = healthy().flags(&["--offline"]).ready();
    ready.diagnose().could_not_tell();
    assert!(ready.aws.log().entries().is_empty(), "{:#?}", ready.aws.log().operations());
}

#[test]
fn offline_still_finds_what_lies_on_this_machine() {
    healthy().env("AWS_PROFILE", "gone").flags(&["--offline"]).diagnose().error("profile-not-found");
}

#[test]
fn without_probes_no_model_is_called() {
    let ready = healthy().flags(&["--no-probe"]).ready();
    ready.diagnose().could_not_tell();
    let asked = ready.aws.log().operations();
    assert!(!asked.iter().any(|name| name.starts_with("Invoke")), "{asked:?}");
}

#[test]
fn one_finding_can_be_asked_for() {
    let machine = healthy().env("AWS_PROFILE", "gone").rc_after("# >>> bedrockup >>>");
    let report = machine.flags(&["--only", "block-damaged"]).diagnose();
    report.error("block-damaged").and().never_says("profile-not-found");
}

#[test]
fn a_finding_that_does_not_exist_cannot_be_asked_for() {
    let output = healthy().ready().run(["doctor", "--only", "no-such-finding"].map(str::to_owned));
    assert!(output.exits(2).err().contains("no-such-finding"), "{output:?}");
}

#[test]
fn ctrl_c_ends_it_with_all_that_it_started() {
    let ready = healthy()
        .rule(Rule::always(Behaviour::Hang))
        .sandbox(|sandbox| {
            mkfifo(&sandbox.path("alive"), FileMode::S_IRWXU).expect("a pipe with a name");
            let helper = format!("#!/bin/sh\nexec 3>'{}'\nsleep 600 &\nwait\n", sandbox.path("alive").display());
            sandbox.script("helper", &helper)
        })
        .aws_files("[default]\nregion = us-east-1\ncredential_process = helper\n", "")
        .timeout("5m")
        .ready();
    let alive = ready.sandbox.path("alive");
    let mut command = ready.sandbox.command(["doctor".to_owned()].into_iter().chain(ready.flags.clone()));
    use std::os::unix::process::CommandExt;
    let mut child =
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // Opening waits for the helper to open the other end; reading waits for its last descendant to be gone.
    let (told, gone) = mpsc::channel();
    let (opened, helper_runs) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = std::fs::File::open(alive).expect("the pipe is there");
        let _ = opened.send(());
        let end = pipe.read_to_end(&mut Vec::new());
        let _ = told.send(end.is_ok());
    });
    helper_runs.recv_timeout(LIMIT).expect("the helper was started");
    kill(group(&child), Signal::SIGINT).expect("the program runs");
    let status = wait(&mut child);
    let mut words = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut words).expect("text");
    assert_eq!(status, Some(130), "{words}");
    assert_eq!(gone.recv_timeout(LIMIT), Ok(true), "a child of doctor is still alive");
}

/// The exit code, within the limit.
fn wait(child: &mut std::process::Child) -> Option<i32> {
    let group = group(child);
    let (told, ended) = mpsc::channel();
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("process ids fit"));
    thread::spawn(move || told.send(nix::sys::wait::waitpid(id, None)));
    let status = ended.recv_timeout(LIMIT);
    let _ = nix::sys::signal::killpg(group, Signal::SIGKILL);
    match status {
        Ok(Ok(nix::sys::wait::WaitStatus::Exited(_, code))) => Some(code),
        other => panic!("it did not end by itself: {other:?}"),
    }
}

#[test]
fn all_questions_leave_before_the_first_answer_comes() {
    let ready = healthy().rule(Rule::always(Behaviour::Hang)).timeout("5m").ready();
    let mut command = ready.sandbox.command(["doctor".to_owned()].into_iter().chain(ready.flags.clone()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let seen = ready.aws.log().wait_until(LIMIT, |calls| {
        let asked = |operation: &str, model: Option<&str>| {
            calls
                .iter()
                .any(|call| call.operation == operation && model.is_none_or(|id| call.model.as_deref() == Some(id)))
        };
        let probes = [OPUS, SONNET, HAIKU].iter().all(|id| asked("InvokeModelWithResponseStream", Some(id)));
        probes && asked("ListInferenceProfiles", None) && asked("GetCallerIdentity", None)
    });
    assert!(seen.iter().all(|call| call.status.is_none()), "something was answered: {seen:#?}");
    child.kill().and_then(|()| child.wait()).expect("it can be ended");
}

#[test]
fn signing_in_costs_one_wave_more_and_no_further_one() {
    let config = format!(
        "[default]\nregion = us-east-1\nrole_arn = arn:aws:iam::{ACCOUNT_ID}:role/Developer\nsource_profile = base\n"
    );
    let keys = format!("[base]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let ready = healthy()
        .aws_files(&config, &keys)
        .rule(Rule::on("AssumeRole", Behaviour::Answer))
        .rule(Rule::always(Behaviour::Hang))
        .timeout("5m")
        .ready();
    let mut command = ready.sandbox.command(["doctor".to_owned()].into_iter().chain(ready.flags.clone()));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let seen = ready.aws.log().wait_until(LIMIT, |calls| {
        let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
        count("InvokeModelWithResponseStream") == 3
            && count("ListInferenceProfiles") == 1
            && count("GetCallerIdentity") == 1
    });
    assert_eq!(seen.iter().filter(|call| call.status.is_some()).count(), 1, "only the role was answered: {seen:#?}");
    assert_eq!(seen[0].operation, "AssumeRole");
    child.kill().and_then(|()| child.wait()).expect("it can be ended");
}

#[test]
fn no_call_is_made_twice() {
    let ready = healthy().ready();
    ready.diagnose().stays_quiet();
    let calls = ready.aws.log().entries();
    let mut seen = std::collections::BTreeSet::new();
    for call in &calls {
        let again = !seen.insert((call.operation.clone(), call.path.clone(), call.region.clone()));
        assert!(!again, "{} {} was asked twice: {:?}", call.operation, call.path, ready.aws.log().operations());
    }
    let probes = ready.aws.log().of("InvokeModelWithResponseStream");
    assert_eq!(probes.len(), 3, "one call for each model: {calls:#?}");
    assert!(probes.iter().all(|call| call.body.as_ref().is_some_and(|body| body["max_tokens"] == 1)), "{probes:#?}");
    assert!(calls.iter().all(|call| call.operation != "InvokeModel"), "a second look where none is needed: {calls:#?}");
}

#[test]
fn doctor_leaves_the_terminal_and_the_temporary_directory_as_they_were() {
    let ready = healthy().ready();
    let place = ready.sandbox.home().parent().expect("the sandbox").join("tmp");
    let listed = || std::fs::read_dir(&place).expect("a directory").count();
    let before = listed();
    ready.diagnose().stays_quiet();
    assert_eq!(listed(), before, "something was left in {}", place.display());
    let _ = process::run(&mut ready.sandbox.program("/bin/true"), LIMIT);
}
