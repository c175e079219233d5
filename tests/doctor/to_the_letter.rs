//! Public reports about regions, models and access, with the surroundings that they name and no easier ones.

use super::*;

const NOT_ALLOWED: &str = "because no identity-based policy allows the {action} action";

fn deny(because: &str, resource: &str) -> Behaviour {
    Behaviour::Deny { because: because.into(), resource: Some(resource.into()) }
}

#[test]
fn model_legacy_unused_with_sonnet_4() {
    let sonnet = "anthropic.claude-sonnet-4-20250514-v1:0";
    let words = "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock";
    let refusal = Behaviour::refuse(404, "ResourceNotFoundException", words);
    let machine = healthy().rule(Rule::on("InvokeModel*", refusal).for_model("sonnet-4-2025"));
    let report = machine.env("ANTHROPIC_MODEL", format!("us.{sonnet}")).diagnose();
    report.error("model-legacy").fix("ANTHROPIC_MODEL").shows("marked by provider as Legacy");
}

#[test]
fn hardcoded_us_haiku_of_an_old_client() {
    let machine = healthy().client("2.0.77").region("eu-central-1").pins_with("eu.");
    let report = machine.block_without("ANTHROPIC_DEFAULT_HAIKU_MODEL").diagnose();
    let first = report.list("/findings")[0]["name"].as_str().unwrap_or_default();
    assert!(["small-model-unavailable", "claude-too-old"].contains(&first), "{report:?}");
    report.also_says("small-model-unavailable", "ANTHROPIC_DEFAULT_HAIKU_MODEL=eu.anthropic.claude-haiku-4-5");
}

#[test]
fn a_destination_in_europe_that_the_policy_leaves_out() {
    let resource = "arn:aws:bedrock:eu-north-1::foundation-model/anthropic.claude-opus-4-8";
    let machine = healthy().region("eu-west-1").pins_with("eu.");
    let report = machine.rule(Rule::on("InvokeModel*", deny(NOT_ALLOWED, resource)).for_model("opus")).diagnose();
    let finding = report.error("iam-destination-region-missing");
    let resources = finding.by("aws-admin").shows("eu-north-1").policy().to_string();
    assert!(resources.contains("eu-north-1") && resources.contains("eu-west-1"), "each destination: {resources}");
}

#[test]
fn an_identity_policy_denies_the_global_route() {
    let resource = "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8";
    let deny = deny("with an explicit deny in an identity-based policy", resource);
    let machine = healthy().pins_with("global.");
    let report = machine.rule(Rule::on("InvokeModel*", deny).for_model("opus")).diagnose();
    report.error("iam-explicit-deny").by("aws-admin").and().never_says("scp-global");
}

#[test]
fn the_organization_denies_the_global_route() {
    let resource = "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-4-8";
    let deny = deny("with an explicit deny in a service control policy", resource);
    let machine = healthy().pins_with("global.");
    let report = machine.rule(Rule::on("InvokeModel*", deny).for_model("opus")).diagnose();
    report.error("scp-global").fix("ANTHROPIC_DEFAULT_OPUS_MODEL=us.anthropic.claude-opus-4-8");
}

#[test]
fn a_newer_model_asks_for_more_data_than_the_account_gives() {
    let words = "data retention mode 'none' is not available for this model";
    let refusal = Behaviour::refuse(400, "ValidationException", words);
    let machine = healthy().env("ANTHROPIC_MODEL", "us.anthropic.claude-mythos-5");
    let report = machine.rule(Rule::on("InvokeModel*", refusal).for_model("mythos")).diagnose();
    report.error("data-retention-required").shows(words).fix("answers");
}

fn unpinned() -> Machine {
    let tiers = ["OPUS", "SONNET", "HAIKU"].map(|tier| format!("ANTHROPIC_DEFAULT_{tier}_MODEL"));
    tiers.iter().fold(healthy(), |machine, name| machine.block_without(name))
}

#[test]
fn the_clients_own_guess_of_a_prefix_where_it_may_not_list() {
    let machine = unpinned().region("ap-northeast-1");
    let report = machine.rule(Rule::on("ListInferenceProfiles", Behaviour::deny_by_iam())).diagnose();
    report.error("model-prefix-mismatch").fix("ANTHROPIC_DEFAULT_OPUS_MODEL=jp.anthropic.claude-opus-5-5");
    report.never_says("aws-refused");
}

#[test]
fn an_old_client_in_govcloud_guesses_a_tier_that_is_not_there() {
    let report = unpinned().client("2.1.100").region("us-gov-west-1").diagnose();
    report.error("claude-too-old").fix("claude update");
    report.says_as_consequence("small-model-unavailable").says_as_consequence("model-unpinned");
    report.never_says("aws-refused");
}

#[test]
fn no_pins_are_proposed_where_there_is_nothing_to_pin() {
    let report = unpinned().region("me-central-1").diagnose();
    report.error("region-without-claude");
    let fixes: Vec<_> = report.list("/findings").iter().filter(|finding| finding["name"] == "model-unpinned").collect();
    assert!(!format!("{fixes:?}").contains("bedrockup setup"), "{fixes:?}");
}
