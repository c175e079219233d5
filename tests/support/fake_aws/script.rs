//! Answers that a prompt asks for, so that a test makes the client use a tool or count tokens of its choice.
//!
//! `<answer>{"content": […], "usage": {…}}</answer>` in the last message of the user replaces these members of the answer.

use serde_json::{Map, Value, json};

/// The answer as it is, or as the prompt wants it.
pub fn apply(mut message: Value, body: &Value) -> Value {
    if let Some(script) = script(body) {
        let uses_tool = script["content"].to_string().contains("\"tool_use\"");
        message["stop_reason"] = json!(if uses_tool { "tool_use" } else { "end_turn" });
        for (member, value) in script {
            message[member] = value;
        }
    }
    message
}

fn script(body: &Value) -> Option<Map<String, Value>> {
    let content = &body["messages"].as_array()?.iter().rfind(|message| message["role"] == "user")?["content"];
    let blocks = content.as_array().into_iter().flatten().map(|block| &block["text"]);
    let mut texts = blocks.chain([content]).filter_map(Value::as_str);
    let script = texts.find_map(|text| text.split_once("<answer>")?.1.rsplit_once("</answer>"))?.0;
    Some(serde_json::from_str(script).unwrap_or_else(|error| panic!("an answer that a test wrote ({error}): {script}")))
}

/// The events of one block: a text word by word, the input of a tool at once.
pub fn block(index: usize, block: &Value) -> Vec<Value> {
    let mut empty = block.clone();
    let deltas: Vec<Value> = match block["text"].as_str() {
        Some(text) => {
            empty["text"] = json!("");
            text.split_inclusive(' ').map(|word| json!({ "type": "text_delta", "text": word })).collect()
        }
        None => {
            empty["input"] = json!({});
            vec![json!({ "type": "input_json_delta", "partial_json": block["input"].to_string() })]
        }
    };
    let start = json!({ "type": "content_block_start", "index": index, "content_block": empty });
    let deltas =
        deltas.into_iter().map(|delta| json!({ "type": "content_block_delta", "index": index, "delta": delta }));
    let stop = json!({ "type": "content_block_stop", "index": index });
    std::iter::once(start).chain(deltas).chain([stop]).collect()
}
