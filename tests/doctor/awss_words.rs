//! Refusals that AWS words in full: the text decides, and nothing else does.

use super::*;

/// `test: status "code" "words of AWS" => "finding" for "who cures it"`, where both ways of calling any model end so.
macro_rules! replays {
    ($($test:ident: $status:literal $code:literal $words:literal => $finding:literal for $who:literal;)*) => {
        $(
            #[test]
            fn $test() {
                let refusal = Behaviour::refuse($status, $code, $words);
                let report = healthy().rule(Rule::on("InvokeModel*", refusal)).diagnose();
                report.error($finding).by($who).shows($words);
            }
        )*
    };
}

/// `test: "clause" on "resource" => "finding" for "who cures it"`, where both ways of calling any model are denied so.
macro_rules! denials {
    ($($test:ident: $because:literal on $resource:expr => $finding:literal for $who:literal;)*) => {
        $(
            #[test]
            fn $test() {
                let resource: Option<&str> = $resource;
                let denial = Behaviour::Deny { because: $because.into(), resource: resource.map(str::to_owned) };
                let report = healthy().rule(Rule::on("InvokeModel*", denial)).diagnose();
                report.error($finding).by($who).and().never_says("aws-refused");
            }
        )*
    };
}

replays! {
    badcscore: 403 "BadCScoreException" "Your account is not authorized to access this model" => "account-blocked" for "support";
    operation_not_allowed: 400 "ValidationException" "Operation not allowed" => "account-blocked" for "support";
    unsupported_country: 400 "ValidationException"
        "Access to Anthropic models is not allowed from unsupported countries, regions, or territories."
        => "country-unsupported" for "you";
    payment_instrument: 403 "AccessDeniedException"
        "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes."
        => "payment-invalid" for "org-admin";
}

denials! {
    iam_missing_foundation_model_dest: "because no identity-based policy allows the {action} action"
        on Some("arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-8")
        => "iam-destination-region-missing" for "aws-admin";
    iam_explicit_deny_identity: "with an explicit deny in an identity-based policy" on None
        => "iam-explicit-deny" for "aws-admin";
    scp_destination_region_deny: "with an explicit deny in a service control policy"
        on Some("arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-8")
        => "scp-destination-region" for "org-admin";
    session_policy_missing_stream: "because no session policy allows the {action} action" on None
        => "session-policy-denied" for "aws-admin";
    a_permissions_boundary: "because no permissions boundary allows the {action} action" on None
        => "boundary-denied" for "aws-admin";
    an_endpoint_policy: "because no VPC endpoint policy allows the {action} action" on None
        => "endpoint-policy-denied" for "aws-admin";
}

#[test]
fn marketplace_propagation() {
    let words = "Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.";
    let report = healthy()
        .account(|account| account.model_mut("anthropic.claude-opus-4-8").availability.agreement = "PENDING".into())
        .rule(Rule::on("InvokeModel*", Behaviour::refuse(403, "AccessDeniedException", words)).for_model("opus"))
        .diagnose();
    report.warning("access-pending").by("wait");
    report.never_says("payment-invalid").never_says("marketplace-denied");
}

#[test]
fn model_gated_despite_authorized() {
    let words = "anthropic.claude-opus-4-8 is not available for this account. You can explore other available models on Amazon Bedrock. For additional access options, contact AWS Sales at https://aws.amazon.com/contact-us/sales-support/";
    let refusal = Behaviour::refuse(403, "AccessDeniedException", words);
    let report = healthy().rule(Rule::on("InvokeModel*", refusal).for_model("opus")).diagnose();
    report.error("model-gated").by("support").and().never_says("agreement-missing");
}

#[test]
fn data_retention_mode() {
    let words = "data retention mode 'none' is not available for this model";
    let refusal = Behaviour::refuse(400, "ValidationException", words);
    let report = healthy().rule(Rule::on("InvokeModel*", refusal).for_model("opus")).diagnose();
    report.error("data-retention-required").shows(words);
}

#[test]
fn callwithbearertoken_missing() {
    let words = format!(
        "User: arn:aws:iam::{ACCOUNT_ID}:user/BedrockAPIKey-abcd is not authorized to perform: bedrock:CallWithBearerToken on resource: * because no identity-based policy allows the bedrock:CallWithBearerToken action"
    );
    let report = healthy()
        .no_aws_files()
        .env("AWS_BEARER_TOKEN_BEDROCK", GOOD_BEARER)
        .rule(Rule::always(Behaviour::refuse(403, "AccessDeniedException", &words)))
        .diagnose();
    report.error("iam-bearer-denied").by("aws-admin").fix("bedrock:CallWithBearerToken");
}

#[test]
fn invalid_api_key_format_prefix() {
    let report = healthy()
        .no_aws_files()
        .env("AWS_BEARER_TOKEN_BEDROCK", "sk-ant-canary-key-of-another-kind")
        .secret("sk-ant-canary-key")
        .diagnose();
    report.error("bearer-token-malformed");
}

#[test]
fn keys_of_two_pairs() {
    let report = healthy().no_aws_files().env_keys(SESSION_KEY, None).diagnose();
    report.error("keys-inconsistent").shows("no session token").fix("unset AWS_ACCESS_KEY_ID");
}

#[test]
fn a_left_over_session_token() {
    let report = healthy().no_aws_files().env_keys(GOOD_KEY, Some(GOOD_SESSION_TOKEN)).diagnose();
    report.error("keys-inconsistent").shows("session token").fix("unset AWS_ACCESS_KEY_ID");
}

#[test]
fn a_profile_that_holds_only_a_region() {
    let report =
        healthy().aws_files("[profile bedrock]\nregion = us-east-1\n", "").env("AWS_PROFILE", "bedrock").diagnose();
    report.error("profile-empty").shows("bedrock");
}
