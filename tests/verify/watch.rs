//! The first minutes of a new machine: verify waits for the next real answer.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use super::{Bed, answer, first_party};
use crate::support::claude_client::ClaudeClient;
use crate::support::fake_aws::account::Account;

/// `verify --watch`, once it says that it waits.
fn waiting(bed: &Bed) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut command = bed.sandbox.command(["verify", "--watch", "--wait", "60s"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("its standard error"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    assert!(line.contains("waiting"), "{line}");
    (child, said)
}

fn end(mut child: Child, mut said: BufReader<std::process::ChildStderr>) -> (Option<i32>, String) {
    let (mut out, mut err) = (String::new(), String::new());
    said.read_to_string(&mut err).expect("its standard error");
    child.stdout.take().expect("its standard output").read_to_string(&mut out).expect("text");
    (child.wait().expect("it ends").code(), out + &err)
}

#[test]
fn the_next_answer_of_the_real_client_is_proven() {
    let bed = Bed::with_client(Account::default());
    let (child, said) = waiting(&bed);
    ClaudeClient::get().print(&bed.sandbox, "say hi").exits(0);
    let (code, text) = end(child, said);
    let turn = &bed.aws.log().of("InvokeModelWithResponseStream")[0];
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(&format!("request {} stands in AWS's own log", turn.request_id)), "{text}");
    assert!(text.contains("proven"), "{text}");
}

#[test]
fn an_answer_of_another_provider_contradicts_at_once() {
    let old = answer("msg_bdrk_1", "3fceefbd-e1a6-4c42-9840-328cc3cfa24c");
    let bed = Bed::new(Account::default()).transcript(std::slice::from_ref(&old));
    let (child, said) = waiting(&bed);
    let bed = bed.transcript(&[old, first_party()]);
    let (code, text) = end(child, said);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("answered by Anthropic, not by Bedrock"), "{text}");
    drop(bed);
}
