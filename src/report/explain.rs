//! The list of findings, and one finding as a page.

use serde_json::{Value, json};

use super::style::Style;
use crate::diagnose::{Kind, Layer};

/// Schema of `explain --json`.
pub const SCHEMA: &str = "bedrockup.explain/1";

/// All findings, by layer.
pub fn list(kinds: &[&'static Kind], style: Style) -> String {
    let mut text = String::new();
    let mut layer: Option<Layer> = None;
    for kind in kinds {
        if layer != Some(kind.layer) {
            let gap = if layer.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", style.bold(kind.layer.name())));
            layer = Some(kind.layer);
        }
        let name = format!("  {:<28}", kind.name);
        let wrapped = style.wrap(kind.title, &" ".repeat(31), &" ".repeat(31));
        text.push_str(&format!("{} {}\n", style.cyan(&name), wrapped.trim_start()));
    }
    text.push_str(&format!(
        "\n{}\n",
        style.dim("bedrockup explain NAME shows one as a page; any piece of an error text finds its page.")
    ));
    text
}

/// One finding as a page: its Markdown, with the heads made plain to see.
pub fn page(kind: &Kind, style: Style) -> String {
    let mut text = format!("{}\n{}\n", style.bold(kind.name), kind.title);
    text.push_str(&style.dim(&format!("{} in layer {}", kind.severity.name(), kind.layer.name())));
    text.push_str("\n\n");
    for block in kind.page.trim().split("\n\n") {
        if let Some(head) = block.strip_prefix("## ") {
            text.push_str(&style.bold(head));
        } else if block.starts_with("    ") {
            text.push_str(&block.lines().map(|line| style.cyan(line)).collect::<Vec<_>>().join("\n"));
        } else if block.starts_with("- ") {
            // Each point of a list is a paragraph of its own; a line that goes on belongs to the point above it.
            let points = block.replace("\n  ", " ");
            let points: Vec<_> = points.lines().map(|point| style.wrap(point, "", "  ")).collect();
            text.push_str(&points.join("\n"));
        } else {
            text.push_str(&style.wrap(&block.replace('\n', " "), "", ""));
        }
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// One finding, or several, as JSON.
pub fn json(kinds: &[&'static Kind]) -> Value {
    let pages: Vec<_> = kinds
        .iter()
        .map(|kind| {
            json!({ "name": kind.name, "layer": kind.layer, "severity": kind.severity, "title": kind.title, "page": kind.page })
        })
        .collect();
    json!({ "schema": SCHEMA, "findings": pages })
}
