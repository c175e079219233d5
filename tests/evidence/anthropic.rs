//! Anthropic's own reports: at its real host name, behind a proxy that leads to the fake.

use bedrockup::ask::anthropic::{Report, Reported, Usage};
use bedrockup::aws::answer::{Answer, CheckStatus};
use serde_json::json;

use super::*;
use crate::support::fake_aws::account::{ADMIN_KEY, Day, DirectUse, Organization};
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};
use crate::support::https_proxy::{HttpsProxy, Mode};

const SEATS_KEY: &str = "sk-ant-api01-of-an-enterprise";

fn anthropic_only(days: i64) -> EvidenceOptions {
    let now = Timestamp::now();
    let span = Span { since: now - SignedDuration::from_hours(24 * days), until: now };
    EvidenceOptions { span, ..options(Methods { anthropic: true, ..Methods::default() }) }
}

fn organization() -> Account {
    let used = |ago, email: Option<&str>, input, cents| DirectUse {
        day: Day::Ago(ago),
        email: email.map(str::to_owned),
        input,
        cache_write_5m: 1,
        cache_write_1h: 2,
        cents,
        ..DirectUse::default()
    };
    let usage = vec![
        used(0, Some("alice@example.com"), 100, 125.0),
        used(1, None, 20, 1.0),
        used(60, Some("alice@example.com"), 7, 1.0),
        DirectUse { claude_code: false, ..used(1, None, 5000, 300.0) },
    ];
    Account { anthropic: Organization { usage, ..Organization::default() }, ..patient() }
}

/// A bed whose way to the world is the proxy, with a base URL that leads elsewhere.
fn bed(aws: &FakeAws, proxy: &HttpsProxy) -> Bed {
    Bed::on(aws)
        .env("HTTPS_PROXY", proxy.url())
        .env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path().display().to_string())
        .env("ANTHROPIC_BASE_URL", "https://gateway.example.com")
        .env("ANTHROPIC_BEDROCK_BASE_URL", aws.url())
}

fn reported(answers: &EvidenceAnswers, report: Report) -> &Reported {
    let reports = answers.anthropic.got().expect("reports");
    reports.iter().find(|reported| reported.report == report).expect("the report")
}

/// Where the proxy was asked to lead to, beside the endpoint of Bedrock.
fn past_aws(aws: &FakeAws, proxy: &HttpsProxy) -> Vec<String> {
    proxy.dialled().into_iter().filter(|to| !to.starts_with(&aws.url())).collect()
}

fn rows(answers: &EvidenceAnswers, report: Report) -> &[Usage] {
    &reported(answers, report).rows.got().unwrap_or_else(|| panic!("{:?}", reported(answers, report))).usage
}

#[test]
fn an_admin_key_opens_the_reports_of_the_console_and_goes_to_nobody_else() {
    let aws = FakeAws::with(organization());
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let (answers, _) = with_events(&bed(&aws, &proxy).env("ANTHROPIC_ADMIN_API_KEY", ADMIN_KEY), anthropic_only(2));
    let code = rows(&answers, Report::ClaudeCode);
    let told: Vec<_> = code
        .iter()
        .map(|row| {
            (
                row.actor.as_deref(),
                row.model.as_deref(),
                row.input,
                row.cache_write,
                row.cost.map(|cost| cost.to_string()),
            )
        })
        .collect();
    let opus = Some("claude-opus-5-5");
    assert_eq!(
        told,
        [
            (Some("claude-code-key"), opus, 20, 3, Some("0.01".to_owned())),
            (Some("alice@example.com"), opus, 100, 3, Some("1.25".to_owned())),
        ]
    );
    assert!(code[0].day < code[1].day && code[0].product.as_deref() == Some("claude_code"));
    let messages: Vec<_> =
        rows(&answers, Report::Messages).iter().map(|row| (row.model.as_deref(), row.input)).collect();
    assert_eq!(messages, [(opus, 5020), (opus, 100)]);
    let newest = reported(&answers, Report::Usage).rows.refused().expect("this fake does not know the newest report");
    assert_eq!((newest.status, newest.code.as_str()), (404, "not_found_error"));
    assert_eq!(reported(&answers, Report::Usage).variable, "ANTHROPIC_ADMIN_API_KEY");
    let tunnels = past_aws(&aws, &proxy);
    assert!(tunnels.iter().all(|host| host == "api.anthropic.com:443"), "{tunnels:?}");
    let asked: Vec<_> = aws.log().entries().into_iter().filter(|entry| entry.service == "anthropic").collect();
    assert!(asked.len() == 5 && asked.iter().all(|entry| entry.host == "api.anthropic.com"), "{asked:#?}");
    assert!(asked.iter().all(|entry| entry.user_agent.starts_with("bedrockup/") && entry.method == "GET"));
}

