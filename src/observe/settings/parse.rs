//! Reads one settings file as strictly, and as leniently, as the client does (2.1.330, measured).

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::{EnvEntry, Settings, SettingsState, commas};
use crate::variables;

/// The type that a key must have: one key of another type makes the client drop the whole file.
#[derive(Clone, Copy)]
enum Type {
    String,
    Boolean,
    Number,
    Object,
    Strings,
    MapOfStrings,
}

/// Keys whose type was measured to matter.
const TYPED: [(&str, Type); 9] = [
    ("model", Type::String),
    ("awsAuthRefresh", Type::String),
    ("awsCredentialExport", Type::String),
    ("apiKeyHelper", Type::String),
    ("modelOverrides", Type::MapOfStrings),
    ("permissions", Type::Object),
    ("includeCoAuthoredBy", Type::Boolean),
    ("cleanupPeriodDays", Type::Number),
    ("allowedProviders", Type::Strings),
];

/// What the bytes of a settings file say.
///
/// A byte-order mark is skipped and bytes that are no UTF-8 are replaced, as the client does.
pub fn parse(bytes: &[u8]) -> SettingsState {
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = unmarked.unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let invalid = |line: usize, column: usize, message: String| {
        let keys = ["awsAuthRefresh", "awsCredentialExport", "modelOverrides", "allowedProviders"];
        let mentions_routing = variables::ROUTING.iter().chain(&keys).any(|name| text.contains(name));
        // Without them it is read once more, and never again.
        let cured = commas::without_trailing_commas(&text).filter(|cured| *cured != text);
        let only_commas = cured.is_some_and(|cured| matches!(parse(cured.as_bytes()), SettingsState::Read(_)));
        SettingsState::Invalid { line, column, message, mentions_routing, only_commas }
    };
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        let message = error.to_string();
        let message = message.split_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned();
        return invalid(error.line(), error.column(), message);
    }
    let place = |position: usize| {
        let before = &text[..position.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    };
    // It is JSON; this second parser knows where each key stands.
    let tree = match parse_to_ast(&text, &CollectOptions::default(), &ParseOptions::default()) {
        Ok(tree) => tree,
        Err(error) => {
            let (line, column) = place(error.range().start);
            return invalid(line, column, error.kind().to_string());
        }
    };
    let Some(Value::Object(root)) = tree.value else {
        return invalid(1, 1, "it is not an object".to_owned());
    };
    for property in &root.properties {
        let wrong =
            TYPED.iter().find(|(key, kind)| *key == property.name.as_str() && !has_type(&property.value, *kind));
        if let Some((key, kind)) = wrong {
            let (line, column) = place(property.value.start());
            return invalid(line, column, format!("`{key}` is not {}", kind.name()));
        }
    }
    let settings = settings(&root, &|position| place(position).0);
    SettingsState::Read(Settings { byte_order_mark: unmarked.is_some(), ..settings })
}

/// The part of a valid file that decides routing.
fn settings(root: &Object, line: &dyn Fn(usize) -> usize) -> Settings {
    let text = |key: &str| last(root, key)?.value.as_string_lit().map(|text| text.value.to_string());
    let mut settings = Settings {
        keys: root
            .properties
            .iter()
            .map(|property| (property.name.as_str().to_owned(), line(property.start())))
            .collect(),
        model: text("model"),
        aws_auth_refresh: text("awsAuthRefresh"),
        aws_credential_export: text("awsCredentialExport"),
        api_key_helper: text("apiKeyHelper"),
        otel_headers_helper: text("otelHeadersHelper"),
        ..Settings::default()
    };
    for property in &root.properties {
        let name = property.name.as_str();
        if (variables::ROUTING.contains(&name) || variables::COMPANIONS.contains(&name))
            && let Some((value, is_string)) = as_text(&property.value)
        {
            let entry = EnvEntry { value, line: line(property.start()), is_string };
            settings.stray_env.insert(name.to_owned(), entry);
        }
    }
    if let Some(permissions) = last(root, "permissions").and_then(|property| property.value.as_object()) {
        let mode = last(permissions, "defaultMode").and_then(|property| property.value.as_string_lit());
        settings.default_mode = mode.map(|mode| mode.value.to_string());
    }
    if let Some(env) = last(root, "env").and_then(|property| property.value.as_object()) {
        for property in &env.properties {
            if let Some((value, is_string)) = as_text(&property.value) {
                let entry = EnvEntry { value, line: line(property.start()), is_string };
                settings.env.insert(property.name.as_str().to_owned(), entry);
            }
        }
    }
    if let Some(overrides) = last(root, "modelOverrides").and_then(|property| property.value.as_object()) {
        let pair = |property: &ObjectProp| {
            Some((property.name.as_str().to_owned(), property.value.as_string_lit()?.value.to_string()))
        };
        settings.model_overrides = overrides.properties.iter().filter_map(pair).collect();
    }
    if let Some(allowed) = last(root, "allowedProviders").and_then(|property| property.value.as_array()) {
        let names = allowed.elements.iter().filter_map(|element| Some(element.as_string_lit()?.value.to_string()));
        settings.allowed_providers = Some(names.collect());
    }
    settings
}

