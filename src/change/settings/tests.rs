//! Settings edits: exact there and back, also beside other people's edits.

use proptest::prelude::*;

use super::*;

const WANTED: [(&str, &str); 3] =
    [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "it's \"$HOME\" \\ ünï")];

fn apply(text: &str) -> (String, SettingsRecord) {
    set(text, &WANTED, &SettingsRecord::default()).unwrap_or_else(|problem| panic!("{problem:?}: {text}"))
}

fn parsed(text: &str) -> serde_json::Value {
    jsonc_parser::parse_to_serde_value(text.trim_start_matches('\u{FEFF}'), &Default::default()).unwrap()
}

/// Sets and unsets, and asserts that the values arrive, nothing else changes, and the text comes back.
fn there_and_back(text: &str) -> String {
    let (after, record) = apply(text);
    let env = env(&after).unwrap();
    for (name, value) in WANTED {
        assert_eq!(env.get(name).map(String::as_str), Some(value), "{after}");
    }
    assert_eq!(unset(&after, &record, true).unwrap().as_deref(), Some(text), "through {after:?}");
    let (again, _) = set(&after, &WANTED, &record).unwrap();
    assert_eq!(again, after, "a second run changes something");
    after
}

#[test]
fn every_shape_comes_back() {
    for text in [
        "",
        " \n",
        "{}",
        "{ }\n",
        "{\n}\n",
        "{\"a\":1}",
        "{\"a\":1,}",
        "{ \"a\": 1 }\n",
        "{\n  \"a\": 1\n}\n",
        "{\n\t\"a\": 1,\n\t\"b\": [1, 2]\n}",
        "{\r\n  \"a\": 1\r\n}\r\n",
        "\u{FEFF}{\n  \"a\": 1\n}\n",
        "{\"env\":{}}",
        "{\"env\":{ }, \"a\": 1}",
        "{\n  \"env\": {\n  }\n}",
        "{\n  \"env\": {\n    \"X\": \"y\"\n  },\n  \"a\": 1\n}\n",
        "{\n  \"env\": {\n    \"X\": \"y\", // why\n  },\n}\n",
        "{\n  // top\n  \"env\": {\n    \"X\": \"y\" /* a */ // b, c \n    // below\n  }\n  // end\n}\n",
        "{\n  \"env\": {\n    // nothing yet\n  }\n}\n",
        "{ // c\n}\n",
        "{\"a\": 1 // c\n}",
        "{\"a\": 1 /* c */ , /* d */ }",
        "{\"env\": {\"A\": \"b\", \"C\": \"d\"}}",
        "{\n    \"a\": {\n        \"b\": 1\n    }\n}\n",
        "// first\n{\n  \"a\": \"// no comment, {\"\n}\n",
    ] {
        there_and_back(text);
    }
}

#[test]
fn looks_as_a_person_would_write_it() {
    insta::assert_snapshot!(there_and_back(
        "{\n  \"model\": \"opus\", // mine\n  \"env\": {\n    \"X\": \"y\"\n  }\n}\n"
    ));
    insta::assert_snapshot!(there_and_back("{\n    \"model\": \"opus\"\n}\n"));
    insta::assert_snapshot!(there_and_back(""));
}

#[test]
fn a_file_that_setup_made_goes_away() {
    let (after, record) = apply("");
    assert_eq!(unset(&after, &record, false), Ok(None));
    let more = after.replacen('{', "{\n  \"model\": \"opus\",", 1);
    assert_eq!(parsed(&unset(&more, &record, false).unwrap().unwrap()), serde_json::json!({"model": "opus"}));
}

#[test]
fn values_that_were_there_come_back() {
    let text = "{\n  \"env\": {\n    \"AWS_REGION\": \"eu-west-1\",\n    \"CLAUDE_CODE_USE_BEDROCK\": true\n  }\n}\n";
    let (after, record) = apply(text);
    assert_eq!(record.keys["AWS_REGION"].as_deref(), Some("\"eu-west-1\""));
    assert_eq!(record.keys["CLAUDE_CODE_USE_BEDROCK"].as_deref(), Some("true"));
    assert_eq!(unset(&after, &record, true).unwrap().as_deref(), Some(text));
    // A second setup with another region must not take the first one's value for the user's.
    let (_, later) = set(&after, &[("AWS_REGION", "us-west-2")], &record).unwrap();
    assert_eq!(later.keys["AWS_REGION"].as_deref(), Some("\"eu-west-1\""));
}

