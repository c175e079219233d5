//! The table of client versions that are known to fail, `src/data/known-bad-versions.json`, and which rows hold here.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, de};

use super::versions::model_family;
use crate::diagnose::{Case, Severity, local};
use crate::observe::settings::{Scope, Settings};
use crate::resolve::{CredentialKind, Model, ProfileRoute, Role, Source};
use crate::variables;
use crate::version::Version;

/// One range of versions, and what fails there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The first version of the range.
    #[serde(deserialize_with = "version")]
    pub from: Version,
    /// The first version after it.
    #[serde(deserialize_with = "version")]
    pub to: Version,
    /// Which client it is about.
    pub surface: Surface,
    /// What must hold of the setup, all of it.
    when: Vec<When>,
    /// The models that `when` asks for.
    #[serde(default)]
    models: Vec<String>,
    /// The condition in words.
    pub applies_when: String,
    /// What people see.
    pub symptom: String,
    /// What it does.
    pub effect: String,
    /// What helps.
    pub fix: String,
    /// How bad it is.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// Where this is known from.
    pub source: String,
}

/// A client: that of a terminal, or that in an editor's extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Surface {
    /// `claude` in a terminal.
    Cli,
    /// The extension of VS Code and its relatives.
    Vscode,
}

/// Something about a setup that a row asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    /// Nothing chooses the main model.
    MainUnpinned,
    /// `ANTHROPIC_MODEL` is set.
    SessionModel,
    /// A tier resolves to one of the row's models.
    Models,
    /// The main model is one of the row's.
    MainModel,
    /// A pin, or the settings' `model`, ends in `[1m]`.
    LongContextSuffix,
    /// As above, and it is opus.
    LongContextOpus,
    /// A pin is the ARN of an application profile.
    ApplicationProfile,
    /// `awsAuthRefresh` is set.
    AuthRefresh,
    /// `awsCredentialExport` is set.
    CredentialExport,
    /// Other credentials are there beside those in use.
    OtherCredentials,
    /// The credentials in use end within a day.
    ShortLivedCredentials,
    /// The base URL names another host than one of AWS's.
    Gateway,
    /// `CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS` is on.
    BetasDisabled,
    /// It is not.
    BetasNotDisabled,
    /// MCP servers are configured for this user.
    Mcp,
    /// `CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING` is on.
    FineGrainedStreaming,
    /// A Bedrock API key is used, or nothing is signed.
    BearerTokenOrUnsigned,
    /// The region is none of the United States.
    RegionOutsideUs,
    /// The settings' `model` is an id of the United States.
    UsModelInSettings,
    /// `ENABLE_PROMPT_CACHING_1H` is on.
    OneHourCache,
    /// Managed settings force a login.
    ManagedForcedLogin,
    /// `CI` is true and there is no key of Anthropic's.
    CiWithoutKey,
    /// A proxy is set.
    Proxy,
    /// The profile in use signs in by IAM Identity Center.
    Sso,
    /// As above, in another region than that of the calls.
    SsoInOtherRegion,
    /// A container gives the credentials.
    ContainerCredentials,
}

#[derive(Deserialize)]
struct File {
    rows: Vec<Row>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Vec<Row>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../../data/known-bad-versions.json"))?;
    Ok(file.rows)
}

