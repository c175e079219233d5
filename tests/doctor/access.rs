//! Who may call what, and how much: AWS's own words decide.

use super::*;

const NOT_ALLOWED: &str = "because no identity-based policy allows the {action} action";

fn deny(because: &str, resource: Option<&str>) -> Behaviour {
    Behaviour::Deny { because: because.into(), resource: resource.map(str::to_owned) }
}

/// Both ways of calling any model end like this.
fn every_call(then: &Behaviour) -> Machine {
    healthy().rule(Rule::on("InvokeModel*", then.clone()))
}

fn profile_arn(id: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:inference-profile/{id}")
}

#[test]
fn the_use_case_form_was_never_sent() {
    let report = healthy().account(|account| account.use_case_form = false).diagnose();
    report.error("use-case-form-missing").by("aws-admin").fix("put-use-case-for-model-access");
}

#[test]
fn the_form_is_in_and_the_model_is_not_granted() {
    let machine = healthy().account(|account| {
        let open = &mut account.model_mut("anthropic.claude-opus-4-8").availability;
        open.agreement = "NOT_AVAILABLE".into();
        open.entitlement = "NOT_AVAILABLE".into();
    });
    machine.diagnose().error("agreement-missing").by("aws-admin").fix("agreement").shows("opus-4-8");
}

#[test]
fn marketplace_perms_missing() {
    let machine = healthy().account(|account| {
        account.model_mut("anthropic.claude-sonnet-4-5-20250929-v1:0").availability.agreement = "NOT_AVAILABLE".into();
    });
    let report = machine.diagnose();
    report.error("marketplace-denied").by("aws-admin").shows("aws-marketplace:Subscribe");
}

#[test]
fn iam_no_invoke_at_all() {
    let report = every_call(&Behaviour::deny_by_iam()).diagnose();
    report.error("iam-invoke-denied").by("aws-admin").fix("policy").shows("bedrock:InvokeModelWithResponseStream");
}

#[test]
fn iam_missing_stream_action() {
    let report = healthy().rule(Rule::on("InvokeModelWithResponseStream", Behaviour::deny_by_iam())).diagnose();
    report
        .error("iam-stream-denied")
        .fix("bedrock:InvokeModelWithResponseStream")
        .and()
        .never_says("iam-invoke-denied");
}

#[test]
fn iam_missing_inference_profile_arn() {
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT_ID}:application-inference-profile/abcdef123456");
    let profile = ApplicationProfile {
        id: "abcdef123456".into(),
        name: "team".into(),
        region: "us-east-1".into(),
        model: "anthropic.claude-opus-4-8".into(),
    };
    let report = healthy()
        .account(|account| account.application_profiles.push(profile))
        .opus(&arn)
        .rule(Rule::on("InvokeModel*", deny(NOT_ALLOWED, Some(&arn))).for_model("abcdef123456"))
        .diagnose();
    report.error("iam-profile-arn-missing").by("aws-admin").fix("application-inference-profile");
}

#[test]
fn a_policy_of_last_year_that_names_models_and_no_profiles() {
    let machine = [OPUS, SONNET, HAIKU].iter().fold(healthy(), |machine, id| {
        machine.rule(Rule::on("InvokeModel*", deny(NOT_ALLOWED, Some(&profile_arn(id)))).for_model(id))
    });
    let report = machine.diagnose();
    let first = report.list("/findings")[0]["name"].as_str().unwrap_or_default().to_owned();
    assert!(["iam-profile-arn-missing", "iam-invoke-denied"].contains(&first.as_str()), "{report:?}");
    assert!(format!("{report:?}").contains("inference-profile"), "{report:?}");
}

#[test]
fn a_service_control_policy_forbids_bedrock_here() {
    let report = every_call(&Behaviour::deny_by_scp()).diagnose();
    report.error("scp-denied").by("org-admin").shows("service control policy").and().never_says("iam-invoke-denied");
}

#[test]
fn a_service_control_policy_that_allows_nothing() {
    let report = every_call(&deny("because no service control policy allows the {action} action", None)).diagnose();
    report.error("scp-denied").by("org-admin");
}

#[test]
fn throttle_tpm() {
    let throttle = Behaviour::refuse(429, "ThrottlingException", "Too many tokens, please wait before trying again.");
    every_call(&throttle).diagnose().error("quota-tokens-per-minute").by("aws-admin").fix("Service Quotas");
}

#[test]
fn words_about_a_day_are_no_quota_per_minute() {
    let words = "Too many tokens per day, please wait before trying again.";
    let report = every_call(&Behaviour::refuse(429, "ThrottlingException", words)).diagnose();
    report.never_says("quota-tokens-per-minute");
    assert!(format!("{report:?}").contains(words), "AWS's words are shown whole: {report:?}");
    assert_ne!(report.text("/verdict"), "healthy");
}

#[test]
fn list_inference_profiles_denied() {
    let machine = healthy()
        .rule(Rule::on("ListInferenceProfiles", Behaviour::deny_by_iam()))
        .rule(Rule::on("GetFoundationModelAvailability", Behaviour::deny_by_iam()))
        .rule(Rule::on("GetFoundationModel", Behaviour::deny_by_iam()));
    machine.diagnose().stays_quiet();
}

#[test]
fn an_answer_that_nobody_knows_is_shown_whole_with_its_request_id() {
    let words = "The frobnicator of this account is not aligned.";
    let machine = every_call(&Behaviour::refuse(418, "FrobnicatorException", words)).ready();
    let report = machine.diagnose();
    let all = format!("{report:?}");
    let ids: Vec<_> =
        machine.aws.log().of("InvokeModelWithResponseStream").into_iter().map(|call| call.request_id).collect();
    assert!(all.contains(words) && ids.iter().any(|id| all.contains(id)), "{all}");
    assert_ne!(report.text("/verdict"), "healthy");
}

#[test]
fn a_refused_beta_is_dropped_as_the_client_drops_it() {
    let machine = healthy().rule(Rule {
        body_contains: Some("anthropic_beta".into()),
        ..Rule::on("InvokeModelWithResponseStream", Behaviour::refuse(400, "ValidationException", "invalid beta flag"))
    });
    let report = machine.diagnose();
    assert_ne!(report.text("/verdict"), "broken", "{report:?}");
}

#[test]
fn two_independent_faults_are_both_told() {
    let machine = every_call(&Behaviour::deny_by_iam()).rc_after("# >>> bedrockup >>>");
    let report = machine.diagnose();
    report.errors(&["block-damaged", "iam-invoke-denied"]);
}

#[test]
fn the_wrong_region_owns_what_follows_from_it() {
    let report = healthy().region("eu-central-1").account(|account| account.keys[0].expired = false).diagnose();
    report.error("model-prefix-mismatch").and().never_says("iam-invoke-denied");
}

#[test]
fn no_access_though_every_field_says_that_there_is() {
    let text = "You don't have access to the model with the specified model ID.";
    let refusal = Behaviour::refuse(403, "AccessDeniedException", text);
    let report = healthy().rule(Rule::on("InvokeModel*", refusal).for_model("opus")).diagnose();
    report.error("agreement-missing").by("aws-admin").shows(text).and().never_says("model-enabled-in-other-region");
}
