//! `variable-of-another-tool`: a variable of another tool stands where Claude Code reads another name.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, look, words};
use crate::resolve::{Provider, Source};
use crate::variables;

/// A name, the name that Claude Code reads in its place, whose it is, and where that is known from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    reads: String,
    of: String,
    source: String,
}

#[derive(Deserialize)]
struct File {
    names: Vec<Row>,
}

/// The table; it is part of the program, and a test reads it.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Vec<Row>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../../data/other-tools.json"))?;
    Ok(file.names)
}

/// A variable of another tool stands where Claude Code reads another name.
pub const KIND: Kind = Kind {
    name: "variable-of-another-tool",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "A variable of another tool stands where Claude Code reads another name",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Region, profile, key or private endpoint are set, other tools follow, and Claude Code goes to another account, to `us-east-1`, or to the public host; or it has no credentials (`Could not load credentials from any providers`).

## Why

Each tool has names of its own. Claude Code reads `AWS_PROFILE`, not `AWS_DEFAULT_PROFILE`; `AWS_REGION`, not `AWS_REGION_NAME` or
`BEDROCK_AWS_REGION`, `BEDROCK_REGION` or `AWS_BEDROCK_REGION`; `AWS_BEARER_TOKEN_BEDROCK`, not `AWS_BEDROCK_API_KEY` or `BEDROCK_API_KEY`; `AWS_ACCESS_KEY_ID`
and `AWS_SECRET_ACCESS_KEY`, not `AWS_ACCESS_KEY`, `AWS_SECRET_KEY` or `BEDROCK_AWS_ACCESS_KEY_ID`; `ANTHROPIC_BEDROCK_BASE_URL`, not `ANTHROPIC_BEDROCK_ENDPOINT_URL`, `BEDROCK_BASE_URL` or `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`.

## Fix

Set the name that Claude Code reads to the same value:

    export AWS_PROFILE=\"$AWS_DEFAULT_PROFILE\"

## Check

`bedrockup why` shows the value under the right name.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let mut all = Vec::new();
    for row in ROWS.iter() {
        let Some(value) = local::in_effect(case, &row.name) else { continue };
        let right_is_set = match row.reads.as_str() {
            variables::REGION => !matches!(case.route.region.source, Source::ClientDefault | Source::AwsFile { .. }),
            name => case.route.value(name).is_some(),
        };
        let same = match row.reads.as_str() {
            variables::REGION => value.trim().eq_ignore_ascii_case(&case.route.region.name),
            variables::PROFILE => value == case.route.profile,
            _ => local::host(value).eq_ignore_ascii_case(local::host(&case.route.endpoints.runtime)),
        };
        // Keys of another tool matter where this client has none.
        let is_key = CREDENTIALS.contains(&row.reads.as_str());
        if right_is_set || same || (is_key && look::obtained(case)) {
            continue;
        }
        let source = local::source(case, &row.name);
        let place = source.as_ref().map_or_else(|| "environment".to_owned(), |source| words::source(case, source));
        let shown = if is_key { "…".to_owned() } else { without_user(value) };
        let mut found = Found::new(format!(
            "{} is a variable of {}; Claude Code reads {}.",
            row.name, row.of, row.reads
        ))
        .evidence(place.clone(), format!("{} is `{shown}`, and {} is not set ({})", row.name, row.reads, row.source));
        if row.reads == variables::REGION && matches!(case.route.region.source, Source::AwsFile { .. }) {
            // The AWS files name a region: the other tool may well be meant to go elsewhere.
            found = found.severity(Severity::Note);
        }
        found = match source {
            Some(Source::Settings { scope, place: at }) => found.fix(hand::edit_settings(
                case,
                format!("Rename `{}` to `{}` in {place}.", row.name, row.reads),
                scope,
                &at.path,
                at.line,
            )),
            _ if is_key => found
                .fix(Fix::words(Who::You, format!("Rename {} to {} where it is set ({place}).", row.name, row.reads))),
            _ => found.fix(Fix::command(
                format!("Set {} to the same value, here and where {} is set.", row.reads, row.name),
                words::export(case, &row.reads, &shown),
            )),
        };
        all.push(consequences(&row.reads).iter().fold(found, |found, name| found.explains(name)));
    }
    all
}

