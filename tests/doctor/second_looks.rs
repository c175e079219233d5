//! Where one answer has several causes, a second question settles it.

use serde_json::json;

use super::*;
use crate::support::fake_aws::models::Availability;

const NOT_GRANTED: &str = "You don't have access to the model with the specified model ID.";

/// The opus pin is not granted in `us-east-1`, and the four fields say so.
fn not_granted_here(machine: Machine) -> Machine {
    let fields = json!({
        "modelId": "anthropic.claude-opus-4-8",
        "agreementAvailability": { "status": "NOT_AVAILABLE" },
        "authorizationStatus": "NOT_AUTHORIZED",
        "entitlementAvailability": "NOT_AVAILABLE",
        "regionAvailability": "AVAILABLE",
    });
    let fields = Rule::on("GetFoundationModelAvailability", Behaviour::Json { body: fields });
    let refusal = Behaviour::refuse(403, "AccessDeniedException", NOT_GRANTED);
    machine
        .rule(fields.for_model("opus-4-8").for_region("us-east-1"))
        .rule(Rule::on("InvokeModel*", refusal).for_model("opus-4-8").for_region("us-east-1"))
}

fn profile_arn(resource: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:{resource}")
}

fn own_profile() -> ApplicationProfile {
    ApplicationProfile {
        id: "abcdef123456".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: "anthropic.claude-opus-4-8".into(),
    }
}

#[test]
fn model_enabled_other_region() {
    let machine = not_granted_here(healthy()).file(".aws/config", "[default]\nregion = us-west-2\n");
    let report = machine.diagnose();
    report.error("model-enabled-in-other-region").fix("AWS_REGION=us-west-2").shows("us-west-2");
    report.says_as_consequence("agreement-missing");
}

#[test]
fn granted_in_a_neighbouring_region_that_nobody_named() {
    not_granted_here(healthy()).diagnose().error("model-enabled-in-other-region").shows("us-east-2");
}

#[test]
fn granted_nowhere() {
    let machine = healthy().account(|account| {
        let closed = &mut account.model_mut("anthropic.claude-opus-4-8").availability;
        *closed = Availability {
            agreement: "NOT_AVAILABLE".into(),
            entitlement: "NOT_AVAILABLE".into(),
            ..Availability::default()
        };
    });
    machine.diagnose().error("agreement-missing").and().never_says("model-enabled-in-other-region");
}

#[test]
fn model_access_generic_403() {
    let machine = healthy().account(|account| {
        account.model_mut("anthropic.claude-opus-4-8").availability.entitlement = "NOT_AVAILABLE".into();
    });
    let report = machine.diagnose();
    report.error("agreement-missing").by("aws-admin").fix("create-foundation-model-agreement").shows(NOT_GRANTED);
}

#[test]
fn use_case_form() {
    let report = healthy().account(|account| account.use_case_form = false).diagnose();
    report
        .error("use-case-form-missing")
        .by("aws-admin")
        .fix("put-use-case-for-model-access")
        .shows("not been submitted");
}

#[test]
fn a_form_that_went_in_minutes_ago() {
    let words = "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.";
    let refusal = Behaviour::refuse(404, "ResourceNotFoundException", words);
    let report = healthy().rule(Rule::on("InvokeModel*", refusal)).diagnose();
    report.warning("access-pending").by("wait");
    report.never_says("use-case-form-missing");
}

#[test]
fn count_tokens_403_crash() {
    let report = healthy().rule(Rule::on("CountTokens", Behaviour::deny_by_iam())).diagnose();
    report.warning("iam-count-tokens-denied").by("aws-admin").fix("bedrock:CountTokens");
    assert_eq!(report.text("/verdict"), "degraded");
}

#[test]
fn a_model_that_tokens_cannot_be_counted_for_is_no_fault() {
    let words = "The provided model doesn't support counting tokens.";
    let refusal = Behaviour::refuse(400, "ValidationException", words);
    healthy().rule(Rule::on("CountTokens", refusal)).diagnose().stays_quiet();
}

#[test]
fn a_session_of_the_global_endpoint_in_a_region_that_is_enabled() {
    let report = opt_in_session().rule(region_status("ENABLED")).diagnose();
    report.error("sts-token-not-valid-in-region").fix("AWS_STS_REGIONAL_ENDPOINTS").shows("eu-central-2 is enabled");
}

#[test]
fn a_session_in_a_region_that_is_not_enabled() {
    let report = opt_in_session().rule(region_status("DISABLED")).diagnose();
    report.error("region-not-enabled").by("aws-admin").fix("enable-region --region-name eu-central-2");
}