/// The rows that hold for a client of this version in this setup, the worst first.
pub fn rows(case: &Case<'_>, surface: Surface, version: Version) -> Vec<&'static Row> {
    let in_range = ROWS.iter().filter(|row| row.surface == surface && row.from <= version && version < row.to);
    let mut rows: Vec<&Row> = in_range.filter(|row| row.when.iter().all(|when| holds(case, row, *when))).collect();
    rows.sort_by_key(|row| row.severity);
    rows
}

fn holds(case: &Case<'_>, row: &Row, when: When) -> bool {
    let route = case.route;
    let on = |name: &str| route.value(name).is_some_and(variables::is_truthy);
    let of_row =
        |model: &&Model| model_family(&model.id).is_some_and(|family| row.models.iter().any(|own| own == family));
    let main = || case.models.iter().find(|model| model.role == Role::Main);
    let sso_region = match &route.credentials.kind {
        CredentialKind::Profile { leads_to: ProfileRoute::Sso { region, .. }, .. } => Some(region),
        _ => None,
    };
    match when {
        When::MainUnpinned => main().is_some_and(|model| model.source == Source::ClientDefault),
        When::SessionModel => route.value(variables::MODEL).is_some(),
        When::Models => case.models.iter().any(|model| of_row(&model)),
        When::MainModel => main().filter(of_row).is_some(),
        When::LongContextSuffix => long_context(case, ""),
        When::LongContextOpus => long_context(case, "opus"),
        When::ApplicationProfile => {
            case.models.iter().any(|model| model.id.contains(":application-inference-profile/"))
        }
        When::AuthRefresh => in_settings(case, |settings| settings.aws_auth_refresh.is_some()),
        When::CredentialExport => in_settings(case, |settings| settings.aws_credential_export.is_some()),
        When::OtherCredentials => !route.credentials.hidden.is_empty(),
        When::ShortLivedCredentials => {
            let expires = case.answers.credentials.got().and_then(|obtained| obtained.expires);
            expires.is_some_and(|end| end.duration_since(case.machine.now) < jiff::SignedDuration::from_hours(24))
        }
        When::Gateway => route.value(variables::BASE_URL).is_some_and(|url| !local::is_aws_host(local::host(url))),
        When::BetasDisabled => on("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"),
        When::BetasNotDisabled => !on("CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"),
        When::Mcp => in_settings(case, |settings| settings.keys.contains_key("mcpServers")),
        When::FineGrainedStreaming => on("CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING"),
        When::BearerTokenOrUnsigned => {
            matches!(route.credentials.kind, CredentialKind::BearerToken | CredentialKind::Skipped)
        }
        When::RegionOutsideUs => !route.region.name.starts_with("us-"),
        When::UsModelInSettings => {
            in_settings(case, |settings| settings.model.as_deref().is_some_and(|model| model.starts_with("us.")))
        }
        When::OneHourCache => on("ENABLE_PROMPT_CACHING_1H") || on("ENABLE_PROMPT_CACHING_1H_BEDROCK"),
        When::ManagedForcedLogin => case.machine.settings.iter().any(|file| {
            file.scope == Scope::Managed
                && file.settings().is_some_and(|settings| {
                    ["forceLoginMethod", "forceLoginOrgUUID"].iter().any(|key| settings.keys.contains_key(*key))
                })
        }),
        When::CiWithoutKey => on("CI") && route.value("ANTHROPIC_API_KEY").is_none(),
        When::Proxy => route.value("HTTPS_PROXY").or(route.value("https_proxy")).is_some(),
        When::Sso => sso_region.is_some(),
        When::SsoInOtherRegion => sso_region.is_some_and(|region| *region != route.region.name),
        When::ContainerCredentials => matches!(route.credentials.kind, CredentialKind::Container { .. }),
    }
}

fn in_settings(case: &Case<'_>, read: impl Fn(&Settings) -> bool) -> bool {
    case.machine.settings.iter().any(|file| file.settings().is_some_and(&read))
}

/// A pin or the settings' `model` asks for the long context of a model with this word in its name.
fn long_context(case: &Case<'_>, word: &str) -> bool {
    let asks = |text: &str| text.trim().to_ascii_lowercase().ends_with("[1m]") && text.contains(word);
    let pins = [variables::MODEL, variables::OPUS_MODEL, variables::SONNET_MODEL, variables::HAIKU_MODEL];
    pins.iter().any(|name| case.route.value(name).is_some_and(asks))
        || in_settings(case, |settings| settings.model.as_deref().is_some_and(asks))
}

fn version<'de, D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
    let text = String::deserialize(from)?;
    if text == "0" {
        return Ok(Version(0, 0, 0));
    }
    text.parse().map_err(|()| de::Error::custom(format!("{text} is not a version")))
}

fn severity<'de, D: Deserializer<'de>>(from: D) -> Result<Severity, D::Error> {
    match String::deserialize(from)?.as_str() {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "note" => Ok(Severity::Note),
        other => Err(de::Error::custom(format!("{other} is no severity"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_every_row_has_a_source() {
        let rows = read().expect("the table reads");
        assert!(rows.len() >= 30);
        for row in &rows {
            assert!(row.source.starts_with("https://") && row.from < row.to, "{row:?}");
            let asks = row.when.iter().any(|when| matches!(when, When::Models | When::MainModel));
            assert_eq!(asks, !row.models.is_empty(), "{row:?}");
        }
    }
}
