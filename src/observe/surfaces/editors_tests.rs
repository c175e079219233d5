//! What the settings of an editor say about the extension.

use super::*;

fn read(text: &str) -> Keys {
    jsonc::read(text.as_bytes(), keys).expect("it reads")
}

#[test]
fn comments_trailing_commas_and_lines() {
    let found = read(
        "{\n  // mine\n  \"claudeCode.environmentVariables\": [\n    { \"name\": \"CLAUDE_CODE_USE_BEDROCK\", \"value\": \"1\" },\n    \
         {\"name\": \"AWS_REGION\", \"value\": \"us-east-1\"},\n  ],\n  \"claudeCode.disableLoginPrompt\": true,\n  \
         \"claudeCode.useTerminal\": false, /* no */\n  \"claudeCode.claudeProcessWrapper\": \" /opt/wrap \",\n}\n",
    );
    let lines: Vec<(&str, usize)> = found.environment.iter().map(|(name, entry)| (name.as_str(), entry.line)).collect();
    assert_eq!(lines, [("AWS_REGION", 5), ("CLAUDE_CODE_USE_BEDROCK", 4)]);
    assert_eq!((found.environment_line, found.disable_login_prompt), (Some(3), Some((true, 7))));
    assert_eq!((found.use_terminal, found.process_wrapper), (Some((false, 8)), Some(("/opt/wrap".to_owned(), 9))));
    assert!(found.strange.is_empty() && found.other_shape.is_none());
}

#[test]
fn other_shapes_and_other_keys() {
    for (text, what) in [
        (r#"{"claudeCode.environmentVariables": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#, "an object of names and values"),
        (r#"{"claudeCode.environmentVariables": ["CLAUDE_CODE_USE_BEDROCK=1"]}"#, "a list of texts"),
        (
            r#"{"claudeCode.environmentVariables": [{"CLAUDE_CODE_USE_BEDROCK": "1"}]}"#,
            "a list of something else than name and value",
        ),
        (
            r#"{"claudeCode.environmentVariables": [{"key": "CLAUDE_CODE_USE_BEDROCK", "value": "1"}]}"#,
            "a list of something else than name and value",
        ),
        (r#"{"claudeCode.environmentVariables": "CLAUDE_CODE_USE_BEDROCK=1"}"#, "one text"),
    ] {
        let (shape, names) = read(text).other_shape.expect(text);
        assert_eq!(shape, what, "{text}");
        assert_eq!(names, ["CLAUDE_CODE_USE_BEDROCK"], "{text}");
    }
    for text in [
        r#"{"claudeCode.env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#,
        r#"{"claude-code.environmentVariables": [{"name": "CLAUDE_CODE_USE_BEDROCK", "value": "1"}]}"#,
        r#"{"claude.env": ["CLAUDE_CODE_USE_BEDROCK=1"]}"#,
        r#"{"CLAUDE_CODE_USE_BEDROCK": "1"}"#,
    ] {
        assert_eq!(read(text).strange[0].names, ["CLAUDE_CODE_USE_BEDROCK"], "{text}");
    }
    let terminal = read(r#"{"terminal.integrated.env.linux": {"CLAUDE_CODE_USE_BEDROCK": "1", "EDITOR": "vi"}}"#);
    assert_eq!(terminal.terminal.keys().collect::<Vec<_>>(), ["CLAUDE_CODE_USE_BEDROCK"]);
    assert!(
        read(r#"{"claudeCode.preferredLocation": "panel", "claudeCode.selectedModel": "opus"}"#).strange.is_empty()
    );
}