/// The property of a name; the last one counts, as in JavaScript.
fn last<'a, 'b>(object: &'b Object<'a>, key: &str) -> Option<&'b ObjectProp<'a>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == key)
}

/// A value of `env` as JavaScript writes it out, and whether it was a string.
fn as_text(value: &Value) -> Option<(String, bool)> {
    match value {
        Value::StringLit(text) => Some((text.value.to_string(), true)),
        Value::BooleanLit(literal) => Some((literal.value.to_string(), false)),
        // `1.0` is the number 1 and is written so.
        Value::NumberLit(number) => {
            let text =
                number.value.parse::<f64>().map_or_else(|_| number.value.to_string(), |number| number.to_string());
            Some((text, false))
        }
        _ => None,
    }
}

fn has_type(value: &Value, kind: Type) -> bool {
    match (kind, value) {
        (Type::String, Value::StringLit(_)) | (Type::Boolean, Value::BooleanLit(_)) => true,
        (Type::Number, Value::NumberLit(_)) | (Type::Object, Value::Object(_)) => true,
        (Type::Strings, Value::Array(array)) => array.elements.iter().all(|element| element.as_string_lit().is_some()),
        (Type::MapOfStrings, Value::Object(object)) => {
            object.properties.iter().all(|property| property.value.as_string_lit().is_some())
        }
        _ => false,
    }
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::Strings => "a list of strings",
            Self::MapOfStrings => "an object of strings",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Settings {
        match parse(text.as_bytes()) {
            SettingsState::Read(settings) => settings,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn values_lines_and_keys() {
        let text = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"AWS_REGION\": \"us-west-2\",\n    \"CLAUDE_CODE_USE_BEDROCK\": 1.0,\n    \
                    \"A\": true, \"B\": null, \"C\": {}\n  },\n  \"modelOverrides\": {\"a\": \"b\"},\n  \"allowedProviders\": [\"bedrock\"]\n}\n";
        let settings = read(text);
        let shown =
            |name: &str| settings.env.get(name).map(|entry| (entry.value.as_str(), entry.line, entry.is_string));
        assert_eq!(shown("AWS_REGION"), Some(("us-west-2", 4, true)));
        assert_eq!(shown("CLAUDE_CODE_USE_BEDROCK"), Some(("1", 5, false)));
        assert_eq!(shown("A"), Some(("true", 6, false)));
        assert_eq!((shown("B"), shown("C")), (None, None));
        assert_eq!(settings.model.as_deref(), Some("opus"));
        assert_eq!(settings.keys["modelOverrides"], 8);
        assert_eq!(settings.model_overrides["a"], "b");
        assert_eq!(settings.allowed_providers, Some(vec!["bedrock".to_owned()]));
    }

    #[test]
    fn what_the_client_refuses() {
        for (text, place) in [
            ("{\"env\":{\"AWS_REGION\":\"x\",}}", (1, 26)),
            ("// note\n{\"AWS_REGION\":\"x\"}", (1, 1)),
            ("{\n \"AWS_REGION\": \"x\n\"}", (2, 17)),
            ("{\"model\": 3, \"AWS_REGION\": 1}", (1, 11)),
            ("{\n\"modelOverrides\": {\"a\": 1}}", (2, 19)),
        ] {
            let SettingsState::Invalid { line, column, mentions_routing, .. } = parse(text.as_bytes()) else {
                panic!("accepted: {text}");
            };
            assert!(mentions_routing, "{text}");
            assert_eq!(line, place.0, "{text}");
            assert!(column.abs_diff(place.1) <= 1, "{text}: column {column}");
        }
        assert!(matches!(parse(b""), SettingsState::Invalid { mentions_routing: false, .. }));
        assert!(matches!(parse(b"{\"a\": [1,],}"), SettingsState::Invalid { only_commas: true, .. }));
        assert!(matches!(parse(b"{\"a\": 1,} // x"), SettingsState::Invalid { only_commas: false, .. }));
        assert!(matches!(parse(b"[1]"), SettingsState::Invalid { .. }));
        assert!(matches!(parse(b"{}\0"), SettingsState::Invalid { .. }));
    }

    #[test]
    fn what_the_client_accepts() {
        let marked = Settings { byte_order_mark: true, ..Settings::default() };
        assert_eq!(parse(b"\xef\xbb\xbf{}"), SettingsState::Read(marked));
        assert_eq!(read("{\"env\":{\"A\":\"0\"},\"env\":{\"A\":\"1\"}}").env["A"].value, "1");
        let SettingsState::Read(latin) = parse(b"{\"env\":{\"A\":\"1\",\"B\":\"\xe9\"}}") else { panic!("refused") };
        assert_eq!(latin.env["A"].value, "1");
        assert!(read("{\"unknown\": 3, \"hooks\": \"x\"}").keys.contains_key("unknown"));
    }

    #[test]
    fn values_of_env_are_not_shown_in_debug() {
        let settings = read("{\"env\":{\"AWS_SECRET_ACCESS_KEY\":\"hidden-value\"}}");
        assert!(!format!("{settings:?}").contains("hidden-value"));
    }
}
