//! Every count exact, every dollar by the table.

use super::*;

const ACCOUNT: &str = "arn:aws:bedrock:us-east-1:111122223333:";

#[test]
fn an_answer_counts_once_however_often_and_wherever_it_is_written() {
    let first = Answer { lines: 3, ..answer(1, "2026-11-02T10:00:00Z") };
    let agent = Answer { sidechain: true, ..answer(2, "2026-11-02T10:01:00Z") };
    let copied = Answer { session: "22222222-0000-4000-8000-000000000002", ..first.clone() };
    let sandbox = home(&[first.clone(), first.clone()])
        .file(".claude/projects/-work-api/11111111-0000-4000-8000-000000000001/subagents/agent-a.jsonl", agent.text())
        .file(
            ".claude/projects/-work-api/22222222-0000-4000-8000-000000000002.jsonl",
            copied.text() + "{\"type\":\"assist",
        );
    let document = document(&sandbox, &[]);
    assert_eq!(document["schema"], "bedrockup.usage/1");
    assert_eq!(document["prices_as_of"], "2026-11-22");
    assert_eq!(
        (&document["totals"]["messages"], &document["totals"]["input"]),
        (&json!(2), &json!(2000)),
        "{document:#}"
    );
    // 2000 * 4.40 and 200 * 22.00 of a million.
    assert_eq!(document["totals"]["cost"], json!({ "low": 0.0132, "high": 0.0132 }));
    assert_eq!(document["rows"].as_array().map(Vec::len), Some(1));
}