/// Names that hold keys: their values are neither compared nor shown.
const CREDENTIALS: [&str; 3] = [variables::BEARER_TOKEN, variables::ACCESS_KEY_ID, variables::SECRET_ACCESS_KEY];

/// What follows where the right name is not set.
fn consequences(name: &str) -> &'static [&'static str] {
    match name {
        variables::REGION => &["region-missing", "region-only-implied"],
        variables::PROFILE => &["no-credentials", "wrong-account"],
        name if CREDENTIALS.contains(&name) => &["no-credentials", "imds-unreachable"],
        _ => &["dns-failed", "no-answer", "connection-refused"],
    }
}

/// A URL without user and password; other values as they are.
fn without_user(value: &str) -> String {
    match (value.split_once("://"), value.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::variables;

    #[test]
    fn the_table_is_whole() {
        let rows = super::read().expect("the table reads");
        assert!(rows.len() >= 7);
        assert!(
            rows.iter()
                .all(|row| row.source.starts_with("https://") && variables::ROUTING.contains(&row.reads.as_str()))
        );
    }

    #[test]
    fn a_private_endpoint_under_another_name() {
        let mut scene = Scene::healthy();
        let url = "https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com";
        scene.settings_env(Scope::User, &[("ANTHROPIC_BEDROCK_ENDPOINT_URL", url)]);
        let finding = scene.expect_first("variable-of-another-tool");
        assert!(finding.fixes[0].text.contains("to `ANTHROPIC_BEDROCK_BASE_URL`"), "{finding:?}");
        scene.set(variables::BASE_URL, url);
        scene.expect_absent("variable-of-another-tool");
    }

    #[test]
    fn the_profile_of_the_cli() {
        let mut scene = Scene::healthy();
        scene.set("AWS_DEFAULT_PROFILE", "work");
        let finding = scene.expect_first("variable-of-another-tool");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_PROFILE=work"));
    }

    #[test]
    fn a_key_under_another_name_matters_where_there_is_no_other() {
        let mut scene = Scene::healthy();
        scene.set("BEDROCK_API_KEY", "ABSKhidden-value");
        scene.expect_absent("variable-of-another-tool");
        scene.forget_profiles();
        scene.set("AWS_EC2_METADATA_DISABLED", "true");
        scene.without_credentials(None);
        let finding = scene.expect_first("variable-of-another-tool");
        assert!(!format!("{finding:?}").contains("hidden-value"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("AWS_BEARER_TOKEN_BEDROCK"), "{finding:?}");
        assert_eq!(scene.expect("no-credentials").because_of, Some("variable-of-another-tool"));
    }

    #[test]
    fn a_region_beside_that_of_the_aws_files_is_a_note() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.unset(variables::REGION);
        scene.set(variables::USE_BEDROCK, "1");
        scene.set("AWS_REGION_NAME", "eu-west-1");
        let profile = scene.machine.aws.profiles.get_mut("default").expect("the scene has it");
        profile.properties.insert("region".to_owned(), "us-east-1".to_owned());
        assert_eq!(scene.expect("variable-of-another-tool").severity, Severity::Note);
    }

    #[test]
    fn the_same_value_or_the_right_name_beside_it_is_well() {
        let mut scene = Scene::healthy();
        scene.set("AWS_DEFAULT_PROFILE", "default");
        scene.set("AWS_REGION_NAME", "eu-west-1");
        scene.set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://bedrock-runtime.us-east-1.amazonaws.com");
        scene.expect_absent("variable-of-another-tool");
        Scene::healthy().expect_absent("variable-of-another-tool");
    }
}
