//! Machines of a second kind of simulator and of further users: what AWS leaves open, and what few people write.

use super::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/Bedrock";

fn role(source: &str, credentials: &str) -> Machine {
    let config = format!("[profile r]\nregion = us-east-1\nrole_arn = {ROLE}\n{source}\n");
    healthy().aws_files(&config, credentials).env("AWS_PROFILE", "r")
}

fn refuse_all(status: u16, code: &str, message: &str) -> Machine {
    healthy().rule(Rule::on("InvokeModel*", Behaviour::refuse(status, code, message)))
}

#[test]
fn a_429_that_passes_is_nothing() {
    healthy().rule(Rule::on("InvokeModel*", Behaviour::throttle()).times(1)).diagnose().stays_quiet();
}

#[test]
fn awss_words_count_under_whatever_status() {
    let gated =
        "anthropic.claude-opus-4-8 is not available for this account. For additional access options, contact AWS Sales";
    for status in [400, 403, 404] {
        let rule = Rule::on("InvokeModel*", Behaviour::refuse(status, "", gated)).for_model("opus");
        healthy().rule(rule).diagnose().error("model-gated").fix("Sales");
    }
    let country = "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.";
    refuse_all(403, "AccessDeniedException", country).diagnose().error("country-unsupported");
    refuse_all(429, "ThrottlingException", "Rate exceeded").diagnose().error("quota-requests-per-minute");
}

#[test]
fn a_denial_of_the_older_kind_names_no_policy() {
    let words = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: bedrock:InvokeModelWithResponseStream \
                 on resource: arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
    let machine = refuse_all(403, "AccessDeniedException", words);
    let machine = machine.rule(Rule::on("SimulatePrincipalPolicy", Behaviour::deny_by_iam()));
    machine
        .diagnose()
        .error("iam-invoke-denied")
        .shows("do not say which kind of policy")
        .fix("bedrockup iam --for claude");
    let machine = refuse_all(403, "AccessDeniedException", &format!("{words} with an explicit deny"));
    let machine = machine.rule(Rule::on("SimulatePrincipalPolicy", Behaviour::deny_by_iam()));
    machine.diagnose().error("iam-explicit-deny");
}

#[test]
fn without_a_list_of_fields_the_words_say_that_there_is_no_agreement() {
    let words = "You don't have access to the model with the specified model ID.";
    let machine = healthy()
        .rule(Rule::on("InvokeModel*", Behaviour::refuse(403, "AccessDeniedException", words)).for_model("opus"));
    let gone = || Behaviour::refuse(501, "", "not implemented");
    let machine = machine.rule(Rule::on("GetFoundationModelAvailability", gone()));
    machine.rule(Rule::on("GetUseCaseForModelAccess", gone())).diagnose().error("agreement-missing");
}

#[test]
fn a_role_whose_source_has_a_key_that_is_gone() {
    let credentials = "[default]\naws_access_key_id = AKIAIOSFODNN7DELETED\naws_secret_access_key = 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\n";
    let machine = role("source_profile = default", credentials).secret("deletedSecret/K7MDENG/bPxRfiCYDELSECRET0");
    machine.diagnose().error("keys-unknown").shows("AKIAIOSFODNN7DELETED");
}

#[test]
fn a_role_by_the_environment() {
    role("credential_source = Environment", "").diagnose().error("assume-role-misconfigured").shows("Environment");
    let report = role("credential_source = Environment", "").env_keys(GOOD_KEY, None).diagnose();
    report.never_says("profile-hides-env-keys");
}

#[test]
fn a_key_that_no_header_can_carry_crashes_nothing() {
    let machine = healthy().no_aws_files().env("AWS_ACCESS_KEY_ID", format!("{}\r", GOOD_KEY.0));
    let report = machine.env("AWS_SECRET_ACCESS_KEY", GOOD_KEY.1).secret(GOOD_KEY.1).diagnose();
    report.error("value-has-stray-characters");
    assert!(report.list("/checks").iter().all(|check| check["status"] != "crashed"), "{report:?}");
}

#[test]
fn keys_that_were_pasted_without_a_section() {
    let machine = healthy().aws_files("", "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7GOODKEY\n");
    machine.diagnose().error("aws-config-broken").fix("~/.aws/credentials");
}

#[test]
fn a_zone_is_no_region() {
    healthy().region("us-west-2c").diagnose().error("region-unknown").fix("AWS_REGION=us-west-2");
}

#[test]
fn an_envrc_decides_in_its_directory() {
    let machine = healthy().file("work/.envrc", "export CLAUDE_CODE_USE_BEDROCK=0\n");
    let machine = machine.not_loaded().here("CLAUDE_CODE_USE_BEDROCK", "0").client_says("firstParty");
    machine.diagnose().error("block-overridden-later").shows("work/.envrc:1");
}

#[test]
fn a_block_in_bashrc_alone_is_well_where_terminals_read_it() {
    healthy().without_file(".profile").diagnose().note("block-not-read-by-shell");
}

#[test]
fn a_client_that_goes_elsewhere_is_believed() {
    healthy().client_says("vertex").diagnose().error("client-reports-other-provider");
}

/// A list that something in the place of AWS leaves empty says nothing about a region or a model.
#[test]
fn an_empty_list_of_profiles_hides_no_cause() {
    let empty = || Behaviour::Json { body: serde_json::json!({ "inferenceProfileSummaries": [] }) };
    let machine = || healthy().rule(Rule::on("ListInferenceProfiles", empty()));
    machine().diagnose().stays_quiet();
    let scp = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: bedrock:InvokeModelWithResponseStream \
               on resource: arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8 with an explicit deny in a service control policy";
    let refusal = Behaviour::refuse(403, "AccessDeniedException", scp);
    machine().rule(Rule::on("InvokeModel*", refusal)).diagnose().error("scp-denied");
    let throttled =
        Behaviour::refuse(429, "ThrottlingException", "Too many tokens per day, please wait before trying again.");
    machine().rule(Rule::on("InvokeModel*", throttled)).diagnose().error("quota-tokens-per-day");
}

#[test]
fn a_list_that_is_a_page_is_nothing_where_models_answer() {
    let page = Behaviour::Html { status: 404, body: "<html>not found</html>".to_owned() };
    healthy().rule(Rule::on("ListInferenceProfiles", page)).diagnose().never_says("answer-not-from-aws");
}
