//! `models` with prices, ends and roles; `--refresh` and what is kept of it.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::support::fake_aws::account::Account;
use crate::support::fake_aws::{Behaviour, FakeAws, Rule};

fn machine(aws: &FakeAws) -> Sandbox {
    Sandbox::new().point_at(aws).bedrock("us-east-1")
}

fn models(sandbox: &Sandbox, flags: &[&str]) -> Value {
    let output = run(sandbox, &[&["models", "--json"], flags].concat());
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a document")
}

fn model<'a>(document: &'a Value, id: &str) -> &'a Value {
    let list = document["models"].as_array().expect("a list");
    list.iter().find(|model| model["id"] == id).unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

#[test]
fn each_profile_has_its_access_its_price_and_its_end() {
    let aws = FakeAws::start();
    let document = models(&machine(&aws), &[]);
    let opus = model(&document, "us.anthropic.claude-opus-5-5");
    assert_eq!((&opus["routing"], &opus["prices"][0]["output"]), (&json!("geo"), &json!("22")));
    let access = json!({ "agreement": "AVAILABLE", "authorization": "AUTHORIZED", "entitlement": "AVAILABLE", "region": "AVAILABLE" });
    assert_eq!(opus["access"], access);
    let old = model(&document, "us.anthropic.claude-opus-4-1-20250805-v1:0");
    assert_eq!(old["lifecycle"]["successor"], "claude-opus-5-5");
    assert_eq!(old["lifecycle"]["end_of_life"], "2027-01-08");
    let main = &document["used"][0];
    assert_eq!(
        (&main["role"], &main["id"], &main["pinned_by"]),
        (&json!("main"), &json!("us.anthropic.claude-opus-5-5"), &Value::Null)
    );
    assert_eq!(document["pins"]["geo"]["ANTHROPIC_DEFAULT_SONNET_MODEL"], "us.anthropic.claude-sonnet-5-5");
    let text = run(&machine(&aws), &["models"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("moves sonnet to us.anthropic.claude-sonnet-5-5"), "{text}");
    assert!(text.contains("ends on 2027-01-08; move to Opus 5.5, $4.40 / $22 instead of $15 / $75"), "{text}");
}

#[test]
fn a_refresh_takes_what_awss_list_says_keeps_it_private_and_uninstall_takes_it_away() {
    let mut account = Account::default();
    for price in &mut account.prices {
        if price.service_name.starts_with("Claude Opus 5.5") && price.usage_type.contains("USE1_output_tokens_standard")
        {
            price.usd = "19.8000000000".into();
        }
    }
    let aws = FakeAws::with(account);
    let sandbox = machine(&aws);
    let output = run(&sandbox, &["models", "--refresh", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains(
            "Claude Opus 5.5 (geo): input $4.4 and output $19.8 a million tokens since 2026-11-01, before $4.4 and $22"
        ),
        "{said}"
    );
    let document = models(&sandbox, &[]);
    assert_eq!(model(&document, "us.anthropic.claude-opus-5-5")["prices"][0]["output"], "19.8");
    assert!(document["prices"]["refreshed"].is_string(), "{document:#}");
    let kept = sandbox.path(".cache/bedrockup/prices.json");
    assert_eq!(std::fs::metadata(&kept).expect("a file").permissions().mode() & 0o777, 0o600);
    // History keeps its price.
    let at = |number, day: &str| Answer { input: 0, output: 1_000_000, ..answer(number, &format!("{day}T12:00:00Z")) };
    sandbox.write(".claude/projects/-work-api/s.jsonl", at(1, "2026-10-31").text() + &at(2, "2026-11-01").text());
    assert_eq!(cents(&super::document(&sandbox, &[])["totals"]["cost"]), 41.8);
    assert!(run(&sandbox, &["uninstall", "--yes"]).status.success());
    assert!(!sandbox.path(".cache").exists(), "nothing of it is left");
}

#[test]
fn a_refresh_that_fails_or_would_make_it_worse_changes_nothing_and_says_so() {
    let denied = FakeAws::with(Account {
        rules: vec![Rule::on("GetProducts", Behaviour::refuse(400, "AccessDeniedException", "User is not authorized"))],
        ..Account::default()
    });
    let mut odd = Account::default();
    odd.prices.iter_mut().for_each(|price| price.usd = "0.0000000000".into());
    for aws in [denied, FakeAws::with(odd)] {
        let sandbox = machine(&aws);
        let output = run(&sandbox, &["models", "--refresh", "--json"]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("the prices stay as they were"), "{output:?}");
        assert!(!sandbox.path(".cache/bedrockup/prices.json").exists());
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        assert_eq!(model(&document, "us.anthropic.claude-opus-5-5")["prices"][0]["output"], "22");
    }
}

#[test]
fn a_kept_copy_that_is_broken_is_named_and_not_used() {
    let aws = FakeAws::start();
    let sandbox = machine(&aws).file(".cache/bedrockup/prices.json", "{ \"schema\": ");
    let document = models(&sandbox, &[]);
    assert!(
        document["prices"]["problem"].as_str().is_some_and(|text| text.contains("~/.cache/bedrockup/prices.json")),
        "{document:#}"
    );
    assert_eq!(model(&document, "us.anthropic.claude-opus-5-5")["prices"][0]["output"], "22");
}

#[test]
fn the_region_that_is_asked_for_is_the_one_that_answers_also_where_settings_name_another() {
    let aws = FakeAws::start();
    let sandbox = machine(&aws).file(".claude/settings.json", r#"{ "env": { "AWS_REGION": "us-west-2" } }"#);
    assert_eq!(models(&sandbox, &[])["region"], "us-west-2", "settings beat the shell");
    let document = models(&sandbox, &["--region", "eu-central-1"]);
    assert_eq!(document["region"], "eu-central-1");
    assert!(document["models"].to_string().contains("eu.anthropic.claude-opus-5-5"), "{document:#}");
}

#[test]
fn a_probe_is_made_on_request_alone() {
    let aws = FakeAws::start();
    let sandbox = machine(&aws);
    assert_eq!(models(&sandbox, &[])["used"][0]["probe"], Value::Null);
    let calls = || aws.log().entries().iter().filter(|entry| entry.operation.starts_with("InvokeModel")).count();
    assert_eq!(calls(), 0);
    assert_eq!(models(&sandbox, &["--probe"])["used"][0]["probe"]["status"], "answered");
    assert!(calls() > 0);
}
