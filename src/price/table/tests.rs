use proptest::prelude::*;

use super::*;
use crate::price::{Money, Rate};

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().expect(day)
}

fn dollars(model: &str, class: Class, day: &str, tokens: Tokens) -> String {
    let cost = Table::built_in().cost(model, Routing::Known(class), at(day), &tokens).expect(model);
    assert!(cost.is_exact());
    cost.low.to_string()
}

/// A million tokens of each kind, one kind at a time: input, output, write 5m, write 1h, read. `-` is no price.
fn per_million(model: &str, class: Class, day: &str) -> [String; 5] {
    let row = Table::built_in().row(model, class, day.parse().expect(day)).expect(model);
    let rates = row.rates;
    [Some(rates.input), Some(rates.output), rates.cache_write_5m, rates.cache_write_1h, rates.cache_read]
        .map(|rate| rate.map_or("-".to_owned(), Rate::per_million))
}

#[test]
fn rows_are_those_of_their_sources() {
    use Class::{Geo, Global, Gov, InRegion};
    let table = [
        ("claude-fable-5-1", Global, ["10", "50", "12.5", "20", "0.25"]),
        ("claude-fable-5-1", Geo, ["11", "55", "13.75", "22", "0.275"]),
        ("claude-fable-5", Global, ["10", "50", "12.5", "20", "1"]),
        ("claude-opus-5-5", Global, ["4", "20", "5", "8", "0.2"]),
        ("claude-opus-5-5", Geo, ["4.4", "22", "5.5", "8.8", "0.22"]),
        ("claude-opus-5-5", InRegion, ["4.4", "22", "5.5", "8.8", "0.22"]),
        ("claude-opus-5-5", Gov, ["4.8", "24", "6", "9.6", "0.24"]),
        ("claude-opus-4-8", Geo, ["5.5", "27.5", "6.875", "11", "0.55"]),
        ("claude-opus-4-5-20251101", Global, ["5", "25", "6.25", "10", "0.5"]),
        ("claude-opus-4-1-20250805", Geo, ["15", "75", "18.75", "-", "1.5"]),
        ("claude-sonnet-5-5", Global, ["2", "10", "2.5", "4", "0.1"]),
        ("claude-sonnet-5", Geo, ["2.2", "11", "2.75", "4.4", "0.22"]),
        ("claude-sonnet-4-6", Global, ["3", "15", "3.75", "6", "0.3"]),
        ("claude-sonnet-4-5-20250929", Geo, ["3.3", "16.5", "4.125", "6.6", "0.33"]),
        ("claude-sonnet-4-20250514", Geo, ["3", "15", "3.75", "-", "0.3"]),
        ("claude-haiku-5-5", Global, ["0.1", "0.5", "0.125", "0.2", "0.01"]),
        ("claude-haiku-5-5", Geo, ["0.11", "0.55", "0.1375", "0.22", "0.011"]),
        ("claude-haiku-4-5-20251001", Global, ["1", "5", "1.25", "2", "0.1"]),
        ("claude-3-5-sonnet-20241022", Geo, ["6", "30", "7.5", "-", "0.6"]),
    ];
    for (model, class, prices) in table {
        assert_eq!(per_million(model, class, "2026-11-22"), prices, "{model} {class:?}");
    }
}

#[test]
fn a_price_holds_from_its_first_day_to_the_day_before_the_next() {
    let read = |day: &str| per_million("claude-sonnet-5-5", Class::Global, day)[4].clone();
    assert_eq!((read("2026-10-06"), read("2026-10-07")), ("0.2".to_owned(), "0.1".to_owned()));
    let million = Tokens { cache_read: 1_000_000, ..Tokens::default() };
    let cost = |moment: &str| {
        let moment = moment.parse().expect("a moment");
        Table::built_in().cost("claude-sonnet-5-5", Routing::Known(Class::Geo), moment, &million).expect("a price").low
    };
    assert_eq!(cost("2026-10-06T23:59:59Z").to_string(), "$0.22");
    assert_eq!(cost("2026-10-07T00:00:00Z").to_string(), "$0.11");
    assert_eq!(per_million("claude-3-5-sonnet-20240620", Class::Geo, "2025-11-30")[0], "3");
}

