//! Where the request goes, and which model is asked for.

use super::*;

#[test]
fn undefined_region_host() {
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let report = healthy().aws_files("", &keys).block_without("AWS_REGION").env("AWS_REGION", "").diagnose();
    report.warning("region-missing").fix("bedrockup setup --region");
    assert_eq!(report.text("/route/region/value"), "us-east-1");
}

#[test]
fn region_default_region_only() {
    let report = healthy().block_without("AWS_REGION").env("AWS_DEFAULT_REGION", "us-west-2").diagnose();
    report.stays_quiet();
    assert_eq!(report.text("/route/region/value"), "us-west-2");
}

#[test]
fn a_region_with_two_letters_swapped() {
    let machine = healthy().region("us-esat-1").no_endpoints();
    machine.diagnose().error("region-unknown").fix("us-east-1").and().never_says("keys-unknown");
}

#[test]
fn a_zone_instead_of_a_region() {
    healthy().region("us-east-1a").no_endpoints().diagnose().error("region-unknown").fix("us-east-1");
}

#[test]
fn a_region_in_capitals_reaches_the_host_and_changes_the_models() {
    healthy().region("US-EAST-1").diagnose().error("region-unknown").fix("AWS_REGION=us-east-1");
}

#[test]
fn a_region_that_the_client_skips_unseen() {
    let report = healthy().region("us_east_1").diagnose();
    report.error("region-unknown").shows("us_east_1");
}

#[test]
fn a_region_where_claude_is_not_offered() {
    let report = healthy().region("me-south-1").diagnose();
    report.error("region-without-claude").fix("AWS_REGION=");
}

#[test]
fn prefix_region_mismatch() {
    let report = healthy().region("eu-central-1").diagnose();
    report.error("model-prefix-mismatch").fix("eu.anthropic.claude");
}

#[test]
fn profile_only_global() {
    let opus = "anthropic.claude-opus-4-5-20251101-v1:0";
    let report = healthy()
        .account(|account| account.model_mut(opus).profiles = vec!["global".into()])
        .opus(&format!("us.{opus}"))
        .diagnose();
    report.error("model-prefix-mismatch").fix(&format!("global.{opus}"));
}

#[test]
fn on_demand_not_supported() {
    let opus = "anthropic.claude-opus-4-5-20251101-v1:0";
    let report = healthy().opus(opus).diagnose();
    report.error("model-needs-profile").fix(&format!("us.{opus}")).shows("on-demand throughput");
}

#[test]
fn a_bare_id_where_the_model_is_served_by_itself_is_no_fault() {
    let machine = healthy().region("eu-west-2").pins_with("global.").opus("anthropic.claude-opus-5-5");
    machine.diagnose().stays_quiet();
}

#[test]
fn managed_invalid_model_suffix() {
    let report = healthy().sonnet("us.anthropic.claude-sonnet-4-6:0").diagnose();
    report.error("model-id-invalid").fix("us.anthropic.claude-sonnet-4-6");
}

#[test]
fn a_date_that_no_model_has() {
    let report = healthy().sonnet("us.anthropic.claude-sonnet-4-5-20250930-v1:0").diagnose();
    report.error("model-id-invalid").fix(SONNET);
}

#[test]
fn model_legacy_unused_30d() {
    let opus = "anthropic.claude-opus-4-1-20250805-v1:0";
    let machine = healthy().account(|account| account.model_mut(opus).idle_legacy = true).opus(&format!("us.{opus}"));
    let report = machine.diagnose();
    report
        .error("model-legacy")
        .fix("ANTHROPIC_DEFAULT_OPUS_MODEL")
        .shows("Legacy")
        .and()
        .never_says("iam-invoke-denied");
}

#[test]
fn a_legacy_model_in_daily_use_still_answers() {
    let report = healthy().opus("us.anthropic.claude-opus-4-1-20250805-v1:0").diagnose();
    report.warning("model-legacy").fix("ANTHROPIC_DEFAULT_OPUS_MODEL");
}

