//! Reads one AWS file as the client does (2.1.330, measured), which is not how the AWS CLI or other SDKs do.
//!
//! A line that makes no sense is passed over, and the rest of the file counts; the AWS CLI refuses the whole file. Names of
//! keys are read as they are written: `AWS_ACCESS_KEY_ID` in a file is not `aws_access_key_id`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Problem, Section};

/// The sections by the name that the client knows them by (`profile.work`, `default`, `sso-session.corp`), and what stands
/// in the file.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Properties by section. Repeated sections are one, a later value wins.
    pub sections: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers in order, also those that the client does not take for sections.
    pub headers: Vec<Section>,
    /// Lines that no reader, or not every reader, can make sense of.
    pub problems: Vec<Problem>,
}

/// `profile NAME`, `sso-session NAME`, `services NAME`. A name of other characters makes no section at all.
static PREFIXED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^([\w-]+)\s(?:"([\w@+.%:/-]+)"|'([\w@+.%:/-]+)'|([\w@+.%:/-]+))$"#).ok());

/// Reads a text.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut lines_of: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut section: Option<String> = None;
    let mut parent: Option<String> = None;
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let (number, content) = (index + 1, without_comment(line).trim());
        let mut problem = |what: &str, cli_refuses| {
            parsed.problems.push(Problem { line: number, what: what.to_owned(), cli_refuses })
        };
        if content.is_empty() {
            continue;
        }
        if let Some(rest) = content.strip_prefix('[') {
            let header = rest.split_once(']').map_or(rest, |(header, _)| header).to_owned();
            let known_as = rest.strip_suffix(']').and_then(known_as);
            if rest.ends_with(']') {
                (section, parent) = (known_as.clone(), None);
            } else if rest.contains(']') {
                problem("text after the `]` of a section", false);
            } else {
                problem("a `[` that is not closed", true);
            }
            parsed.headers.push(Section { header, known_as, line: number, keys: BTreeMap::new() });
            continue;
        }
        let pair = content.split_once('=').filter(|(name, _)| !name.is_empty());
        let Some((name, value)) = pair.map(|(name, value)| (name.trim(), value.trim())) else {
            // The AWS CLI takes `:` for `=`.
            problem("a line without `=`", !content.contains(':'));
            continue;
        };
        if parsed.headers.is_empty() {
            problem("text before the first section", true);
        }
        let indented = line.starts_with([' ', '\t']);
        if let Some(header) = parsed.headers.last_mut().filter(|_| !(indented && parent.is_some())) {
            header.keys.insert(name.to_ascii_lowercase(), number);
        }
        let Some(section) = &section else { continue };
        if value.is_empty() {
            parent = Some(name.to_owned());
            continue;
        }
        if !indented {
            parent = None;
        }
        let key = parent.as_ref().map_or_else(|| name.to_owned(), |parent| format!("{parent}.{name}"));
        let place = (section.clone(), key.clone());
        let before = parsed.sections.entry(section.clone()).or_default().insert(key, value.to_owned());
        let first = lines_of.insert(place, number);
        // Within one section a later line is a correction; in two sections of one name it is an accident.
        let header = parsed.headers.last().map_or(0, |header| header.line);
        if let (Some(before), Some(first)) = (before, first)
            && before != value
            && first < header
        {
            let what = format!("`{name}` again, with another value than in line {first} of a section of the same name");
            parsed.problems.push(Problem { line: number, what, cli_refuses: true });
        }
    }
    parsed
}

/// The line up to a `#` or `;` at its start or after white space.
fn without_comment(line: &str) -> &str {
    let starts = |(at, character): &(usize, char)| {
        matches!(character, '#' | ';') && line[..*at].chars().next_back().is_none_or(char::is_whitespace)
    };
    line.char_indices().find(starts).map_or(line, |(at, _)| &line[..at])
}

/// How the client names a section; `None` for one that it passes over.
fn known_as(header: &str) -> Option<String> {
    let Some(found) = PREFIXED.as_ref().and_then(|pattern| pattern.captures(header)) else {
        return Some(header.to_owned());
    };
    let name = found.iter().skip(2).flatten().next()?.as_str();
    matches!(&found[1], "profile" | "sso-session" | "services").then(|| format!("{}.{name}", &found[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(parsed: &'a Parsed, section: &str, key: &str) -> Option<&'a str> {
        parsed.sections.get(section)?.get(key).map(String::as_str)
    }

    fn problems(text: &str) -> Vec<(usize, String)> {
        parse(text).problems.into_iter().map(|problem| (problem.line, problem.what)).collect()
    }

    #[test]
    fn headers_as_the_client_takes_them() {
        for (header, name) in [
            ("default", Some("default")),
            ("work", Some("work")),
            ("profile work", Some("profile.work")),
            ("profile\twork", Some("profile.work")),
            ("profile \"work\"", Some("profile.work")),
            ("profile a/b:c@d+e%f", Some("profile.a/b:c@d+e%f")),
            ("sso-session corp", Some("sso-session.corp")),
            ("team(x)", Some("team(x)")),
            // No profile of that name for the client; the AWS CLI reads the first two.
            ("profile  work", Some("profile  work")),
            ("profile: work", Some("profile: work")),
            ("Profile work", None),
            (" profile work ", Some(" profile work ")),
            ("profile my team", Some("profile my team")),
            ("my team", None),
        ] {
            assert_eq!(known_as(header).as_deref(), name, "[{header}]");
        }
    }

    #[test]
    fn values_comments_and_properties_below_properties() {
        let text = "[default] # mine\r\nregion = us-east-1 ; here\r\nREGION = x\ns3 =\n  size = 1\nurl = https://a#b\n \
                    [profile b]\n  region =\n  output = json\n";
        let parsed = parse(text);
        assert_eq!(value(&parsed, "default", "region"), Some("us-east-1"));
        assert_eq!(value(&parsed, "default", "REGION"), Some("x"));
        assert_eq!(value(&parsed, "default", "s3.size"), Some("1"));
        assert_eq!(value(&parsed, "default", "url"), Some("https://a#b"));
        // An indented line after an empty value belongs to that value.
        assert_eq!(value(&parsed, "profile.b", "region.output"), Some("json"));
        assert_eq!((parsed.headers[1].header.as_str(), parsed.headers[1].line), ("profile b", 7));
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    }

    #[test]
    fn what_makes_no_sense_is_told_and_costs_no_other_line() {
        let text = "region = us-east-1\n[profile a]\nregion us-east-1\noutput = json\n[profile b\nregion = x\n[profile c] mine\n";
        let parsed = parse(text);
        assert_eq!(value(&parsed, "profile.a", "output"), Some("json"));
        // The header that is not closed opens nothing, so the line below it still belongs to the section above.
        assert_eq!(value(&parsed, "profile.a", "region"), Some("x"));
        assert_eq!(parsed.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1, 3, 5, 7]);
    }

    #[test]
    fn sections_that_stand_twice_are_a_problem_where_they_disagree() {
        assert!(problems("[profile b]\nregion = x\n[profile b]\noutput = json\nregion = x\n").is_empty());
        assert!(problems("[profile b]\nregion = x\nregion = y\n").is_empty());
        let found =
            problems("[profile b]\naws_secret_access_key = hidden1\n[profile b]\naws_secret_access_key = hidden2\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].0 == 4 && found[0].1.contains("line 2") && !found[0].1.contains("hidden"), "{found:?}");
    }
}
