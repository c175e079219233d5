//! `output-limit-above-model`: more output tokens are asked for than the model gives.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, look, words};
use crate::resolve::data::{Gate, gate};
use crate::resolve::{self, Model, Provider, Source};

const NAME: &str = "CLAUDE_CODE_MAX_OUTPUT_TOKENS";

/// More output tokens are asked for than the model gives.
pub const KIND: Kind = Kind {
    name: "output-limit-above-model",
    layer: Layer::Settings,
    severity: Severity::Error,
    title: "More output tokens are asked for than the model gives",
    page: PAGE,
    owns: &["aws-refused"],
    detect,
};

const PAGE: &str = "\
## What you see

`API Error: 400 The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.`

## Why

`CLAUDE_CODE_MAX_OUTPUT_TOKENS` is above what the pinned model gives. Claude Code lowers the value to the limit of a model that it knows; it does not
know the model behind the ARN of an application profile, and for a few old models it takes a number that Bedrock does not.

## Fix

    export CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192

with the limit of the message, or pin a newer model.

## Check

`bedrockup doctor` no longer names this finding.
";

#[derive(Deserialize)]
struct Row {
    model: String,
    limit: u64,
    sends: Option<u64>,
}

#[derive(Deserialize)]
struct Unknown {
    sends: u64,
}

#[derive(Deserialize)]
struct Table {
    unknown_model: Unknown,
    models: Vec<Row>,
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| table().ok());

fn table() -> Result<Table, serde_json::Error> {
    serde_json::from_str(include_str!("../../data/output-limits.json"))
}

fn detect(case: &Case<'_>) -> Vec<Found> {
    let value = local::in_effect(case, NAME).and_then(|value| value.trim().parse::<u64>().ok());
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    // Several roles may have one model.
    let pinned: BTreeMap<&str, &Model> =
        case.models.iter().filter(|model| model.pinned_by.is_some()).map(|model| (model.id.as_str(), model)).collect();
    let found = pinned.values().filter_map(|model| refused(case, model, value).or_else(|| above(case, model, value?)));
    let (errors, notes): (Vec<Found>, Vec<Found>) = found.partition(|found| found.severity.is_none());
    if errors.is_empty() { notes.into_iter().take(1).collect() } else { Found::together(errors) }
}

/// AWS itself said it.
fn refused(case: &Case<'_>, model: &Model, value: Option<u64>) -> Option<Found> {
    let refusals = look::refused(case);
    let refused = refusals.into_iter().find(|refused| refused.model.id == model.id)?;
    let limit = told_limit(&refused.refusal.message).filter(|_| refused.refusal.status == 400)?;
    let found = Found::new(format!("{} gives at most {limit} output tokens, and more are asked for.", model.id));
    Some(with_fixes(case, look::with_models(found, &[refused]), value, limit))
}

/// `… exceeds the model limit of 8192. …`
fn told_limit(message: &str) -> Option<u64> {
    let (before, after) = message.split_once("model limit of ")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    before.contains("maximum tokens").then(|| digits.parse().ok())?
}

/// The table knows a limit below the value.
fn above(case: &Case<'_>, model: &Model, value: u64) -> Option<Found> {
    let table = TABLE.as_ref()?;
    let behind = case.answers.model(&model.id).and_then(|answers| answers.profile.got());
    let behind = behind.and_then(|profile| profile.model_arns.first()).map_or(model.id.as_str(), String::as_str);
    let row = table.models.iter().find(|row| behind.contains(&row.model))?;
    if value <= row.limit {
        return None;
    }
    let lowers = resolve::client_version(case.machine) >= gate(Gate::LowersOutputLimit);
    let known = model.id.contains("claude-");
    let sent = match (lowers, known) {
        (false, _) => value,
        (true, true) => value.min(row.sends.unwrap_or(row.limit)),
        (true, false) => value.min(table.unknown_model.sends),
    };
    if sent <= row.limit {
        let summary = format!("{NAME} is {value}, and Claude Code lowers it to {} for {}.", row.limit, model.id);
        return Some(Found::new(summary).severity(Severity::Note));
    }
    let found = Found::new(format!("{NAME} is {value}, and {} gives at most {} output tokens.", model.id, row.limit))
        .evidence(pin(case, model), format!("{behind}: {} tokens; Claude Code asks for {sent}", row.limit));
    Some(with_fixes(case, found, Some(value), row.limit))
}

