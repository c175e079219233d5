//! Rows as comma-separated values (RFC 4180), for spreadsheets.

use super::{Report, kinds};
use crate::usage::{By, Source, provider_name};

/// The rows, below their names.
pub fn csv(report: &Report<'_>) -> String {
    let mut lines = Vec::new();
    let key = (report.by != By::Model).then(|| report.by.name());
    let names = ["provider", "model", "profile", "routing", "messages"].into_iter();
    let names = key.into_iter().chain(names).chain(kinds(&crate::price::Tokens::default()).map(|(name, _)| name));
    lines.push(line(names.chain(["cost_low", "cost_high", "no_price"]).map(str::to_owned)));
    for row in report.usage.rows(report.by) {
        let cost = |pick: fn(crate::price::Cost) -> crate::price::Money| {
            row.sums.cost.map(|cost| format!("{:.6}", pick(cost).dollars())).unwrap_or_default()
        };
        let texts = [
            provider_name(row.provider).to_owned(),
            row.asked.model.clone(),
            row.asked.profile.clone().unwrap_or_default(),
            row.asked.routing.name().to_owned(),
            if report.source == Source::Bill { String::new() } else { row.sums.messages.to_string() },
        ];
        let numbers = kinds(&row.sums.tokens).map(|(_, tokens)| tokens.to_string());
        let end = [
            cost(|cost| cost.low),
            cost(|cost| cost.high),
            row.no_price.as_ref().map(|reason| format!("no price for {reason}")).unwrap_or_default(),
        ];
        lines.push(line(row.key.clone().into_iter().chain(texts).chain(numbers).chain(end)));
    }
    lines.concat()
}

fn line(fields: impl Iterator<Item = String>) -> String {
    fields.map(|text| field(&text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// Quoted where it must be. A spreadsheet would take a text that begins like a formula for one: a quote before it keeps it a text.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_no_field_is_a_formula() {
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("/home/u/a b"), "/home/u/a b");
    }
}