#[test]
fn a_month_is_asked_day_by_day_and_no_further_back() {
    let aws = FakeAws::with(organization());
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let (answers, _) = with_events(&bed(&aws, &proxy).env("ANTHROPIC_ADMIN_KEY", ADMIN_KEY), anthropic_only(80));
    assert_eq!(aws.log().of("UsageReportClaudeCode").len(), 31);
    assert_eq!(
        rows(&answers, Report::ClaudeCode).len(),
        2,
        "what is older is not in it, and the report says from when it is"
    );
    let code = reported(&answers, Report::ClaudeCode);
    assert_eq!(code.from.until(code.to).expect("days").get_days(), 31);
    assert_eq!(status(&answers, "anthropic-claude-code:ANTHROPIC_ADMIN_KEY"), CheckStatus::Passed);
}

#[test]
fn a_key_of_an_enterprise_opens_its_seats_and_the_newest_report() {
    let tokens = json!({
        "uncached_input_tokens": 7, "output_tokens": 8, "cache_read_input_tokens": 9,
        "cache_creation": { "ephemeral_1h_input_tokens": 1, "ephemeral_5m_input_tokens": 2 },
    });
    let group = json!({
        "actor": { "type": "user_actor", "email_address": "alice@example.com", "user_id": "user_1" },
        "model": "claude-opus-5-5", "product": "claude_code",
    });
    // One row in both shapes.
    let mut row = json!({ "starting_at": "2026-11-24T00:00:00Z", "group": group, "usage": tokens });
    for part in [group, tokens] {
        part.as_object().expect("fields").iter().for_each(|(name, value)| row[name] = value.clone());
    }
    let body = json!({ "data": [row], "has_more": false, "next_page": null });
    let rule = Rule::on("Unknown", Behaviour::Json { body }).for_service("anthropic");
    let aws = FakeAws::with(organization().rule(rule));
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let (answers, _) = with_events(&bed(&aws, &proxy).env("ANTHROPIC_ANALYTICS_API_KEY", SEATS_KEY), anthropic_only(2));
    for report in [Report::Seats, Report::Usage] {
        let [row] = rows(&answers, report) else { panic!("one row") };
        assert_eq!((row.actor.as_deref(), row.product.as_deref()), (Some("alice@example.com"), Some("claude_code")));
        assert_eq!((row.input, row.output, row.cache_read, row.cache_write), (7, 8, 9, 3));
    }
    let paths: Vec<_> = aws.log().of("Unknown").into_iter().map(|entry| entry.path).collect();
    let expected = ["/v1/organizations/analytics/usage", "/v1/organizations/analytics/user_usage_report"];
    assert!(paths.len() == 2 && expected.iter().all(|path| paths.iter().any(|asked| asked == path)), "{paths:?}");
}

#[test]
fn a_key_that_is_refused_is_told_in_anthropics_words_and_without_a_key_nobody_is_asked() {
    let aws = FakeAws::with(organization());
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let bed = bed(&aws, &proxy);
    let (answers, _) = with_events(&bed, anthropic_only(2));
    assert!(matches!(&answers.anthropic, Answer::NotAsked(_)), "{:?}", answers.anthropic);
    assert!(past_aws(&aws, &proxy).is_empty());
    assert_eq!(status(&answers, "anthropic"), CheckStatus::Skipped);
    let wrong = "sk-ant-admin01-somebody-elses";
    let (answers, _) = with_events(&bed.env("ANTHROPIC_ADMIN_API_KEY", wrong), anthropic_only(2));
    let refusal = reported(&answers, Report::ClaudeCode).rows.refused().expect("a refusal");
    let told = (refusal.status, refusal.code.as_str(), refusal.message.as_str());
    assert_eq!(told, (401, "authentication_error", "invalid x-api-key"));
    assert!(!format!("{answers:?}").contains(wrong));
    assert!(answers.identity.got().is_some(), "AWS is asked all the same");
}
