//! `explain`: lists the findings, prints one as a page, or finds the page that an error text belongs to.

use super::Outcome;
use crate::diagnose::{Kind, catalogue};
use crate::exit::Exit;
use crate::report::{self, Style};

/// Explains a finding by its name, or by a piece of an error text; lists all of them without either.
pub fn run(asked: Option<&str>, json: bool, style: Style) -> Outcome {
    let Some(asked) = asked else {
        let text = if json {
            report::json_text(&report::explain::json(catalogue::ALL))
        } else {
            report::explain::list(catalogue::ALL, style)
        };
        return Outcome::well(text);
    };
    let kinds = match catalogue::by_name(asked.trim()) {
        Some(kind) => vec![kind],
        None => search(asked),
    };
    match kinds.as_slice() {
        [] => Outcome::failed(
            Exit::Usage,
            format!(
                "no finding is named, or speaks of, `{}`.{} `bedrockup explain` lists them all.",
                report::tame(asked),
                nearest(asked)
            ),
        ),
        kinds if json => Outcome::well(report::json_text(&report::explain::json(kinds))),
        [kind] => Outcome::well(report::explain::page(kind, style)),
        several => Outcome::well(report::explain::list(several, style)),
    }
}

/// Findings whose page holds the text; letter case, line breaks, quotes and typographic apostrophes do not count.
fn search(text: &str) -> Vec<&'static Kind> {
    let wanted = plain(text);
    if wanted.len() < 4 {
        return Vec::new();
    }
    catalogue::ALL
        .iter()
        .copied()
        .filter(|kind| plain(kind.page).contains(&wanted) || plain(kind.title).contains(&wanted))
        .collect()
}

fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'").replace(['`', '"'], "");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A hint at the nearest name, as a sentence with a blank before it; empty when nothing is near.
fn nearest(asked: &str) -> String {
    let best = catalogue::ALL.iter().map(|kind| (strsim::damerau_levenshtein(asked, kind.name), kind.name)).min();
    match best {
        Some((distance, name)) if distance <= 4 => format!(" Did you mean `{name}`?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_an_error_text_leads_to_its_page() {
        let outcome = run(Some("NOT LOGGED IN  · please run /login"), false, Style::PLAIN);
        assert!(outcome.out.contains("not-configured"), "{}", outcome.out);
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_one() {
        let outcome = run(Some("not-configred"), false, Style::PLAIN);
        assert_eq!(outcome.exit, Exit::Usage);
        assert!(outcome.messages[0].contains("not-configured"), "{:?}", outcome.messages);
    }
}
