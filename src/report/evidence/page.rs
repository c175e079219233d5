//! The page: for an auditor, on a screen and on paper, without network and without scripts.

use askama::Template;
use serde_json::Value;

use crate::prove::line::Method;
use crate::shell::Syntax;
use crate::shell::quote::quote;

/// Rows of the tables; the document has all of them.
const ROWS: usize = 40;
/// Size of the timeline in its own units.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 120.0;

#[derive(Template)]
#[template(path = "evidence.html")]
struct Page<'a> {
    document: Node<'a>,
    bars: Vec<Bar>,
    most: u64,
    height: f64,
    file: &'a str,
    /// The command that shows the hash again.
    check: String,
}

/// One bar of the timeline.
struct Bar {
    x: f64,
    width: f64,
    /// Answers that AWS's log shows, other answers by Bedrock, answers by others: height and upper edge of each.
    joined: (f64, f64),
    bedrock: (f64, f64),
    others: (f64, f64),
    title: String,
}

/// The page of a document; `file` is the name of the file that holds the document.
///
/// # Errors
/// The template cannot be rendered: a defect of ours.
pub fn html(document: &Value, file: &str) -> Result<String, askama::Error> {
    let (bars, most) = bars(&document["timeline"]);
    let check = format!("jq -cSj 'del(.sha256)' {} | sha256sum", quote(Syntax::Posix, file));
    Page { document: Node(document), bars, most, height: HEIGHT, file, check }.render()
}

/// A value of the document, read by the template.
#[derive(Clone, Copy)]
struct Node<'a>(&'a Value);

impl<'a> Node<'a> {
    /// The member of this name, or nothing.
    fn at(&self, name: &str) -> Node<'a> {
        Node(&self.0[name])
    }

    /// A text, a number, or nothing, as text.
    fn text(&self) -> String {
        match self.0 {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// A text without the marks that set commands off on a terminal.
    fn prose(&self) -> String {
        self.text().replace('`', "")
    }

    /// A text, or what stands for none.
    fn or(&self, none: &str) -> String {
        Some(self.text()).filter(|text| !text.is_empty()).unwrap_or_else(|| none.to_owned())
    }

    /// Values of a list as text.
    fn joined(&self) -> String {
        self.0.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Whether a line says something that has a weight.
    fn weighs(&self) -> bool {
        matches!(self.0.as_str(), Some("supports" | "contradicts"))
    }

    /// A number, or a dash where nobody could be asked.
    fn or_dash(&self) -> String {
        if self.0.is_null() { "–".to_owned() } else { self.text() }
    }

    /// The first of a list.
    fn first(&self) -> Vec<Node<'a>> {
        self.0.as_array().into_iter().flatten().take(ROWS).map(Node).collect()
    }

    /// How many rows of a list the page leaves out.
    fn left_out(&self) -> usize {
        self.0.as_array().map_or(0, |rows| rows.len().saturating_sub(ROWS))
    }

    fn is_some(&self) -> bool {
        match self.0 {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            _ => true,
        }
    }

    /// A moment without its fraction of a second.
    fn moment(&self) -> String {
        let text = self.text();
        let (time, _) = text.split_once('.').unwrap_or((text.trim_end_matches('Z'), ""));
        format!("{} UTC", time.replace('T', " "))
    }

    /// The name of a line as a head.
    fn head(&self) -> &'static str {
        match Method::ALL.into_iter().find(|method| Some(method.name()) == self.0.as_str()) {
            Some(Method::Configuration) => "Configuration",
            Some(Method::Sessions) => "Running sessions",
            Some(Method::Transcripts) => "Transcripts on this machine",
            Some(Method::CloudTrail) => "AWS CloudTrail",
            Some(Method::CloudWatch) => "Amazon CloudWatch",
            Some(Method::CostExplorer) => "AWS Cost Explorer",
            Some(Method::Anthropic) => "Anthropic’s side",
            None => "",
        }
    }

    /// A status in words.
    fn status(&self) -> &'static str {
        match self.0.as_str() {
            Some("supports") => "supports",
            Some("contradicts") => "contradicts",
            Some("silent") => "says nothing",
            Some("could-not-ask") => "could not be asked",
            _ => "not asked",
        }
    }
}

fn bars(timeline: &Value) -> (Vec<Bar>, u64) {
    let counts = |name: &str| -> Vec<u64> {
        timeline[name].as_array().into_iter().flatten().map(|count| count.as_u64().unwrap_or_default()).collect()
    };
    let (joined, bedrock, others) = (counts("joined"), counts("bedrock"), counts("others"));
    let at = |list: &[u64], place: usize| list.get(place).copied().unwrap_or_default();
    // Answers that AWS's log shows are answers by Bedrock too: the rest stands on top of them.
    let parts = |place: usize| {
        let joined = at(&joined, place);
        (joined, at(&bedrock, place).saturating_sub(joined), at(&others, place))
    };
    let most = (0..bedrock.len())
        .map(|place| {
            let (a, b, c) = parts(place);
            a + b + c
        })
        .max()
        .unwrap_or_default()
        .max(1);
    let step = WIDTH / bedrock.len().max(1) as f64;
    let bar = |place: usize| {
        let (in_log, rest, elsewhere) = parts(place);
        let size = |count: u64| HEIGHT * count as f64 / most as f64;
        let first = (size(in_log), HEIGHT - size(in_log));
        let second = (size(rest), first.1 - size(rest));
        let third = (size(elsewhere), second.1 - size(elsewhere));
        let title = format!("{in_log} in AWS’s log, {rest} more by Bedrock, {elsewhere} by others");
        Bar {
            x: step * place as f64,
            width: (step - 2.0).max(1.0),
            joined: first,
            bedrock: second,
            others: third,
            title,
        }
    };
    ((0..bedrock.len()).map(bar).collect(), most)
}
