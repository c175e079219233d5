//! The table of first versions, `src/data/client-versions.json`.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, de};

use crate::version::Version;

/// One feature and the first client that has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The feature in words.
    pub feature: String,
    /// What shows that a setup uses it.
    pub seen: Seen,
    /// The first version that has it.
    #[serde(deserialize_with = "version")]
    pub least_version: Version,
    /// What an older client does.
    pub without_it: String,
    /// Where this is known from.
    pub source: String,
}

/// What shows that a setup uses a feature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// Every setup uses it.
    Any,
    /// The route authenticates with a Bedrock API key.
    BearerToken,
    /// `awsAuthRefresh` or `awsCredentialExport` is set.
    CredentialHelper,
    /// The route's profile has `login_session`.
    LoginSession,
    /// `ANTHROPIC_BEDROCK_BASE_URL` is set.
    BaseUrl,
    /// `modelOverrides` is set.
    ModelOverrides,
    /// `ENABLE_PROMPT_CACHING_1H` is on.
    OneHourCache,
    /// `permissions.defaultMode` is `auto`.
    AutoMode,
    /// The region comes from the AWS files alone.
    RegionInAwsFiles,
    /// A GovCloud region with a tier that is not pinned.
    GovCloudUnpinned,
    /// `ANTHROPIC_BEDROCK_REGION_PREFIX` is set.
    RegionPrefix,
    /// A proxy, an SSO profile and `awsAuthRefresh` together.
    SsoThroughProxy,
    /// A tier is pinned to a model of this family and version (`opus-4-8`).
    Model(String),
}

#[derive(Deserialize)]
struct File {
    least_versions: Vec<Row>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| read().unwrap_or_default());

/// All rows. The file is part of the program; a test reads it.
pub fn rows() -> &'static [Row] {
    &ROWS
}

fn read() -> Result<Vec<Row>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../../data/client-versions.json"))?;
    Ok(file.least_versions)
}

fn version<'de, D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|()| de::Error::custom(format!("{text} is not a version")))
}

/// Family and version of a Claude model in an id or ARN: `opus-4-8` of `us.anthropic.claude-opus-4-8-20260101-v1:0`.
pub fn model_family(id: &str) -> Option<&str> {
    let (_, name) = id.rsplit_once("claude-")?;
    let end = ["-v1", "-v2", "["].into_iter().filter_map(|end| name.find(end)).min().unwrap_or(name.len());
    let name = &name[..end];
    let dated =
        name.rsplit_once('-').filter(|(_, date)| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()));
    Some(dated.map_or(name, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_every_row_has_a_source() {
        let rows = read().expect("the table reads");
        assert!(rows.len() > 15);
        assert!(rows.iter().all(|row| row.source.starts_with("https://")));
    }

    #[test]
    fn families_of_models() {
        assert_eq!(model_family("us.anthropic.claude-opus-4-8"), Some("opus-4-8"));
        assert_eq!(model_family("anthropic.claude-sonnet-4-5-20250929-v1:0"), Some("sonnet-4-5"));
        assert_eq!(model_family("global.anthropic.claude-sonnet-5[1m]"), Some("sonnet-5"));
        assert_eq!(
            model_family("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5-20260801-v1:0"),
            Some("opus-5")
        );
        assert_eq!(model_family("arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/a1b2"), None);
    }
}
