//! `imds-unreachable`: the instance metadata service does not answer.

use crate::aws::answer::CredentialFailure;
use crate::diagnose::look;
use crate::diagnose::{Case, Found, Kind, Layer, Severity};
use crate::diagnose::{Fix, Who, words};

/// The instance metadata service does not answer.
pub const KIND: Kind = Kind {
    name: "imds-unreachable",
    layer: Layer::Credentials,
    severity: Severity::Note,
    title: "The instance metadata service does not answer",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A delay of some seconds at every start, then `Could not load credentials from any providers`.

## Why

No earlier link of the chain gives credentials, and the address of the metadata service does not answer. On an EC2 instance, in a container, the hop limit of 1 is the usual reason; elsewhere there is no such service, and it is only a delay.

A profile with `role_arn` and `credential_source = Ec2InstanceMetadata` has no other link: away from EC2 it cannot work, and this is an error.

## Fix

On EC2, in a container:

    aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2

Elsewhere give credentials in another way, and `export AWS_EC2_METADATA_DISABLED=true`. In a profile with `credential_source`, name a profile of this
machine instead (`source_profile = NAME`), or choose another profile.

## Check

`bedrockup doctor` names the credentials.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if !look::asks_metadata(case) || case.answers.credential_failure != Some(CredentialFailure::NoMetadata) {
        return Vec::new();
    }
    let found = Found::new("The instance metadata service, the last place for credentials, does not answer.")
        .evidence("169.254.169.254", "no answer to the token request");
    // A profile that says so needs it, wherever this is.
    let found = if look::role_source(case).is_some() { found.severity(Severity::Error) } else { found };
    if let Some(mark) = &case.machine.host.ec2 {
        // The service is there: one hop more than it allows keeps its answer out of a container.
        let command = "aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2";
        let text = "Let the answer of the metadata service go one hop further (with the id of this instance).";
        return vec![
            found
                .severity(Severity::Error)
                .evidence(words::short(case, mark), "this is an instance of EC2, or a container on one")
                .fix(Fix::command(text, command).by(Who::AwsAdmin))
                .explains("no-credentials"),
        ];
    }
    if let Some(source) = look::role_source(case) {
        let text = format!(
            "Away from EC2: write `source_profile = NAME` (a profile of this machine) in place of `credential_source = {source}`, or choose another AWS_PROFILE."
        );
        return vec![found.fix(Fix::words(Who::You, text))];
    }
    vec![found.fix(Fix::command(
        "Where this is no EC2 instance: do not ask it (and give credentials in another way).",
        words::export(case, "AWS_EC2_METADATA_DISABLED", "true"),
    ))]
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;

    #[test]
    fn a_silent_address_is_a_consequence_of_no_credentials() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.without_credentials(Some(CredentialFailure::NoMetadata));
        assert_eq!(scene.expect("imds-unreachable").because_of, Some("no-credentials"));
    }

    #[test]
    fn on_an_instance_the_hop_limit_is_the_cause() {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.machine.host.ec2 = Some("/sys/class/dmi/id/board_vendor".into());
        scene.without_credentials(Some(CredentialFailure::NoMetadata));
        let finding = scene.expect_first("imds-unreachable");
        assert!(finding.fixes[0].command.as_deref().is_some_and(|command| command.contains("hop-limit 2")));
        assert_eq!(scene.expect("no-credentials").because_of, Some("imds-unreachable"));
    }

    #[test]
    fn a_profile_that_takes_its_credentials_from_the_service_needs_it() {
        let mut scene = Scene::healthy();
        let role = [("role_arn", "arn:aws:iam::111111111111:role/Dev"), ("credential_source", "Ec2InstanceMetadata")];
        scene.choose_profile("box", &role);
        scene.without_credentials(Some(CredentialFailure::NoMetadata));
        let finding = scene.expect_first("imds-unreachable");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.fixes[0].text.contains("source_profile"), "{finding:?}");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("imds-unreachable");
    }
}