#[test]
fn a_session_where_nobody_may_say_whether_the_region_is_enabled() {
    let denied = Behaviour::refuse(403, "AccessDeniedException", "not for you");
    let machine = opt_in_session().rule(Rule::on("Unknown", denied.clone())).rule(Rule::on("DescribeRegions", denied));
    let report = machine.diagnose();
    report.error("aws-refused").shows("The security token included in the request is invalid");
    report.never_says("keys-unknown").never_says("region-not-enabled");
}

/// Session keys that every region knows but `eu-central-2`.
fn opt_in_session() -> Machine {
    healthy().region("eu-central-2").no_aws_files().env_keys(SESSION_KEY, Some(GOOD_SESSION_TOKEN)).account(|account| {
        let session = account.keys.iter_mut().find(|key| key.id == SESSION_KEY.0).expect("the session's keys");
        session.valid_regions = vec!["us-east-1".into()];
    })
}

/// What `account:GetRegionOptStatus` answers.
fn region_status(status: &str) -> Rule {
    Rule::on("Unknown", Behaviour::Json { body: json!({ "RegionName": "eu-central-2", "RegionOptStatus": status }) })
}

#[test]
fn an_application_profile_that_was_deleted() {
    let arn = profile_arn("application-inference-profile/deleted00000");
    healthy().opus(&arn).diagnose().error("profile-arn-missing").fix("list-inference-profiles").shows(&arn);
}

#[test]
fn a_system_profile_that_was_never_there() {
    let arn = profile_arn("inference-profile/us.anthropic.claude-opus-4-9");
    healthy().opus(&arn).diagnose().error("profile-arn-missing").shows(&arn);
}

#[test]
fn the_arn_of_a_system_profile_is_as_good_as_its_id() {
    healthy().opus(&profile_arn(&format!("inference-profile/{OPUS}"))).diagnose().stays_quiet();
}

#[test]
fn a_profile_that_the_client_may_not_look_into() {
    let machine = healthy().account(|account| account.application_profiles.push(own_profile()));
    let machine = machine.rule(Rule::on("GetInferenceProfile", Behaviour::deny_by_iam()));
    let machine = machine.opus(&profile_arn("application-inference-profile/abcdef123456"));
    machine.diagnose().note("profile-arn-opaque").by("aws-admin").fix("bedrock:GetInferenceProfile");
}

#[test]
fn the_same_with_a_client_that_gets_it_wrong() {
    let machine = healthy().client("2.1.121").account(|account| account.application_profiles.push(own_profile()));
    let machine = machine.rule(Rule::on("GetInferenceProfile", Behaviour::deny_by_iam()));
    let report = machine.opus(&profile_arn("application-inference-profile/abcdef123456")).diagnose();
    report.error("claude-known-bad-version").fix("claude update").and().says_as_consequence("profile-arn-opaque");
}

#[test]
fn a_suffix_that_one_client_sent_as_part_of_the_id() {
    let report = healthy().client("2.1.112").opus("us.anthropic.claude-opus-4-6-v1[1m]").diagnose();
    report.error("model-long-context-suffix").fix("claude update");
}

#[test]
fn a_long_context_that_the_model_does_not_have() {
    let pin = format!("{HAIKU}[1m]");
    let machine = healthy().block_without("ANTHROPIC_DEFAULT_HAIKU_MODEL");
    let report = machine.env("ANTHROPIC_DEFAULT_HAIKU_MODEL", &pin).diagnose();
    report.warning("model-long-context-suffix").fix(HAIKU);
}

#[test]
fn a_long_context_that_the_model_has_is_no_fault() {
    let machine = healthy().block_without("ANTHROPIC_DEFAULT_OPUS_MODEL");
    machine.env("ANTHROPIC_DEFAULT_OPUS_MODEL", format!("{OPUS}[1m]")).diagnose().stays_quiet();
}