#[test]
fn a_long_prompt_changes_the_price_of_every_token_of_its_request() {
    let haiku = |input, cache_read| {
        let tokens = Tokens { input, output: 1_000_000, cache_read, ..Tokens::default() };
        dollars("claude-haiku-5-5", Class::Global, "2026-11-22", tokens)
    };
    assert_eq!(haiku(40_000, 60_000), "$0.50", "0.004 + 0.50 + 0.0006");
    assert_eq!(haiku(40_000, 60_001), "$2.52", "0.02 + 2.50 + 0.003: cache reads count, and output too is dearer");
    let sonnet = |tokens| dollars("claude-sonnet-4-5-20250929", Class::Global, "2026-11-22", tokens);
    let prompt =
        |input, cache_write_5m, cache_write_1h| Tokens { input, cache_write_5m, cache_write_1h, ..Tokens::default() };
    assert_eq!(sonnet(prompt(200_000, 0, 0)), "$0.60");
    assert_eq!(sonnet(prompt(100_001, 100_000, 0)), "$1.35", "0.600006 + 0.75");
    assert_eq!(sonnet(prompt(100_000, 0, 100_001)), "$1.80", "0.60 + 1.200012");
    let flat = Tokens { input: 900_000, ..Tokens::default() };
    assert_eq!(dollars("claude-sonnet-4-6", Class::Global, "2026-11-22", flat), "$2.70", "one price up to a million");
}

#[test]
fn what_the_table_does_not_have_is_said_and_never_free() {
    let cost = |model: &str, routing, tokens: &Tokens| Table::built_in().cost(model, routing, at("2026-11-22"), tokens);
    let some = Tokens { input: 1, ..Tokens::default() };
    let said = |model: &str, routing| cost(model, routing, &some).expect_err(model).to_string();
    assert_eq!(said("claude-fable-5-2", Routing::Unknown), "claude-fable-5-2");
    assert_eq!(
        said("claude-opus-4-1-20250805", Routing::Known(Class::Global)),
        "claude-opus-4-1-20250805 through a global profile"
    );
    assert_eq!(said("claude-sonnet-4-6", Routing::Known(Class::Gov)), "claude-sonnet-4-6 in GovCloud");
    let hour = Tokens { cache_write_1h: 1, ..Tokens::default() };
    let missing = cost("claude-opus-4-1-20250805", Routing::Known(Class::Geo), &hour).expect_err("no rate");
    assert_eq!(missing.to_string(), "one-hour cache writes of claude-opus-4-1-20250805");
}

#[test]
fn an_unknown_class_is_a_range_from_global_to_regional_prices() {
    let tokens = Tokens { output: 1_000_000, ..Tokens::default() };
    let cost =
        |model| Table::built_in().cost(model, Routing::Unknown, at("2026-11-22"), &tokens).expect(model).to_string();
    assert_eq!(cost("claude-opus-5-5"), "$20.00 to $22.00");
    assert_eq!(cost("claude-opus-4-1-20250805"), "$75.00", "the same everywhere is no range");
}

#[test]
fn a_name_without_its_date_is_the_one_model_that_it_may_be() {
    let table = Table::built_in();
    assert_eq!(table.rows("claude-haiku-4-5"), table.rows("us.anthropic.claude-haiku-4-5-20251001-v1:0"));
    assert!(table.rows("claude-3-5-sonnet").is_empty(), "two models may be meant");
    assert!(table.rows("claude-opus-5-5-20261001").is_empty(), "a date that nobody announced is another model");
}

#[test]
fn every_row_has_a_day_and_a_source_and_the_premium_of_its_class() {
    let table = Table::built_in();
    assert!(table.all().count() > 70);
    for row in table.all() {
        assert!(row.source.starts_with("https://") && row.checked_on <= table.as_of, "{row:?}");
        let day = row.from.unwrap_or_else(|| row.to.map_or(table.as_of, |to| to.yesterday().expect("a day")));
        let Some(global) = table.row(&row.model, Class::Global, day) else { continue };
        // Sonnet 4 has a global profile from before the premium.
        let (numerator, denominator) = match row.class {
            Class::Global => (1, 1),
            _ if row.model.contains("sonnet-4-2025") => (1, 1),
            Class::Geo | Class::InRegion => (11, 10),
            Class::Gov => (12, 10),
        };
        let scaled = |rate: Rate| rate.scaled(numerator, denominator).expect("a whole number");
        assert_eq!(row.rates.output, scaled(global.rates.output), "{row:?}");
        assert_eq!(row.rates.cache_read, global.rates.cache_read.map(scaled), "{row:?}");
        assert_eq!(row.rates.cache_write_1h, global.rates.cache_write_1h.map(scaled), "{row:?}");
        assert_eq!(row.steps.len(), global.steps.len(), "{row:?}");
        for (step, base) in row.steps.iter().zip(&global.steps) {
            assert_eq!(step.rates.input, scaled(base.rates.input), "{row:?}");
        }
    }
}

