//! The JSON of the reports, as far as it is read.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Number;

use super::Usage;
use crate::aws::loose::{Loose, LooseList, text};

/// A page of any report.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// What is on it. Without it the answer is none of Anthropic's.
    pub data: Vec<Loose<T>>,
    #[serde(default)]
    next_page: Loose<String>,
    #[serde(default)]
    has_more: Loose<bool>,
}

impl<T> Page<T> {
    /// The rows, and what to ask for the next page with.
    pub fn parts<U>(self, read: impl FnMut(T) -> U) -> (Vec<U>, Option<String>) {
        let rows = self.data.into_iter().filter_map(Loose::read).map(read).collect();
        // A report that says that there is no more means it.
        (rows, text(self.next_page).filter(|_| self.has_more.read() != Some(false)))
    }
}

/// A person's or a key's day with Claude Code.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeDay {
    date: Loose<String>,
    actor: Loose<Actor>,
    model_breakdown: LooseList<CodeModel>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CodeModel {
    model: Loose<String>,
    tokens: Loose<CodeTokens>,
    estimated_cost: Loose<CodeCost>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CodeTokens {
    input: Loose<u64>,
    output: Loose<u64>,
    cache_read: Loose<u64>,
    cache_creation: Loose<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CodeCost {
    /// In cents.
    amount: Loose<Number>,
    currency: Loose<String>,
}

/// Who it was: an object with one of several names, or a name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Actor {
    Name(String),
    Fields(ActorFields),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActorFields {
    email_address: Loose<String>,
    email: Loose<String>,
    api_key_name: Loose<String>,
    name: Loose<String>,
    user_id: Loose<String>,
    id: Loose<String>,
}

/// A day of the organization.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Bucket {
    starting_at: Loose<String>,
    results: LooseList<Row>,
}

/// Tokens, with what they are broken down by beside them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    starting_at: Loose<String>,
    actor: Loose<Actor>,
    model: Loose<String>,
    product: Loose<String>,
    uncached_input_tokens: Loose<u64>,
    output_tokens: Loose<u64>,
    cache_read_input_tokens: Loose<u64>,
    cache_creation: Loose<CacheCreation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreation {
    ephemeral_1h_input_tokens: Loose<u64>,
    ephemeral_5m_input_tokens: Loose<u64>,
}

/// The same of the newest report: what it is broken down by in `group`, the tokens in `usage`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Grouped {
    starting_at: Loose<String>,
    group: Loose<Row>,
    usage: Loose<Row>,
}

impl Actor {
    fn name(self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name).filter(|name| !name.is_empty()),
            Self::Fields(fields) => {
                [fields.email_address, fields.email, fields.api_key_name, fields.name, fields.user_id, fields.id]
                    .into_iter()
                    .find_map(text)
            }
        }
    }
}

impl CodeDay {
    /// One row for each model.
    pub fn rows(self) -> Vec<Usage> {
        let (day, actor) = (day(self.date), self.actor.read().and_then(Actor::name));
        let rows = self.model_breakdown.members().map(|of| {
            let tokens = of.tokens.or_empty();
            let cost = of.estimated_cost.or_empty();
            let dollars = text(cost.currency).is_none_or(|currency| currency == "USD");
            let cents = cost.amount.read().filter(|_| dollars);
            Usage {
                day,
                actor: actor.clone(),
                product: Some("claude_code".to_owned()),
                model: text(of.model),
                input: tokens.input.or_empty(),
                output: tokens.output.or_empty(),
                cache_read: tokens.cache_read.or_empty(),
                cache_write: tokens.cache_creation.or_empty(),
                cost: cents.and_then(|cents| format!("{cents}e-2").parse().ok()),
            }
        });
        rows.collect()
    }
}

impl Bucket {
    /// One row for each group of the day.
    pub fn rows(self) -> Vec<Usage> {
        let day = day(self.starting_at);
        self.results.members().map(|row| Usage { day, ..row.usage() }).collect()
    }
}

impl Row {
    /// The row as it is.
    pub fn usage(self) -> Usage {
        let cache = self.cache_creation.or_empty();
        Usage {
            day: day(self.starting_at),
            actor: self.actor.read().and_then(Actor::name),
            product: text(self.product),
            model: text(self.model),
            input: self.uncached_input_tokens.or_empty(),
            output: self.output_tokens.or_empty(),
            cache_read: self.cache_read_input_tokens.or_empty(),
            cache_write: (cache.ephemeral_1h_input_tokens.or_empty())
                .saturating_add(cache.ephemeral_5m_input_tokens.or_empty()),
            cost: None,
        }
    }
}