fn pin(case: &Case<'_>, model: &Model) -> String {
    match (&model.source, model.pinned_by) {
        (Source::ClientDefault, _) | (_, None) => model.role.name().to_owned(),
        (source, Some(name)) => format!("{name}, {}", words::source(case, source)),
    }
}

fn with_fixes(case: &Case<'_>, mut found: Found, value: Option<u64>, limit: u64) -> Found {
    let lower = format!("Lower {NAME} to {limit}, or unset it");
    let source = local::source(case, NAME);
    if let (Some(value), Some(source)) = (value, &source) {
        found = found.evidence(words::source(case, source), format!("{NAME} is {value}"));
    }
    found = match source {
        Some(Source::Settings { scope, place }) => {
            let text = format!("{lower}, in {}.", words::place(case, &place));
            found.fix(hand::edit_settings(case, text, scope, &place.path, place.line))
        }
        source => {
            let at = source.map(|source| format!(" ({})", words::source(case, &source))).unwrap_or_default();
            found.fix(Fix::command(format!("{lower}{at}."), words::export(case, NAME, &limit.to_string())))
        }
    };
    found.fix(Fix::words(Who::You, "Or pin a newer model (`bedrockup models` lists them)."))
}

#[cfg(test)]
mod tests {
    use super::{NAME, table, told_limit};
    use crate::aws::answer::{Answer, ModelReply};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::*;
    use crate::variables;
    use crate::version::Version;

    const OLD: &str = "us.anthropic.claude-3-5-sonnet-20241022-v2:0";
    const ARN: &str = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abcdef123456";

    fn pinned(id: &str, value: &str) -> Scene {
        let mut scene = Scene::healthy();
        scene.configure(variables::SONNET_MODEL, id);
        scene.set(NAME, value);
        scene.model(SONNET).id = id.to_owned();
        scene.answers.profiles = Answer::NotAsked("not asked".to_owned());
        scene
    }

    #[test]
    fn the_words_of_aws() {
        let mut scene = pinned(OLD, "32000");
        let words = "The maximum tokens you requested exceeds the model limit of 8192. Try again with a maximum tokens value that is lower than 8192.";
        let refused = Answer::Refused(refusal(400, "ValidationException", words));
        scene.model(OLD).stream = refused.clone();
        scene.model(OLD).invoke = Answer::<ModelReply>::Refused(refused.refused().expect("it is one").clone());
        let finding = scene.expect_first("output-limit-above-model");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192"));
        assert_eq!(told_limit("The maximum tokens you requested exceed the model limit of 4096. Try"), Some(4096));
        assert_eq!(told_limit("Too many tokens"), None);
    }

    #[test]
    fn what_the_client_lowers_by_itself_is_a_note() {
        let scene = pinned(OLD, "32000");
        assert_eq!(scene.expect("output-limit-above-model").severity, Severity::Note);
        let mut scene = pinned(OLD, "32000");
        scene.client(Version(2, 0, 10));
        assert_eq!(scene.expect("output-limit-above-model").severity, Severity::Error);
        let scene = pinned("us.anthropic.claude-3-5-sonnet-20240620-v1:0", "32000");
        assert_eq!(scene.expect("output-limit-above-model").severity, Severity::Error);
    }

    #[test]
    fn a_model_behind_an_arn_is_not_known_to_the_client() {
        let mut scene = pinned(ARN, "100000");
        scene.unset(variables::HAIKU_MODEL);
        scene.forget_block();
        scene.expect_absent("output-limit-above-model");
        let mut profile = listed(SONNET);
        profile.model_arns = vec![format!("arn:aws:bedrock:us-east-1::foundation-model/{}", &SONNET[3..])];
        scene.model(ARN).profile = Answer::Got(profile);
        let finding = scene.expect("output-limit-above-model");
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.summary.contains("64000"), "{finding:?}");
    }

    #[test]
    fn values_that_every_pinned_model_takes() {
        let mut scene = Scene::healthy();
        for value in ["64000", "32000", "", "many"] {
            scene.set(NAME, value);
            scene.expect_absent("output-limit-above-model");
        }
        Scene::healthy().expect_absent("output-limit-above-model");
    }

    #[test]
    fn the_table_reads_and_every_row_has_its_limit() {
        let table = table().expect("the table reads");
        assert!(table.models.len() > 15 && table.models.iter().all(|row| row.limit >= 4096));
    }
}
