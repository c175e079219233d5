//! What is known about Claude models without asking: a dated table, compiled in.
//!
//! It only fills gaps. Where AWS answered, its answer decides, since a table is older than the world.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::version::Version;

/// A Claude model of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Foundation model id.
    pub model: &'static str,
    /// Prefixes of its system-defined profiles.
    pub prefixes: Vec<&'static str>,
    /// Last day, where announced.
    pub end_of_life: Option<Date>,
    /// It can have a context of a million tokens, where that is known.
    pub long_context: Option<bool>,
    /// What the client reserves for each answer, in tokens, and the first version of it that does; `None` where not measured.
    pub reserved: Option<(u64, Version)>,
}

impl ModelRow {
    fn read(columns: &[&'static str]) -> Option<Self> {
        let [model, prefixes, end, context, reserved, from] = columns else {
            return None;
        };
        Some(Self {
            model,
            prefixes: prefixes.split(',').collect(),
            end_of_life: end.parse().ok(),
            long_context: match *context {
                "1M" => Some(true),
                "200K" => Some(false),
                _ => None,
            },
            reserved: reserved.parse().ok().map(|tokens| (tokens, from.parse().unwrap_or(Version(0, 0, 0)))),
        })
    }
}

static MODELS: LazyLock<Vec<ModelRow>> =
    LazyLock::new(|| rows(include_str!("../data/claude-models.tsv")).filter_map(|row| ModelRow::read(&row)).collect());

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| line.split('\t').collect())
}

/// A known Claude model, by its foundation model id.
pub fn model(id: &str) -> Option<&'static ModelRow> {
    MODELS.iter().find(|row| row.model == id)
}

/// All known Claude models, the newest first.
pub fn models() -> &'static [ModelRow] {
    &MODELS
}

/// The newest model of the same family without an announced end, for one that has an end. Ids and names are understood alike.
pub fn successor(model: &str) -> Option<&'static str> {
    let named = |row: &&ModelRow| row.model.contains(model);
    let ending = models().iter().find(named).filter(|row| row.end_of_life.is_some())?;
    let family = |id: &str| ["opus", "sonnet", "haiku", "fable"].into_iter().find(|family| id.contains(family));
    let lasting = |row: &&ModelRow| row.end_of_life.is_none() && family(row.model) == family(ending.model);
    models().iter().find(lasting).map(|row| row.model)
}

/// The candidate that differs from `text` in its date or version alone (`-20250929-v1:0`), else the closest one, if it is close at
/// all: at most a third of its letters differ. Where `text` has no date nor version, the newest of several.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let distance = |candidate: &&&str| strsim::osa_distance(text, candidate);
    let same = || candidates.iter().filter(|candidate| stem(candidate) == stem(text));
    let of_the_same = if stem(text) == text { same().max() } else { same().min_by_key(distance) };
    let close = candidates.iter().filter(|candidate| distance(candidate) * 3 <= candidate.chars().count());
    of_the_same.or_else(|| close.min_by_key(distance)).copied()
}

/// An id without its date and version.
fn stem(id: &str) -> &str {
    let is_number = |tail: &str| !tail.is_empty() && tail.bytes().all(|digit| digit.is_ascii_digit());
    let without = |id: &'_ str, mark: &str, digits: usize| {
        let end = id.rsplit_once(mark).filter(|(_, tail)| is_number(tail) && (digits == 0 || tail.len() == digits));
        end.map_or(id.len(), |(head, _)| head.len())
    };
    let id = &id[..without(id, ":", 0)];
    let id = &id[..without(id, "-v", 0)];
    &id[..without(id, "-", 8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let lines = |table: &str| table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(models().len(), lines(include_str!("../data/claude-models.tsv")));
        assert!(models().iter().filter(|row| row.end_of_life.is_some()).count() > 5);
        let opus = model("anthropic.claude-opus-4-8").and_then(|row| row.reserved);
        assert_eq!(opus, Some((64_000, Version(2, 1, 207))));
    }

    #[test]
    fn a_model_that_ends_has_a_successor_of_its_family() {
        assert_eq!(successor("claude-sonnet-4-20250514"), Some("anthropic.claude-sonnet-5-5"));
        assert_eq!(successor("anthropic.claude-opus-4-1-20250805-v1:0"), Some("anthropic.claude-opus-5-5"));
        assert_eq!(successor("anthropic.claude-opus-5-5"), None);
    }

    #[test]
    fn the_nearest_name_is_found_and_nonsense_has_none() {
        let names = || ["us-east-1", "us-east-2", "us-west-2", "eu-west-1"].into_iter();
        assert_eq!(nearest("us-esat-1", names()), Some("us-east-1"));
        assert_eq!(nearest("us_west_2", names()), Some("us-west-2"));
        assert_eq!(nearest("somewhere-else", names()), None);
    }

    #[test]
    fn what_differs_in_date_or_version_alone_is_nearer_than_another_model() {
        let ids = || {
            [
                "us.anthropic.claude-opus-5-5",
                "us.anthropic.claude-opus-4-6-v1",
                "us.anthropic.claude-haiku-5-5",
                "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                "us.anthropic.claude-3-5-sonnet-20240620-v1:0",
                "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
            ]
            .into_iter()
        };
        for (text, expected) in [
            ("us.anthropic.claude-opus-5-5-v1:0", "us.anthropic.claude-opus-5-5"),
            ("us.anthropic.claude-opus-5-5-20260901-v1:0", "us.anthropic.claude-opus-5-5"),
            ("us.anthropic.claude-opus-4-6", "us.anthropic.claude-opus-4-6-v1"),
            ("us.anthropic.claude-haiku-4-5-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
            ("us.anthropic.claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
            ("us.anthropic.claude-3-5-sonnet", "us.anthropic.claude-3-5-sonnet-20241022-v2:0"),
            ("us.anthropic.claude-3-5-sonnet-20240621-v1:0", "us.anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ] {
            assert_eq!(nearest(text, ids()), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_name_that_lacks_its_date_or_version_is_the_newest_that_begins_so() {
        let names = || {
            [
                "anthropic.claude-sonnet-4-20250514-v1:0",
                "anthropic.claude-opus-4-5-20251101-v1:0",
                "anthropic.claude-opus-4-6-v1",
            ]
            .into_iter()
        };
        assert_eq!(nearest("anthropic.claude-sonnet-4", names()), Some("anthropic.claude-sonnet-4-20250514-v1:0"));
        assert_eq!(nearest("anthropic.claude-opus-4-6", names()), Some("anthropic.claude-opus-4-6-v1"));
        // Neither a date nor a version follows: 4-5 is no form of 4.
        assert_eq!(
            nearest("anthropic.claude-opus-4", ["anthropic.claude-opus-4-5-v2x"].into_iter()),
            Some("anthropic.claude-opus-4-5-v2x")
        );
        assert_eq!(nearest("claude", names()), None);
    }
}