#[test]
fn mantle_endpoint_region() {
    let machine = healthy().block_without("CLAUDE_CODE_USE_BEDROCK").opus("anthropic.claude-opus-4-8");
    let machine =
        machine.block_without("ANTHROPIC_DEFAULT_SONNET_MODEL").block_without("ANTHROPIC_DEFAULT_HAIKU_MODEL");
    let machine = machine.env("CLAUDE_CODE_USE_MANTLE", "1").client_says("mantle");
    let report =
        machine.env("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "https://bedrock-mantle.invalid/anthropic").diagnose();
    report.error("mantle-mismatch").fix("unset CLAUDE_CODE_USE_MANTLE").shows("does not resolve");
}

#[test]
fn mantle_alone_and_pins_of_bedrock() {
    let unknown = OddServer::answering(
        "404 Not Found",
        "Content-Type: application/json\r\n",
        r#"{"type":"error","error":{"type":"not_found_error","message":"The model does not exist"}}"#,
    );
    let machine =
        healthy().block_without("CLAUDE_CODE_USE_BEDROCK").env("CLAUDE_CODE_USE_MANTLE", "1").client_says("mantle");
    let report = machine.env("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", unknown.url()).diagnose();
    report.error("mantle-mismatch").fix("anthropic.claude-opus-4-8").shows(OPUS);
}

#[test]
fn mantle_that_answers_is_healthy_without_bedrocks_switch() {
    let message = r#"{"id":"msg_01","type":"message","role":"assistant","content":[],"usage":{}}"#;
    let mantle = OddServer::answering("200 OK", "Content-Type: application/json\r\n", message);
    let machine = ["OPUS", "SONNET", "HAIKU"]
        .iter()
        .fold(healthy(), |machine, tier| machine.block_without(&format!("ANTHROPIC_DEFAULT_{tier}_MODEL")));
    let machine =
        machine.block_without("CLAUDE_CODE_USE_BEDROCK").env("CLAUDE_CODE_USE_MANTLE", "1").client_says("mantle");
    let report = machine.env("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", mantle.url()).diagnose();
    assert_ne!(report.text("/verdict"), "broken", "{report:?}");
    report.never_says("mantle-mismatch").never_says("model-needs-profile");
}

#[test]
fn govcloud_sts_region() {
    let config = "[profile gov]\nrole_arn = arn:aws-us-gov:iam::111122223333:role/Dev\nsource_profile = default\n";
    let report = healthy().file(".aws/config", config).env("AWS_PROFILE", "gov").diagnose();
    report.error("partition-mismatch").fix("us-gov-west-1").shows("aws-us-gov");
}

#[test]
fn sonnet35_prompt_cache_unsupported() {
    let words = "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.";
    let pin = "eu.anthropic.claude-3-5-sonnet-20240620-v1:0";
    let refusal = Behaviour::refuse(400, "ValidationException", words);
    let machine = healthy().region("eu-central-1").pins_with("eu.").sonnet(pin);
    let report = machine.rule(Rule::on("InvokeModel*", refusal).for_model("3-5-sonnet")).diagnose();
    report.error("model-end-of-life").fix("eu.anthropic.claude-sonnet").shows(words);
}

#[test]
fn legacy_var_small_fast() {
    let machine = healthy().block_without("ANTHROPIC_DEFAULT_HAIKU_MODEL").env("ANTHROPIC_SMALL_FAST_MODEL", HAIKU);
    machine.diagnose().note("small-model-variable-deprecated").fix("ANTHROPIC_DEFAULT_HAIKU_MODEL");
}

#[test]
fn the_second_looks_of_a_denied_call_are_bounded_too() {
    let machine = healthy()
        .rule(Rule::on("InvokeModel*", Behaviour::deny_by_iam()))
        .rule(Rule::always(Behaviour::Hang).for_service("iam"))
        .timeout("3s");
    let report = machine.diagnose();
    report.error("iam-invoke-denied").and().check("policy-simulation", "timed-out");
}

#[test]
fn region_set_but_routed() {
    healthy().diagnose().note("served-by-other-region").by("you").fix("Nothing").shows("us-east-2");
}

#[test]
fn invocation_logging_off() {
    healthy().diagnose().note("invocation-logging-off").by("aws-admin").shows("us-east-1");
    let kept =
        json!({ "cloudWatchConfig": { "logGroupName": "bedrock", "roleArn": "arn:aws:iam::111122223333:role/x" } });
    let report = healthy().account(|account| account.logging = Some(kept)).diagnose();
    report.stays_quiet().never_says("invocation-logging-off");
}

#[test]
fn what_doctor_may_not_ask_beside_a_route_that_works_is_no_warning() {
    let denied = |operation: &str| Rule::on(operation, Behaviour::deny_by_iam());
    let report = healthy()
        .rule(denied("ListServiceQuotas"))
        .rule(denied("GetModelInvocationLoggingConfiguration"))
        .rule(denied("GetFoundationModel"))
        .diagnose();
    report.note("evidence-denied").fix("bedrockup iam --for doctor").shows("servicequotas:ListServiceQuotas");
}