impl Grouped {
    /// The row as it is.
    pub fn usage(self) -> Usage {
        let Usage { actor, product, model, .. } = self.group.or_empty().usage();
        Usage { day: day(self.starting_at), actor, product, model, ..self.usage.or_empty().usage() }
    }
}

/// The day of a date or a time.
fn day(value: Loose<String>) -> Option<Date> {
    let value = text(value)?;
    let of_time = value.parse::<Timestamp>().map(|time| TimeZone::UTC.to_datetime(time).date());
    of_time.ok().or_else(|| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page<T: for<'a> Deserialize<'a>, U>(text: &str, read: impl FnMut(T) -> U) -> (Vec<U>, Option<String>) {
        serde_json::from_str::<Page<T>>(text).expect("a page").parts(read)
    }

    fn usage(model: &str, counts: [u64; 4]) -> Usage {
        let [input, output, cache_read, cache_write] = counts;
        let day = Some(Date::constant(2026, 11, 24));
        Usage { day, model: Some(model.to_owned()), input, output, cache_read, cache_write, ..Usage::default() }
    }

    #[test]
    fn a_day_of_claude_code_has_a_row_for_each_model_and_person() {
        let (rows, next) = page(
            r#"{"data": [
              {"date": "2026-11-24T00:00:00Z", "actor": {"type": "user_actor", "email_address": "alice@example.com"}, "customer_type": "api",
               "core_metrics": {"num_sessions": 5}, "model_breakdown": [
                 {"model": "claude-opus-5-5", "tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_creation": 4},
                  "estimated_cost": {"currency": "USD", "amount": 1025}}, "odd"]},
              {"date": "2026-11-24", "actor": {"type": "api_actor", "api_key_name": "ci"}, "model_breakdown": [{"estimated_cost": {"amount": 1, "currency": "EUR"}}]},
              {"actor": 7, "model_breakdown": null}
            ], "has_more": true, "next_page": "page_x"}"#,
            CodeDay::rows,
        );
        let code = Some("claude_code".to_owned());
        let alice = Usage {
            actor: Some("alice@example.com".to_owned()),
            product: code.clone(),
            cost: "10.25".parse().ok(),
            ..usage("claude-opus-5-5", [1, 2, 3, 4])
        };
        let key = Usage { actor: Some("ci".to_owned()), product: code, model: None, ..usage("", [0; 4]) };
        assert_eq!((rows, next.as_deref()), (vec![vec![alice], vec![key], vec![]], Some("page_x")));
    }

    #[test]
    fn a_day_of_the_organization_has_a_row_for_each_group() {
        let (rows, next) = page(
            r#"{"data": [{"starting_at": "2026-11-24T00:00:00Z", "ending_at": "2026-11-25T00:00:00Z", "results": [
              {"uncached_input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "model": "claude-opus-5-5",
               "cache_creation": {"ephemeral_1h_input_tokens": 4, "ephemeral_5m_input_tokens": 5}, "api_key_id": null}]}],
              "has_more": false, "next_page": "stale"}"#,
            Bucket::rows,
        );
        assert_eq!((rows, next), (vec![vec![usage("claude-opus-5-5", [1, 2, 3, 9])]], None));
    }

    #[test]
    fn seats_and_the_newest_report_tell_the_same_in_two_shapes() {
        let expected = Usage {
            actor: Some("alice@example.com".to_owned()),
            product: Some("claude_code".to_owned()),
            ..usage("claude-opus-5-5", [1, 2, 3, 5])
        };
        let tokens = r#""uncached_input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "requests": 9, "total_tokens": 11,
            "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 5}"#;
        for actor in [
            r#"{"type": "user_actor", "email_address": "alice@example.com", "name": "Alice", "user_id": "user_1", "deleted": false}"#,
            r#"{"email": "alice@example.com", "user_id": "user_1"}"#,
            r#""alice@example.com""#,
        ] {
            let group =
                format!(r#""actor": {actor}, "model": "claude-opus-5-5", "product": "claude_code", "speed": null"#);
            let day = r#""starting_at": "2026-11-24T00:00:00Z""#;
            let seats = format!(r#"{{"data": [{{{day}, {group}, {tokens}}}]}}"#);
            assert_eq!(page(&seats, Row::usage), (vec![expected.clone()], None));
            let newest =
                format!(r#"{{"data": [{{{day}, "group": {{{group}}}, "usage": {{{tokens}}}}}], "next_page": null}}"#);
            assert_eq!(page(&newest, Grouped::usage), (vec![expected.clone()], None));
        }
    }

    #[test]
    fn a_page_without_data_is_none() {
        assert!(serde_json::from_str::<Page<Row>>(r#"{"message": "sign in"}"#).is_err());
        assert_eq!(page(r#"{"data": []}"#, Row::usage), (vec![], None));
    }
}
