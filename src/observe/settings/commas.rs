//! Commas that JSON does not allow and many other formats do.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// The text without commas before a closing bracket; `None` where it is no JSON for another reason.
pub fn without_trailing_commas(text: &str) -> Option<String> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mark, body) = text.split_at(mark);
    let tree = parse_to_ast(body, &CollectOptions::default(), &options).ok()?;
    let mut cuts = Vec::new();
    trailing(body, &tree.value?, &mut cuts);
    let kept = body.char_indices().filter(|(at, _)| !cuts.contains(at)).map(|(_, letter)| letter);
    Some(mark.chars().chain(kept).collect())
}

/// Where the commas stand behind the last part of a value, and of its parts.
fn trailing(text: &str, value: &Value, found: &mut Vec<usize>) {
    let (end, last, parts): (usize, Option<usize>, Vec<&Value>) = match value {
        Value::Object(object) => (
            object.range.end,
            object.properties.last().map(|last| last.range.end),
            object.properties.iter().map(|property| &property.value).collect(),
        ),
        Value::Array(array) => {
            (array.range.end, array.elements.last().map(|last| last.range().end), array.elements.iter().collect())
        }
        _ => return,
    };
    parts.into_iter().for_each(|part| trailing(text, part, found));
    if let Some(last) = last {
        found.extend(comma(&text[last..end - 1]).map(|at| last + at));
    }
}

/// The comma of a gap, past comments.
fn comma(gap: &str) -> Option<usize> {
    let mut at = 0;
    while at < gap.len() {
        let rest = &gap[at..];
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with(',') {
            return Some(at);
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_trailing_commas;

    #[test]
    fn commas_at_ends_go_and_all_others_stay() {
        for (text, expected) in [
            ("{\"a\": 1,}", Some("{\"a\": 1}")),
            (
                "{\"a\": [1, 2, ], \"b\": {\"c\": \",}\" , /* , */ },\n}\n",
                Some("{\"a\": [1, 2 ], \"b\": {\"c\": \",}\"  /* , */ }\n}\n"),
            ),
            ("{\"a\": 1 // last,\n  ,\n}", Some("{\"a\": 1 // last,\n  \n}")),
            ("\u{feff}{\"ä\": 1,}", Some("\u{feff}{\"ä\": 1}")),
            ("{}", Some("{}")),
            ("{\"a\": ,}", None),
        ] {
            assert_eq!(without_trailing_commas(text).as_deref(), expected, "{text}");
        }
    }
}