#[test]
fn a_newer_table_changes_prices_from_its_day_on_and_history_not() {
    let text = include_str!("../../data/prices.json");
    let mut document: serde_json::Value = serde_json::from_str(text).expect("a document");
    document["as_of"] = "2026-12-20".into();
    let mut rows: Vec<serde_json::Value> = document["prices"].as_array().expect("rows").clone();
    rows.retain(|row| row["model"] == "anthropic.claude-opus-5-5");
    for row in &mut rows {
        row["from"] = "2026-12-01".into();
        row["checked_on"] = "2026-12-20".into();
    }
    rows[0]["output"] = "18".into();
    rows.push(rows[0].clone());
    rows[4]["model"] = "anthropic.claude-opus-6".into();
    document["prices"] = rows.into();
    let newer = Table::parse(&document.to_string()).expect("a table");
    let table = Table::built_in().with(&newer);
    let output = |model: &str, class, day: &str| {
        table.row(model, class, day.parse().expect(day)).map(|row| row.rates.output.per_million())
    };
    assert_eq!(output("claude-opus-5-5", Class::Global, "2026-11-30").as_deref(), Some("20"));
    assert_eq!(output("claude-opus-5-5", Class::Global, "2026-12-01").as_deref(), Some("18"));
    assert_eq!(output("claude-opus-5-5", Class::Geo, "2026-12-01").as_deref(), Some("22"), "the same row is one row");
    assert_eq!(output("claude-opus-6", Class::Global, "2026-12-01").as_deref(), Some("18"));
    assert_eq!(output("claude-opus-6", Class::Global, "2026-11-30"), None, "a price is not older than it says");
    assert_eq!(table.as_of.to_string(), "2026-12-20");
}

#[test]
fn files_that_are_no_table_are_refused() {
    let good = include_str!("../../data/prices.json");
    let spoiled = [
        ("\"bedrockup.prices/1\"", "\"bedrockup.prices/2\""),
        ("\"output\": \"50\"", "\"output\": \"-50\""),
        ("\"output\": \"50\"", "\"output\": \"0\""),
        ("\"class\": \"geo\"", "\"class\": \"global\""),
        ("\"counts\": \"prompt\"", "\"counts\": \"input\""),
        ("\"to\": \"2026-10-07\"", "\"to\": \"2026-10-08\""),
        ("\"model\"", "\"modell\""),
    ];
    for (from, to) in spoiled {
        assert!(good.contains(from), "{from}");
        assert!(Table::parse(&good.replacen(from, to, 1)).is_err(), "{from} -> {to}");
    }
    let rows: Vec<Row> = Table::built_in().all().cloned().collect();
    let written = Table::parse(&rows::text(Table::built_in().as_of, "", &rows)).expect("what is written can be read");
    assert_eq!(written.all().count(), rows.len());
}

proptest! {
    #[test]
    fn an_unknown_class_costs_no_less_and_no_more_than_any_class_it_may_be(
        input in 0u64..300_000, output in 0u64..64_000, cache_write_5m in 0u64..200_000, cache_write_1h in 0u64..200_000,
        cache_read in 0u64..900_000, model in prop::sample::select(vec!["claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5"]),
    ) {
        let tokens = Tokens { input, output, cache_write_5m, cache_write_1h, cache_read };
        let cost = |routing| Table::built_in().cost(model, routing, at("2026-11-22"), &tokens).expect("a price");
        let range = cost(Routing::Unknown);
        for class in [Class::Global, Class::Geo, Class::InRegion] {
            let known = cost(Routing::Known(class));
            prop_assert!(known.is_exact() && range.low <= known.low && known.high <= range.high);
        }
        prop_assert!((tokens.all() == 0) == (range.high == Money::ZERO));
    }
}
