//! The dated tables that are compiled in: defaults of client versions, regions.

mod regions;

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

pub use self::regions::{Claude, RegionRow, dns_suffix, neighbours, region, regions};
use crate::version::Version;

/// One range of client versions and its default models.
#[derive(Debug, Deserialize)]
pub struct Defaults {
    /// First version of the range.
    #[serde(deserialize_with = "version")]
    from: Version,
    /// First version after the range; `None` for the present one.
    #[serde(default, deserialize_with = "optional_version")]
    to: Option<Version>,
    /// The tier of new sessions: `opus` or `sonnet`.
    pub main: String,
    /// Model id of the tier, without prefix.
    pub opus: String,
    /// As above.
    pub sonnet: String,
    /// As above.
    pub haiku: String,
    /// As above.
    pub fable: String,
}

/// What the tiers stand for where Mantle is alone.
#[derive(Debug, Deserialize)]
pub struct MantleDefaults {
    /// Id of the tier, as it is sent.
    pub opus: String,
    /// As above.
    pub sonnet: String,
    /// As above.
    pub haiku: String,
    /// As above.
    pub fable: String,
}

/// How a region's name leads to the prefix of a profile id.
#[derive(Debug, Deserialize)]
struct PrefixRule {
    region: String,
    prefix: String,
    #[serde(deserialize_with = "version")]
    from: Version,
}

#[derive(Debug, Deserialize)]
struct ModelName {
    first_party: String,
    bedrock: String,
}

#[derive(Debug, Deserialize)]
struct GateRow {
    #[serde(deserialize_with = "version")]
    version: Version,
}

#[derive(Debug, Deserialize)]
struct Gates {
    switch_words: GateRow,
    one_base_url_for_both_hosts: GateRow,
    model_overrides: GateRow,
    region_from_aws_files: GateRow,
    first_party_names: GateRow,
    region_prefix_variable: GateRow,
    region_shape_test: GateRow,
    default_model_variable: GateRow,
    flat_credential_export: GateRow,
    auth_check_finds_region: GateRow,
    auth_check_through_proxy: GateRow,
    env_takes_numbers: GateRow,
    lowers_output_limit: GateRow,
    system_roots: GateRow,
    ca_file_from_settings: GateRow,
    ca_file_of_the_system: GateRow,
    sign_in_by_proxy: GateRow,
    known_profile_arns: GateRow,
}

#[derive(Debug, Deserialize)]
struct Range {
    #[serde(deserialize_with = "version")]
    from: Version,
    #[serde(deserialize_with = "version")]
    to: Version,
}

#[derive(Debug, Deserialize)]
struct FixedPrefix {
    #[serde(deserialize_with = "version")]
    to: Version,
    prefix: String,
}

#[derive(Debug, Deserialize)]
struct ClientTable {
    #[serde(deserialize_with = "version")]
    present: Version,
    gates: Gates,
    fixed_small_model: FixedPrefix,
    global_by_default: Range,
    long_context_suffix_sent: Range,
    defaults: Vec<Defaults>,
    mantle: MantleDefaults,
    prefixes: Vec<PrefixRule>,
    models: Vec<ModelName>,
}