#[test]
fn each_route_has_its_price_and_what_is_not_known_is_a_range_or_none() {
    let at = "2026-11-02T10:00:00Z";
    let million = |number, requested: &str, model| Answer {
        input: 0,
        output: 1_000_000,
        ..answer(number, at).through(requested, model)
    };
    let sandbox = home(&[
        million(1, "us.anthropic.claude-opus-5-5", "claude-opus-5-5"),
        million(2, "global.anthropic.claude-sonnet-5", "claude-sonnet-5"),
        million(3, "anthropic.claude-opus-4-8", "claude-opus-4-8"),
        million(4, &format!("{ACCOUNT}inference-profile/eu.anthropic.claude-sonnet-4-6"), "claude-sonnet-4-6"),
        million(5, &format!("{ACCOUNT}application-inference-profile/abc"), "claude-haiku-4-5-20251001"),
        million(6, "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        million(7, "us.anthropic.claude-fable-5-2", "claude-fable-5-2"),
        Answer {
            id: "msg_01first".to_owned(),
            requested: Some("claude-opus-5".to_owned()),
            model: "claude-opus-5",
            ..million(8, "", "")
        },
        Answer { id: "msg_vrtx_1".to_owned(), requested: None, model: "claude-opus-4-7", ..million(9, "", "") },
        Answer { requested: None, model: "claude-opus-4-6", ..million(10, "", "") },
    ]);
    let document = document(&sandbox, &[]);
    let of = |model: &str| row(&document, "model", model).clone();
    for (model, provider, routing, cost) in [
        ("claude-opus-5-5", "bedrock", "geo", json!({ "low": 22.0, "high": 22.0 })),
        ("claude-sonnet-5", "bedrock", "global", json!({ "low": 10.0, "high": 10.0 })),
        ("claude-opus-4-8", "bedrock", "in-region", json!({ "low": 27.5, "high": 27.5 })),
        ("claude-sonnet-4-6", "bedrock", "geo", json!({ "low": 16.5, "high": 16.5 })),
        ("claude-haiku-4-5-20251001", "bedrock", "unknown", json!({ "low": 5.0, "high": 5.5 })),
        ("claude-sonnet-4-5-20250929", "bedrock", "gov", json!({ "low": 18.0, "high": 18.0 })),
        ("claude-fable-5-2", "bedrock", "geo", Value::Null),
        ("claude-opus-5", "anthropic", "unknown", Value::Null),
        ("claude-opus-4-7", "vertex", "unknown", Value::Null),
        ("claude-opus-4-6", "bedrock", "unknown", json!({ "low": 25.0, "high": 27.5 })),
    ] {
        let row = of(model);
        assert_eq!(
            (&row["provider"], &row["routing"], &row["cost"]),
            (&json!(provider), &json!(routing), &cost),
            "{row:#}"
        );
    }
    assert_eq!(of("claude-fable-5-2")["no_price"], "no price for claude-fable-5-2");
    assert_eq!(of("claude-opus-5-5")["profile"], "us.anthropic.claude-opus-5-5");
    assert_eq!(of("claude-opus-4-8")["profile"], Value::Null);
    let (bedrock, totals) = (&document["bedrock"], &document["totals"]);
    assert_eq!(
        (&bedrock["messages"], &bedrock["unpriced_messages"], &totals["messages"]),
        (&json!(8), &json!(1), &json!(10))
    );
    assert_eq!(totals["cost"], json!({ "low": 124.0, "high": 127.0 }));
}

#[test]
fn days_prompts_and_cache_lives_decide_the_price() {
    let sonnet = |number, at: &str| Answer {
        input: 0,
        output: 0,
        read: 10_000_000,
        ..answer(number, at).through("global.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5")
    };
    let haiku = |number, read| Answer {
        input: 50_000,
        output: 1_000,
        read,
        ..answer(number, "2026-11-02T10:00:00Z").through("us.anthropic.claude-haiku-5-5", "claude-haiku-5-5")
    };
    let hour =
        Answer { input: 0, output: 0, write_5m: 1_000_000, write_1h: 1_000_000, ..answer(5, "2026-11-02T10:00:00Z") };
    let sandbox = home(&[
        sonnet(1, "2026-10-06T23:59:59.999Z"),
        sonnet(2, "2026-10-07T00:00:00Z"),
        haiku(3, 50_000),
        haiku(4, 50_001),
        hour,
    ]);
    let document = document(&sandbox, &[]);
    assert_eq!(cents(&row(&document, "model", "claude-sonnet-5-5")["cost"]), 3.0, "2.00 before the cut, 1.00 after it");
    // (50,000 x 0.11 + 1,000 x 0.55 + 50,000 x 0.011) + (50,000 x 0.55 + 1,000 x 2.75 + 50,001 x 0.055), of a million.
    assert_eq!(row(&document, "model", "claude-haiku-5-5")["cost"]["low"], json!(0.039_6));
    assert_eq!(
        cents(&row(&document, "model", "claude-opus-5-5")["cost"]),
        14.3,
        "5.50 for five minutes, 8.80 for an hour"
    );
}

#[test]
fn another_tier_of_service_has_no_price_and_an_old_clients_beginning_is_no_end() {
    let standard = answer(1, "2026-11-02T10:00:00Z");
    let flex = answer(2, "2026-11-02T10:00:00Z").text().replace("\"standard\"", "\"flex\"");
    let begun = answer(3, "2026-11-02T10:00:00Z").text().replace("\"end_turn\"", "null");
    let sandbox = home(&[standard]).file(".claude/projects/-work-api/b.jsonl", flex + &begun);
    let document = document(&sandbox, &[]);
    let row = &document["rows"][0];
    assert_eq!(
        (&row["messages"], &row["unpriced_messages"], &row["incomplete_messages"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(row["no_price"], "no price for flex answers of claude-opus-5-5");
    let text = run(&sandbox, &["usage", "--since", "all"]).out();
    assert!(text.contains("written down by an old client before the end"), "{text}");
}

#[test]
fn days_are_those_of_the_reader() {
    let sandbox = home(&[answer(1, "2026-11-02T23:30:00Z"), answer(2, "2026-11-03T12:00:00Z")]);
    let days = |flags: &[&str]| {
        let output = run(&sandbox, &[&["usage", "--json", "--by", "day"], flags].concat());
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        let rows = document["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["day"].as_str().expect("a day").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(days(&["--since", "all", "--utc"]), ["2026-11-02", "2026-11-03"]);
    assert_eq!(days(&["--since", "all", "--timezone", "Asia/Tokyo"]), ["2026-11-03"]);
    assert_eq!(days(&["--timezone", "America/Los_Angeles", "--since", "2026-11-03"]), ["2026-11-03"]);
    assert_eq!(days(&["--since", "all", "--utc", "--until", "2026-11-02"]), ["2026-11-02"], "a date includes its day");
    let wrong = run(&sandbox, &["usage", "--timezone", "Mars/Olympus"]);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[test]
fn projects_and_sessions_have_rows_of_their_own() {
    let web = Answer {
        session: "33333333-0000-4000-8000-000000000003",
        project: "/work/=web",
        ..answer(2, "2026-11-02T11:00:00Z")
    };
    let sandbox = home(&[answer(1, "2026-11-02T10:00:00Z"), web]);
    let by = |key: &str| document(&sandbox, &["--by", key]);
    assert_eq!(row(&by("project"), "project", "/work/=web")["messages"], 1);
    let session = by("session");
    assert_eq!(row(&session, "session", "33333333-0000-4000-8000-000000000003")["project"], "/work/=web");
    let output = run(&sandbox, &["usage", "--since", "all", "--by", "project", "--csv"]);
    let csv = String::from_utf8(output.stdout).expect("text");
    assert!(csv.starts_with("project,provider,model,profile,routing,messages,input,"), "{csv}");
    assert!(
        csv.contains(
            "/work/api,bedrock,claude-opus-5-5,us.anthropic.claude-opus-5-5,geo,1,1000,100,0,0,0,0.006600,0.006600,\r\n"
        ),
        "{csv}"
    );
}

#[test]
fn advice_is_reckoned_from_the_readers_own_tokens() {
    let talk =
        |number: u32, at: &str, write_5m, read| Answer { input: 10, output: 10, write_5m, read, ..answer(number, at) };
    // A pause of twenty minutes: what had been cached is written again.
    let sandbox = home(&[
        talk(1, "2026-11-02T10:00:00Z", 1_000_000, 0),
        talk(2, "2026-11-02T10:01:00Z", 0, 1_000_000),
        talk(3, "2026-11-02T10:21:00Z", 1_000_000, 0),
        talk(4, "2026-11-02T10:41:00Z", 1_000_000, 0),
        talk(5, "2026-11-02T11:01:00Z", 1_000_000, 0),
    ]);
    let document = document(&sandbox, &[]);
    let advice = document["advice"].as_array().expect("a list");
    let of = |name: &str| {
        advice.iter().find(|advice| advice["name"] == name).unwrap_or_else(|| panic!("no {name} in {advice:#?}"))
    };
    // Three times a million tokens at 5.50 instead of 0.22; the first million for an hour costs 8.80 instead of 5.50.
    assert_eq!(cents(&of("one-hour-cache")["saves"]), 12.54);
    // A tenth of the geography's price is the premium: 22.22... of which 1/11.
    assert_eq!(cents(&of("global-profile")["saves"]), 2.02);
    assert!(of("global-profile")["catch"].as_str().is_some_and(|text| text.contains("any commercial region")));
}

#[test]
fn uncached_prompts_and_ending_models_are_seen() {
    let plain = |number: u32, at: &str| Answer { input: 100_000, output: 0, ..answer(number, at) };
    let old = Answer {
        input: 1_000_000,
        ..answer(9, "2026-11-02T12:00:00Z")
            .through("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1-20250805")
    };
    let uncached =
        home(&[plain(1, "2026-11-02T10:00:00Z"), plain(2, "2026-11-02T10:01:00Z"), plain(3, "2026-11-02T10:02:00Z")]);
    let advice = |sandbox: &Sandbox, name: &str| {
        let document = document(sandbox, &[]);
        let list = document["advice"].as_array().expect("a list").clone();
        list.iter().find(|advice| advice["name"] == name).cloned().unwrap_or_else(|| panic!("no {name} in {list:#?}"))
    };
    // 300,000 x 4.40 now; 100,000 x 5.50 and 200,000 x 0.22 with the cache.
    let caching = advice(&uncached, "prompt-caching");
    assert_eq!(caching["saves"]["low"], json!(0.726), "1.32 and 0.594");
    assert!(
        caching["arithmetic"].as_str().is_some_and(|text| text.contains("200,000 of them had stood")),
        "{caching:#}"
    );
    let ending = advice(&home(&[old]), "legacy-model");
    assert_eq!(cents(&ending["saves"]), 10.61, "15.0075 by Opus 4.1, 4.4022 by Opus 5.5");
}

#[test]
fn an_empty_home_is_an_answer_and_an_unreadable_one_is_not() {
    let output = run(&Sandbox::new(), &["usage"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("No answer through Amazon Bedrock"));
    let document = document(&Sandbox::new(), &[]);
    assert_eq!((&document["rows"], &document["totals"]["cost"]), (&json!([]), &Value::Null));
}
