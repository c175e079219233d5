//! Credentials that the place is to give: container, instance.

use super::*;

fn without_keys() -> Machine {
    healthy().no_aws_files()
}

/// An instance's metadata service at this place.
fn instance(machine: Machine, url: &str) -> Machine {
    machine.not_here("AWS_EC2_METADATA_DISABLED").here("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
}

#[test]
fn imds_no_role() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine = without_keys().account(|account| account.imds = Some(key));
    let url = format!("http://{}", machine.aws_address());
    let no_role = Behaviour::Html { status: 404, body: "<html>404 - Not Found</html>".into() };
    let report = instance(machine.rule(Rule::on("GetMetadata", no_role)), &url).diagnose();
    report.error("imds-no-role").by("aws-admin").fix("role");
}

#[test]
fn imds_slow() {
    let silence = Silence::start();
    let report = instance(without_keys(), &silence.url()).diagnose();
    report.error("no-credentials").fix("aws configure");
    let slow = report.list("/findings").iter().find(|finding| finding["name"] == "imds-unreachable");
    assert_eq!(slow.map(|finding| &finding["because_of"]), Some(&"no-credentials".into()), "{report:?}");
}

#[test]
fn on_an_instance_of_ec2_in_a_container() {
    let silence = Silence::start();
    let machine = instance(without_keys(), &silence.url());
    let machine = machine.file("../system/sys/class/dmi/id/board_vendor", "Amazon EC2\n").ready();
    let report = machine.diagnose_in(|_| ());
    report.error("imds-unreachable").by("aws-admin").fix("--http-put-response-hop-limit 2");
}

#[test]
fn container_creds_timeout() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine =
        without_keys().account(|account| account.container = Some(ContainerCredentials { key, authorization: None }));
    let url = format!("http://{}/container-credentials", machine.aws_address());
    let slow = Rule::always(Behaviour::Answer).for_service("container").after_ms(3000);
    let report = machine.rule(slow).here("AWS_CONTAINER_CREDENTIALS_FULL_URI", url).diagnose();
    report.error("container-credentials-failed").fix("broker");
}

#[test]
fn a_broker_that_is_not_there() {
    let report = without_keys().here("AWS_CONTAINER_CREDENTIALS_FULL_URI", dead_ends::refused_url()).diagnose();
    report.error("container-credentials-failed").fix("broker");
}

#[test]
fn a_broker_that_asks_for_a_token_that_is_not_there() {
    let key = KeyPair::session(SESSION_KEY, GOOD_SESSION_TOKEN);
    let machine =
        without_keys().account(|account| account.container = Some(ContainerCredentials { key, authorization: None }));
    let url = format!("http://{}/container-credentials", machine.aws_address());
    let machine = machine.here("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    let report = machine.here("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nonexistent/token").diagnose();
    report.error("container-credentials-failed").shows("/nonexistent/token");
}
