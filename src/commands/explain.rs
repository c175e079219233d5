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

/// Words in a row that are enough to know an error text again, where ids, times and numbers stand between the others.
const ENOUGH: usize = 4;

/// Findings whose page holds the text; else those whose page has most of its words in a row, else
/// those with the same error code. Letter case, line breaks, quotes,
/// hyphens and typographic apostrophes do not count.
fn search(text: &str) -> Vec<&'static Kind> {
    let wanted = plain(text);
    if wanted.len() < 4 {
        return Vec::new();
    }
    let all = || catalogue::ALL.iter().copied();
    let whole: Vec<_> =
        all().filter(|kind| plain(kind.page).contains(&wanted) || plain(kind.title).contains(&wanted)).collect();
    if !whole.is_empty() {
        return whole;
    }
    // The client puts the same words before every text.
    let own = wanted.strip_prefix("api error:").unwrap_or(&wanted).trim_start_matches(|c: char| !c.is_alphabetic());
    let scored: Vec<_> = all().map(|kind| (longest_run(own, &plain(kind.page)), kind)).collect();
    let most = scored.iter().map(|(run, _)| *run).max().unwrap_or_default();
    if most >= ENOUGH {
        return scored.into_iter().filter(|(run, _)| *run == most).map(|(_, kind)| kind).collect();
    }
    let codes: Vec<&str> =
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(is_code).collect();
    all().filter(|kind| codes.iter().any(|code| kind.page.contains(code))).collect()
}

/// A name such as `ECONNREFUSED`, which means one thing wherever it stands.
fn is_code(word: &&str) -> bool {
    !["AWS_", "CLAUDE_", "ANTHROPIC_"].iter().any(|start| word.starts_with(start))
        && word.len() >= 8
        && word.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'_')
}

/// The largest number of words in a row that two texts share.
fn longest_run(one: &str, other: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        let bare = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
        text.split(' ').map(bare).filter(|word| !word.is_empty()).collect()
    };
    let (one, other) = (words(one), words(other));
    let mut runs = vec![0; other.len() + 1];
    let mut longest = 0;
    for word in &one {
        for at in (0..other.len()).rev() {
            runs[at + 1] = if other[at] == *word { runs[at] + 1 } else { 0 };
            longest = longest.max(runs[at + 1]);
        }
    }
    longest
}

fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'").replace(['`', '"'], "").replace('-', " ");
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
    fn what_stands_between_the_words_of_a_text_does_not_matter() {
        for (text, name) in [
            ("API Error: 403 The security token included in the request is invalid. (req 1f)", "keys-unknown"),
            (
                "The model us.anthropic.claude-opus-4-8 is not available on your bedrock deployment",
                "use-case-form-missing",
            ),
            (
                "Invocation of model ID anthropic.claude-x with on-demand throughput isn\u{2019}t supported",
                "model-needs-profile",
            ),
            ("Token is expired. To refresh this SSO session run 'aws sso login'", "sso-session-expired"),
            ("self signed certificate in certificate chain", "tls-untrusted"),
            ("connect ECONNREFUSED 10.0.0.1:443", "connection-refused"),
        ] {
            let found = search(text);
            assert!(
                found.iter().any(|kind| kind.name == name),
                "{text}: {:?}",
                found.iter().map(|kind| kind.name).collect::<Vec<_>>()
            );
        }
        assert!(search("the quick brown fox jumps over it").is_empty());
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_one() {
        let outcome = run(Some("not-configred"), false, Style::PLAIN);
        assert_eq!(outcome.exit, Exit::Usage);
        assert!(outcome.messages[0].contains("not-configured"), "{:?}", outcome.messages);
    }
}
