//! `container-credentials-failed`: the local credential service fails.

use crate::aws::answer::CredentialFailure;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, words};
use crate::resolve::CredentialKind;

/// The local credential service fails.
pub const KIND: Kind = Kind {
    name: "container-credentials-failed",
    layer: Layer::Credentials,
    severity: Severity::Error,
    title: "The local credential service fails",
    page: PAGE,
    owns: &["aws-refused", "connection-refused", "no-answer", "dns-failed"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, after a delay.

## Why

`AWS_CONTAINER_CREDENTIALS_FULL_URI` or `…_RELATIVE_URI` names a service that refuses, answers something else than credentials, or takes longer than Claude Code waits (1 second); or the file with its authorization token is missing.

## Fix

Start the local credential broker, or sign in to it; in ECS or EKS check the role of the task or pod.

## Check

`aws sts get-caller-identity` prints the role, at once.
";

/// Claude Code waits this long for the service, in milliseconds.
const LIMIT: u64 = 1_000;

fn detect(case: &Case<'_>) -> Vec<Found> {
    let CredentialKind::Container { uri } = &case.route.credentials.kind else { return Vec::new() };
    let problem = match (&case.answers.credential_failure, case.answers.credentials.got()) {
        (Some(CredentialFailure::Service { refusal, .. }), _) => words::refusal(refusal),
        (Some(CredentialFailure::Network { failure, .. }), _) => words::failure(failure),
        (Some(CredentialFailure::NotThere(problem) | CredentialFailure::Other(problem)), _) => problem.clone(),
        (None, Some(obtained)) if obtained.milliseconds > LIMIT => {
            format!("it answers after {} ms, and Claude Code waits {LIMIT} ms", obtained.milliseconds)
        }
        _ => return Vec::new(),
    };
    vec![
        Found::new(format!("The credential service at {uri} fails."))
            .evidence("AWS_CONTAINER_CREDENTIALS_*_URI", uri.clone())
            .evidence("asking it", problem)
            .fix(Fix::words(Who::You, "Start the local credential broker, or sign in to it first."))
            .fix(Fix::words(Who::AwsAdmin, "In ECS or EKS: check the role of the task or pod.")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, CredentialFailure, Obtained};
    use crate::diagnose::testing::*;

    fn broker() -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9911/creds");
        scene
    }

    #[test]
    fn a_broker_that_refuses() {
        let mut scene = broker();
        let refusal = refusal(401, "", "please sign in");
        scene.without_credentials(Some(CredentialFailure::Service { service: "container", refusal }));
        scene.expect_first("container-credentials-failed");
    }

    #[test]
    fn a_broker_that_is_too_slow_for_the_client() {
        let mut scene = broker();
        scene.answers.credentials =
            Answer::Got(Obtained { key_id: KEY_ID.to_owned(), expires: None, milliseconds: 3_000 });
        scene.expect_first("container-credentials-failed");
    }

    #[test]
    fn a_broker_that_answers_at_once_is_fine() {
        broker().expect_absent("container-credentials-failed");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("container-credentials-failed");
    }
}