/// What changed with a client version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Four words switch on; before, every non-empty value.
    SwitchWords,
    /// The base URL moves the control plane too.
    OneBaseUrlForBothHosts,
    /// `modelOverrides` is read.
    ModelOverrides,
    /// The region of the AWS files is read.
    RegionFromAwsFiles,
    /// First-party model names are mapped.
    FirstPartyNames,
    /// `ANTHROPIC_BEDROCK_REGION_PREFIX` is read.
    RegionPrefixVariable,
    /// Values not shaped like a region are skipped.
    RegionShapeTest,
    /// `ANTHROPIC_DEFAULT_MODEL` is read.
    DefaultModelVariable,
    /// `awsCredentialExport` may print its keys without the wrapping `Credentials`.
    FlatCredentialExport,
    /// The check before `awsAuthRefresh` finds its region without `AWS_REGION`.
    AuthCheckFindsRegion,
    /// The check before `awsAuthRefresh` goes through the proxy.
    AuthCheckThroughProxy,
    /// A number or boolean in an `env` block is taken.
    EnvTakesNumbers,
    /// `CLAUDE_CODE_MAX_OUTPUT_TOKENS` is lowered to what a known model takes.
    LowersOutputLimit,
    /// The system's roots are trusted.
    SystemRoots,
    /// `NODE_EXTRA_CA_CERTS` counts in the settings too.
    CaFileFromSettings,
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` are read.
    CaFileOfTheSystem,
    /// Credentials of a profile are asked for through the proxy.
    SignInByProxy,
    /// Effort and thinking are right for the ARN of an application profile.
    KnownProfileArns,
}

// Compiled-in text: a mistake in it is a defect of ours that the first test of this room shows.
#[expect(clippy::expect_used, reason = "the file is compiled in; a test parses it")]
static CLIENT: LazyLock<ClientTable> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/client-defaults.json")).expect("client-defaults.json"));

/// The client version that the rules of this room were measured with.
pub fn present_client() -> Version {
    CLIENT.present
}

/// The version from which on a rule holds.
pub fn gate(gate: Gate) -> Version {
    let gates = &CLIENT.gates;
    match gate {
        Gate::SwitchWords => &gates.switch_words,
        Gate::OneBaseUrlForBothHosts => &gates.one_base_url_for_both_hosts,
        Gate::ModelOverrides => &gates.model_overrides,
        Gate::RegionFromAwsFiles => &gates.region_from_aws_files,
        Gate::FirstPartyNames => &gates.first_party_names,
        Gate::RegionPrefixVariable => &gates.region_prefix_variable,
        Gate::RegionShapeTest => &gates.region_shape_test,
        Gate::DefaultModelVariable => &gates.default_model_variable,
        Gate::FlatCredentialExport => &gates.flat_credential_export,
        Gate::AuthCheckFindsRegion => &gates.auth_check_finds_region,
        Gate::AuthCheckThroughProxy => &gates.auth_check_through_proxy,
        Gate::EnvTakesNumbers => &gates.env_takes_numbers,
        Gate::LowersOutputLimit => &gates.lowers_output_limit,
        Gate::SystemRoots => &gates.system_roots,
        Gate::CaFileFromSettings => &gates.ca_file_from_settings,
        Gate::CaFileOfTheSystem => &gates.ca_file_of_the_system,
        Gate::SignInByProxy => &gates.sign_in_by_proxy,
        Gate::KnownProfileArns => &gates.known_profile_arns,
    }
    .version
}

/// The default models of a version; a version newer than the table has the newest row.
pub fn defaults(version: Version) -> &'static Defaults {
    let rows = &CLIENT.defaults;
    rows.iter().find(|row| row.from <= version && row.to.is_none_or(|to| version < to)).unwrap_or(&rows[rows.len() - 1])
}

impl Defaults {
    /// Model id of the tier of new sessions, without prefix.
    pub fn main_id(&self) -> &str {
        if self.main == "sonnet" { &self.sonnet } else { &self.opus }
    }
}

/// The main model that a version takes by default, without prefix.
pub fn main_default(version: Version) -> &'static str {
    defaults(version).main_id()
}

/// The main models that versions take or took by default, without prefix, the oldest first.
pub fn main_defaults() -> impl Iterator<Item = &'static str> {
    CLIENT.defaults.iter().map(Defaults::main_id)
}

/// What the tiers stand for where Mantle is alone.
pub fn mantle_defaults() -> &'static MantleDefaults {
    &CLIENT.mantle
}

/// The prefix that the client derives from a region's name as written, without the list of the region.
pub fn derived_prefix(region_as_written: &str, version: Version) -> &'static str {
    CLIENT
        .prefixes
        .iter()
        .find(|rule| version >= rule.from && region_as_written.starts_with(&rule.region))
        .map_or("global", |rule| rule.prefix.as_str())
}

/// The prefix of an unpinned small model in clients that did not look at the region for it.
pub fn fixed_small_prefix(version: Version) -> Option<&'static str> {
    let fixed = &CLIENT.fixed_small_model;
    (version < fixed.to).then_some(fixed.prefix.as_str())
}

/// Whether unpinned ids of this version carry `global.`.
pub fn global_by_default(version: Version) -> bool {
    CLIENT.global_by_default.from <= version && version < CLIENT.global_by_default.to
}

/// Whether this version sends the suffix `[1m]` to AWS as a part of the id.
pub fn sends_long_context_suffix(version: Version) -> bool {
    CLIENT.long_context_suffix_sent.from <= version && version < CLIENT.long_context_suffix_sent.to
}

/// The Bedrock model id (without prefix) of a first-party id.
pub fn bedrock_id(first_party: &str) -> Option<&'static str> {
    CLIENT.models.iter().find(|model| model.first_party == first_party).map(|model| model.bedrock.as_str())
}

/// The first-party ids of a Bedrock model id without prefix: what `modelOverrides` is keyed by.
pub fn first_party_ids(bedrock: &str) -> impl Iterator<Item = &'static str> {
    CLIENT.models.iter().filter(move |model| model.bedrock == bedrock).map(|model| model.first_party.as_str())
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    let text = String::deserialize(deserializer)?;
    // "0": any earlier version.
    if text == "0" {
        Ok(Version(0, 0, 0))
    } else {
        text.parse().map_err(|()| serde::de::Error::custom(format!("no version: {text}")))
    }
}

fn optional_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .map(|text| text.parse().map_err(|()| serde::de::Error::custom(format!("no version: {text}"))))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_parse_and_leave_no_gap() {
        assert_eq!(present_client(), Version(2, 1, 330));
        for pair in CLIENT.defaults.windows(2) {
            assert_eq!(pair[0].to, Some(pair[1].from), "ranges touch");
        }
        assert_eq!(CLIENT.defaults[0].from, Version(0, 0, 0));
        assert!(CLIENT.defaults[CLIENT.defaults.len() - 1].to.is_none());
    }
}
