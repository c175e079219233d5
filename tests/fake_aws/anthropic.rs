//! Anthropic's own side: the real client without Bedrock, and the Admin API's reports.

use super::*;
use crate::support::claude_client::{ClaudeClient, VERSION};
use crate::support::fake_aws::account::{ADMIN_KEY, API_KEY, Day, DirectUse, Organization};

/// The lines of the transcripts in a home.
fn transcripts(sandbox: &Sandbox) -> Vec<Value> {
    let tree = sandbox.tree();
    let files = tree.keys().filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let texts: Vec<String> = files.map(|path| String::from_utf8_lossy(&sandbox.read(path)).into_owned()).collect();
    texts.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// GET with curl; the status and the body.
fn get(sandbox: &Sandbox, key: &str, url: &str) -> (String, Value) {
    let mut curl = sandbox.program("curl");
    curl.args(["--silent", "--globoff", "--max-time", "60", "--write-out", "\n%{http_code}", "--header"])
        .arg(format!("x-api-key: {key}"));
    let said = process::run(curl.args(["--header", "anthropic-version: 2023-06-01", url]), LIMIT).exits(0).out();
    let (body, status) = said.rsplit_once('\n').expect("a body and a status");
    (status.to_owned(), serde_json::from_str(body).unwrap_or_else(|error| panic!("no JSON ({error}): {body}")))
}

#[test]
fn the_real_client_without_bedrock_is_answered_in_anthropics_way() {
    let aws = FakeAws::start();
    let proxy = HttpsProxy::start(Mode::Intercept(aws.address()));
    let with_key = || Sandbox::new().env("ANTHROPIC_API_KEY", API_KEY);
    let proxied = with_key().env("HTTPS_PROXY", proxy.url()).env("NODE_EXTRA_CA_CERTS", proxy.ca_pem_path());
    for sandbox in [proxied, with_key().env("ANTHROPIC_BASE_URL", aws.url())] {
        let answer = ClaudeClient::get().print(&sandbox, "say hi");
        assert_eq!(answer.exits(0).out().trim(), "Hello from the fake Bedrock.");
        let turn = aws.log().of("Messages").pop().expect("a turn");
        assert!(turn.user_agent.starts_with(&format!("claude-cli/{VERSION}")), "{}", turn.user_agent);
        assert_eq!((turn.caller.as_str(), turn.status), ("x-api-key", Some(200)));

        let lines = transcripts(&sandbox);
        let told = lines.iter().find(|line| line["type"] == "assistant").expect("an answer in the transcript");
        assert_eq!(told["requestId"], turn.request_id, "{told:#}");
        let id = told["message"]["id"].as_str().unwrap_or_default();
        assert!(id.starts_with("msg_01") && turn.request_id.starts_with("req_01"), "{told:#}");
    }
    assert!(aws.log().entries().iter().all(|entry| entry.service == "anthropic"), "nothing went to AWS");
    assert!(!serde_json::to_string(&aws.log().entries()).expect("a log is JSON").contains(API_KEY));

    let mut usage = aws.log().of("Messages").len();
    let url = format!(
        "{}/v1/organizations/usage_report/claude_code?starting_at={}",
        aws.url(),
        Day::Ago(0).date(jiff::Timestamp::now())
    );
    let (_, report) = get(&Sandbox::new(), ADMIN_KEY, &url);
    assert_eq!(
        report["data"][0]["actor"],
        json!({ "type": "api_actor", "api_key_name": "claude-code-key" }),
        "{report:#}"
    );
    for model in report["data"][0]["model_breakdown"].as_array().expect("models") {
        usage -= model["estimated_cost"]["amount"].as_u64().expect("cents") as usize;
    }
    assert_eq!(usage, 0, "every call is in the report, a cent each: {report:#}");
}

#[test]
fn a_stranger_to_the_real_client_is_refused_in_anthropics_words() {
    let aws = FakeAws::start();
    let sandbox = Sandbox::new().env("ANTHROPIC_API_KEY", "sk-ant-api03-unknown").env("ANTHROPIC_BASE_URL", aws.url());
    let answer = ClaudeClient::get().print(&sandbox, "say hi");
    assert!(answer.exits(1).out().contains("Invalid API key"), "{answer:?}");
    assert!(aws.log().of("Messages").iter().all(|turn| turn.status == Some(401)), "{:#?}", aws.log().entries());
}

#[test]
fn the_reports_tell_days_models_and_people_page_by_page() {
    let used = |day, email: Option<&str>, model: &str, input| DirectUse {
        day: Day::Ago(day),
        email: email.map(str::to_owned),
        model: model.into(),
        input,
        output: 10,
        cents: 12.5,
        ..DirectUse::default()
    };
    let usage = vec![
        used(1, Some("alice@example.com"), "claude-opus-5-5", 100),
        used(1, Some("alice@example.com"), "claude-haiku-5-5", 7),
        used(1, None, "claude-opus-5-5", 1_000),
        DirectUse { claude_code: false, ..used(1, Some("bob@example.com"), "claude-opus-5-5", 5) },
        used(9, Some("alice@example.com"), "claude-opus-5-5", 1),
    ];
    let aws =
        FakeAws::with(Account { anthropic: Organization { usage, ..Organization::default() }, ..Account::default() });
    let date = |ago: i64| Day::Ago(ago).date(jiff::Timestamp::now()).to_string();
    let sandbox = Sandbox::new();
    let ask = |path: &str| get(&sandbox, ADMIN_KEY, &format!("{}/v1/organizations/{path}", aws.url()));
    let all = |path: &str| {
        let (mut rows, mut page) = (Vec::new(), String::new());
        loop {
            let (status, body) = ask(&format!("{path}{page}"));
            assert_eq!(status, "200", "{body}");
            rows.extend(body["data"].as_array().expect("data").iter().cloned());
            match body["next_page"].as_str() {
                None => return rows,
                Some(next) => page = format!("&page={next}"),
            }
        }
    };

    let days =
        all(&format!("usage_report/messages?starting_at={}T00:00:00Z&bucket_width=1d&group_by[]=model", date(9)));
    assert_eq!(days.len(), 10, "seven to a page, today among them");
    assert_eq!(aws.log().of("UsageReportMessages").len(), 2);
    let tokens = |day: &Value| -> Vec<(String, u64)> {
        let results = day["results"].as_array().expect("results");
        results
            .iter()
            .map(|one| {
                (
                    one["model"].as_str().unwrap_or("all").to_owned(),
                    one["uncached_input_tokens"].as_u64().unwrap_or_default(),
                )
            })
            .collect()
    };
    assert_eq!(tokens(&days[0]), [("claude-opus-5-5".into(), 1)]);
    assert_eq!(tokens(&days[8]), [("claude-haiku-5-5".into(), 7), ("claude-opus-5-5".into(), 1_105)]);
    assert!(tokens(&days[9]).is_empty());
    let costs = all(&format!("cost_report?starting_at={}T00:00:00Z&ending_at={}T00:00:00Z", date(1), date(0)));
    assert_eq!((costs.len(), &costs[0]["results"][0]["amount"]), (1, &json!("50")));

    let people = all(&format!("usage_report/claude_code?starting_at={}&limit=1", date(1)));
    let actors: Vec<_> =
        people.iter().map(|row| (&row["actor"], row["model_breakdown"].as_array().map(Vec::len))).collect();
    let key = json!({ "type": "api_actor", "api_key_name": "claude-code-key" });
    let alice = json!({ "type": "user_actor", "email_address": "alice@example.com" });
    assert_eq!(actors, [(&key, Some(1)), (&alice, Some(2))], "bob did not use Claude Code");
    assert_eq!(people[0]["model_breakdown"][0]["tokens"]["input"], 1_000);

    let (status, refused) = get(
        &sandbox,
        API_KEY,
        &format!("{}/v1/organizations/usage_report/claude_code?starting_at={}", aws.url(), date(1)),
    );
    assert_eq!((status.as_str(), &refused["error"]["type"]), ("401", &json!("authentication_error")), "{refused}");
    let (status, refused) = ask("usage_report/messages?bucket_width=1d");
    assert_eq!((status.as_str(), &refused["error"]["type"]), ("400", &json!("invalid_request_error")), "{refused}");
}