#[test]
fn other_peoples_edits_stay() {
    let (after, record) = apply("{\n  \"env\": {\n    \"X\": \"y\"\n  }\n}\n");
    let edited = after.replace("\"X\": \"y\"", "\"X\": \"z\",\n    \"NEW\": \"n\"").replacen(
        "{\n",
        "{\n  \"model\": \"opus\",\n",
        1,
    );
    let back = unset(&edited, &record, true).unwrap().unwrap();
    assert_eq!(parsed(&back), serde_json::json!({"model": "opus", "env": {"X": "z", "NEW": "n"}}));
    let appended = after.replace("ünï\"", "ünï\",\n    \"LAST\": \"l\"");
    let back = unset(&appended, &record, true).unwrap().unwrap();
    assert_eq!(back, "{\n  \"env\": {\n    \"X\": \"y\",\n    \"LAST\": \"l\"\n  }\n}\n");
    // Somebody else took everything of ours out already.
    assert_eq!(unset("{\"a\": 1}", &record, true).unwrap().as_deref(), Some("{\"a\": 1}"));
}

#[test]
fn what_cannot_be_edited_safely_is_named_by_place() {
    for (text, line, column) in [
        ("{\n  \"a\": 1,\n  oops\n}", 3, 3),
        ("{\n  \"env\": []\n}", 2, 10),
        ("[1]", 1, 1),
        ("{\"env\": {\"AWS_REGION\": \"a\",\n \"AWS_REGION\": \"b\"}}", 2, 2),
        ("{\"env\": {}, \"env\": {}}", 1, 13),
        ("{'a': 1}", 1, 2),
        ("{\"a\": 1", 1, 1),
    ] {
        let problem = set(text, &WANTED, &SettingsRecord::default()).expect_err(text);
        assert_eq!((problem.line, problem.column), (line, column), "{text}: {}", problem.message);
    }
}

proptest! {
    #[test]
    fn any_layout_comes_back(text in layout()) {
        there_and_back(&text);
    }

    #[test]
    fn any_text_is_refused_or_comes_back(pieces in proptest::collection::vec(0..PIECES.len(), 0..14)) {
        let inner: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        for text in [format!("{{{inner}}}"), format!("{{\"env\":{{{inner}}}}}"), inner] {
            if set(&text, &WANTED, &SettingsRecord::default()).is_ok() {
                there_and_back(&text);
            }
        }
    }
}

const PIECES: [&str; 16] = [
    "\"env\"",
    ":",
    ":",
    ",",
    ",",
    "{",
    "}",
    "\"AWS_REGION\"",
    "\"x\"",
    "1",
    "\n",
    " ",
    "// c\n",
    "/* , */",
    "\"k\":1,",
    "\u{FEFF}",
];

/// JSON objects with an `env` or not, in all kinds of layouts: white space, comments, trailing commas.
fn layout() -> impl Strategy<Value = String> {
    let gap = || {
        proptest::sample::select(vec![
            "",
            " ",
            "\n",
            "\r\n",
            "\n    ",
            "\t",
            " /* c */ ",
            " // c, {\n",
            "\n  // d\n  ",
            "  \n\n ",
        ])
    };
    let entry = move |name: &'static str| {
        (gap(), gap(), gap(), gap()).prop_map(move |(a, b, c, d)| format!("{a}\"{name}\"{b}:{c}\"v\"{d}"))
    };
    let object = move |names: Vec<&'static str>| {
        (proptest::sample::subsequence(names.clone(), 0..=names.len()), any::<bool>(), gap()).prop_flat_map(
            move |(names, trailing, inner)| {
                let entries: Vec<_> = names.into_iter().map(entry).collect();
                entries.prop_map(move |entries| {
                    let comma = if trailing && !entries.is_empty() { "," } else { "" };
                    format!("{{{}{comma}{inner}}}", entries.join(","))
                })
            },
        )
    };
    let env = object(vec!["X", "AWS_REGION", "Y"]);
    (env, object(vec!["a", "b"]), gap(), gap(), 0..3_u8).prop_map(|(env, other, before, after, shape)| {
        let rest = &other[1..];
        match shape {
            0 => format!("{before}{other}{after}"),
            1 if other.contains('"') => format!("{before}{{{after}\"env\": {env},{rest}{after}"),
            _ => format!("{before}{{\"env\":{env}{after}}}{after}"),
        }
    })
}