#[test]
fn a_model_that_is_gone_is_refused_and_named() {
    let machine =
        healthy().account(|account| account.model_mut("anthropic.claude-opus-4-8").lifecycle.stage = Stage::EndOfLife);
    let report = machine.diagnose();
    assert_eq!(report.text("/verdict"), "broken", "{report:?}");
    assert!(format!("{:?}", report.list("/findings")[0]).contains(OPUS), "{report:?}");
}

#[test]
fn hardcoded_us_haiku() {
    let report = healthy()
        .client("2.1.330")
        .region("eu-central-1")
        .pins_with("eu.")
        .block_value("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU)
        .diagnose();
    report.error("model-prefix-mismatch").fix("eu.anthropic.claude-haiku").shows(HAIKU);
}

#[test]
fn startup_tier_probing() {
    let machine = healthy();
    let machine = ["OPUS", "SONNET", "HAIKU"]
        .iter()
        .fold(machine, |machine, tier| machine.block_without(&format!("ANTHROPIC_DEFAULT_{tier}_MODEL")));
    let report = machine.diagnose();
    report.stays_quiet();
    let ids: Vec<_> = report.list("/route/models").iter().filter_map(|model| model["id"].as_str()).collect();
    assert!(ids.contains(&"us.anthropic.claude-opus-5-5"), "the client's own default is asked: {ids:?}");
}

#[test]
fn an_application_profile_of_this_account_is_no_fault() {
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdef123456");
    let profile = ApplicationProfile {
        id: "abcdef123456".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: "anthropic.claude-opus-4-8".into(),
    };
    healthy().account(|account| account.application_profiles.push(profile)).opus(&arn).diagnose().stays_quiet();
}

#[test]
fn a_model_that_only_subagents_use() {
    let id = "us.anthropic.claude-sonnet-4-6:0";
    let report = healthy().env("CLAUDE_CODE_SUBAGENT_MODEL", id).diagnose();
    report.error("model-id-invalid").fix("CLAUDE_CODE_SUBAGENT_MODEL=us.anthropic.claude-sonnet-4-6");
}

#[test]
fn subagents_that_take_the_model_of_the_session_or_a_word_are_no_fault() {
    for value in ["inherit", "haiku", SONNET, ""] {
        healthy().env("CLAUDE_CODE_SUBAGENT_MODEL", value).diagnose().stays_quiet();
    }
}

#[test]
fn a_profile_that_was_deleted_where_nobody_says_so() {
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdef123456");
    let unknown = Behaviour::refuse(404, "UnknownOperationException", "");
    for look in [unknown, Behaviour::refuse(501, "", ""), Behaviour::deny_by_iam()] {
        let report = healthy().opus(&arn).rule(Rule::on("GetInferenceProfile", look)).diagnose();
        report.error("profile-arn-missing").fix("list-inference-profiles").and().never_says("profile-arn-opaque");
    }
}

#[test]
fn an_arn_that_lacks_its_account() {
    let arn = format!("arn:aws:bedrock:us-east-1::inference-profile/{OPUS}");
    let invalid = Behaviour::refuse(400, "ValidationException", "The provided model identifier is invalid.");
    let report = healthy().opus(&arn).rule(Rule::always(invalid).for_model("::inference-profile")).diagnose();
    report.error("profile-arn-missing").fix(OPUS).shows("lacks the account");
}

#[test]
fn a_misspelled_region_behind_an_endpoint_that_answers_for_every_one() {
    let answering = "https://gateway.example.com";
    let machine = healthy().region("us-esat-1");
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let authority = proxy.ca_pem_path().display().to_string();
    let machine = machine.behind(proxy).env("NODE_EXTRA_CA_CERTS", authority);
    machine.env("ANTHROPIC_BEDROCK_BASE_URL", answering).diagnose().error("region-unknown").fix("us-east-1");
}

#[test]
fn the_small_model_in_a_region_of_its_own() {
    let region = "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION";
    healthy().env(region, "us-west-2").diagnose().stays_quiet();
    let report = healthy().env(region, "eu-west-1").diagnose();
    report.error("small-model-unavailable").fix("ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION=us-east-1").shows("eu-west-1");
}
