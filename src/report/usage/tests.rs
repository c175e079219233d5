use super::*;
use crate::price::Tokens;
use crate::report::Style;
use crate::usage::{Answered, Provider, Tally, advice};

/// A month of answers that shows everything a report can show.
pub(crate) fn month() -> Usage {
    let mut tally = Tally::new(Table::built_in(), TimeZone::UTC);
    let opus = Some("us.anthropic.claude-opus-5-5");
    let sonnet = Some("global.anthropic.claude-sonnet-4-5-20250929-v1:0");
    let application = Some("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl");
    for day in 1..=24u64 {
        for turn in 0..(3 + day * 7 % 11) {
            let minute = turn * 13;
            let time =
                format!("2026-11-{day:02}T{:02}:{:02}:00Z", 8 + minute / 60, minute % 60).parse().expect("a time");
            let (requested, model, sidechain) = match turn % 5 {
                0..=2 => (opus, "claude-opus-5-5", turn % 5 == 2),
                3 => (sonnet, "claude-sonnet-4-5-20250929", false),
                _ => (application, "claude-haiku-4-5-20251001", false),
            };
            let tokens = Tokens {
                input: 1200 + 37 * turn,
                output: 900 + 11 * day,
                cache_write_5m: 20_000 + 100 * day,
                cache_write_1h: 0,
                cache_read: 60_000,
            };
            let session = format!("{day:08x}-0000-4000-8000-000000000000");
            let project =
                if day % 3 == 0 { "/home/u/work/api" } else { "/home/u/work/a-project-with-a-rather-long-name/web" };
            let provider = Provider::Bedrock;
            tally.add(&Answered {
                provider,
                requested,
                model,
                time,
                session: &session,
                project,
                version: "2.1.330",
                sidechain,
                complete: true,
                tier: None,
                tokens,
            });
        }
    }
    let tokens = Tokens { input: 5_000_000, output: 100, ..Tokens::default() };
    let time = "2026-11-20T10:00:00Z".parse().expect("a time");
    let odd = Answered {
        provider: Provider::Bedrock,
        requested: Some("us.anthropic.claude-fable-5-2"),
        model: "claude-fable-5-2",
        time,
        session: "s",
        project: "/home/u/work/api",
        version: "2.1.330",
        sidechain: false,
        complete: true,
        tier: None,
        tokens,
    };
    tally.add(&odd);
    tally.add(&Answered { provider: Provider::Anthropic, requested: None, model: "claude-opus-5-5", ..odd });
    tally.finish()
}

pub(crate) fn report(usage: &Usage, by: By) -> Report<'_> {
    Report {
        usage,
        source: Source::Transcripts,
        prices: Table::built_in(),
        by,
        since: Some("2026-11-01T00:00:00Z".parse().expect("a time")),
        until: "2026-11-25T00:00:00Z".parse().expect("a time"),
        zone: TimeZone::UTC,
        advice: advice::advice(usage, Table::built_in()),
        home: "/home/u".into(),
        gaps: Vec::new(),
    }
}

#[test]
fn the_text_fits_80_columns_whatever_it_is_told_by() {
    let usage = month();
    for by in [By::Model, By::Day, By::Project, By::Session] {
        let text = text(&report(&usage, by), Style::PLAIN);
        for line in text.lines() {
            assert!(console::measure_text_width(line) <= 80 || line.starts_with("    "), "{by:?}: {line}\n{text}");
        }
        assert!(text.contains("No price for claude-fable-5-2: 1 answer not in the sum"), "{text}");
        assert!(text.contains("Not through Bedrock: 1 answer of Anthropic itself"), "{text}");
    }
}

#[test]
fn the_text_is_as_people_see_it() {
    let usage = month();
    insta::assert_snapshot!(text(&report(&usage, By::Model), Style::PLAIN));
}

#[test]
fn nothing_without_a_price_is_shown_as_free() {
    let usage = month();
    let document = json(&report(&usage, By::Model));
    let rows = document["rows"].as_array().expect("rows");
    let fable = rows.iter().find(|row| row["model"] == "claude-fable-5-2").expect("a row");
    assert_eq!(fable["cost"], serde_json::Value::Null);
    assert_eq!(fable["no_price"], "no price for claude-fable-5-2");
    let csv = csv(&report(&usage, By::Model));
    assert!(
        csv.contains(
            "claude-fable-5-2,us.anthropic.claude-fable-5-2,geo,1,5000000,100,0,0,0,,,no price for claude-fable-5-2"
        ),
        "{csv}"
    );
}

#[test]
fn rows_add_up_to_the_totals_whatever_they_are_told_by() {
    let usage = month();
    for by in [By::Model, By::Day, By::Project, By::Session] {
        let document = json(&report(&usage, by));
        for field in ["messages", "input", "output", "cache_write_5m", "cache_read", "unpriced_messages"] {
            let rows = document["rows"].as_array().expect("rows").iter();
            let sum: u64 = rows.map(|row| row[field].as_u64().expect(field)).sum();
            assert_eq!(Some(sum), document["totals"][field].as_u64(), "{by:?} {field}");
        }
        assert!(document["rows"][0].get(by.name()).is_some());
    }
}

#[test]
fn the_page_is_whole_and_asks_nobody_for_anything() {
    let usage = month();
    let page = page::page(&report(&usage, By::Model)).expect("a page");
    assert!(page.starts_with(page::MARK) && page.trim_end().ends_with("</html>"));
    for outside in ["http://", "https://", "<script", "url(", "@import", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("claude-fable-5-2") && page.contains("no price"), "what has no price is said");
}
