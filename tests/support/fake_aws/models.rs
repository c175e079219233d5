//! Claude on Bedrock as of 22 November 2026: foundation models, the geographies of their inference
//! profiles, and where each geography can be called from.

use serde::{Deserialize, Serialize};

/// Regions of the healthy account that offer Claude.
pub const REGIONS: &str = "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 \
    eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 \
    ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 \
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 us-gov-west-1 us-gov-east-1";

const EUROPE: &str = "eu-west-1 eu-west-3 eu-central-1 eu-north-1 eu-south-1 eu-south-2";

/// Prefix of a geography, the regions it is offered in, the regions it routes to.
const GEOGRAPHIES: &[(&str, &str, &str)] = &[
    ("us", "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1", "us-east-1 us-east-2 us-west-2"),
    ("eu", EUROPE, EUROPE),
    ("jp", "ap-northeast-1 ap-northeast-3", "ap-northeast-1 ap-northeast-3"),
    ("au", "ap-southeast-2 ap-southeast-4", "ap-southeast-2 ap-southeast-4"),
    ("in", "ap-south-1 ap-south-2", "ap-south-1 ap-south-2"),
    (
        "apac",
        "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2",
        "ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2",
    ),
    ("us-gov", "us-gov-west-1 us-gov-east-1", "us-gov-west-1 us-gov-east-1"),
];

/// A foundation model and this account's access to it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Foundation model id, e.g. `anthropic.claude-opus-5-5`.
    pub id: String,
    /// Name as shown by AWS.
    pub name: String,
    /// Geographies of its inference profiles: `us`, `eu`, …, `global`.
    pub profiles: Vec<String>,
    /// Regions where it can be called by its bare id; elsewhere a profile is needed.
    #[serde(default)]
    pub on_demand_in: Vec<String>,
    /// Where it stands in its life.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// The four fields of `GetFoundationModelAvailability`.
    #[serde(default)]
    pub availability: Availability,
    /// Legacy and not used lately: refused with the 404 that says so.
    #[serde(default)]
    pub idle_legacy: bool,
    /// `CountTokens` works for it.
    #[serde(default = "yes")]
    pub count_tokens: bool,
}

/// Lifecycle of a model, with the dates that AWS tells (RFC 3339).
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifecycle {
    /// What `modelLifecycle.status` says, and whether the model is gone.
    pub stage: Stage,
    /// `legacyTime`.
    pub legacy: Option<String>,
    /// `publicExtendedAccessTime`.
    pub extended: Option<String>,
    /// `endOfLifeTime`.
    pub end: Option<String>,
}

/// Stage of life.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// In normal use.
    #[default]
    Active,
    /// Still answers, with an end date.
    Legacy,
    /// No longer listed, no longer answers.
    EndOfLife,
}

/// `GetFoundationModelAvailability`, in AWS's own words.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Availability {
    /// `agreementAvailability.status`: AVAILABLE, PENDING, NOT_AVAILABLE, ERROR.
    pub agreement: String,
    /// `agreementAvailability.errorMessage`.
    pub agreement_error: Option<String>,
    /// AUTHORIZED or NOT_AUTHORIZED.
    pub authorization: String,
    /// AVAILABLE or NOT_AVAILABLE.
    pub entitlement: String,
    /// AVAILABLE or NOT_AVAILABLE; none: what the region's list says.
    pub region: Option<String>,
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            agreement: "AVAILABLE".into(),
            agreement_error: None,
            authorization: "AUTHORIZED".into(),
            entitlement: "AVAILABLE".into(),
            region: None,
        }
    }
}

impl Model {
    /// An active model with these profile geographies (separated by spaces).
    pub fn new(id: &str, name: &str, profiles: &str) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            profiles: profiles.split_whitespace().map(str::to_owned).collect(),
            on_demand_in: Vec::new(),
            lifecycle: Lifecycle::default(),
            availability: Availability::default(),
            idle_legacy: false,
            count_tokens: true,
        }
    }

    fn stage(mut self, stage: Stage, legacy: &str, end: &str) -> Self {
        let date = |day: &str| (!day.is_empty()).then(|| format!("{day}T00:00:00Z"));
        self.lifecycle = Lifecycle { stage, legacy: date(legacy), extended: None, end: date(end) };
        self
    }

    /// Whether the model is listed at all.
    pub fn listed(&self) -> bool {
        self.lifecycle.stage != Stage::EndOfLife
    }

    /// Whether any profile, or the bare id, can be called from this region.
    pub fn offered_in(&self, region: &str) -> bool {
        self.listed()
            && (self.on_demand_in.iter().any(|home| home == region)
                || self.profiles.iter().any(|geography| offers(geography, region)))
    }
}

/// Whether a geography's profiles are in the list of this region.
pub fn offers(geography: &str, region: &str) -> bool {
    match geography {
        "global" => !region.starts_with("us-gov-") && has(REGIONS, region),
        _ => GEOGRAPHIES.iter().any(|(prefix, sources, _)| *prefix == geography && has(sources, region)),
    }
}

fn has(list: &str, region: &str) -> bool {
    list.split_whitespace().any(|known| known == region)
}

/// ARNs of the foundation models that a profile routes to when called from `region`.
/// A global profile lists the source region and the region-less ARN that policies trip over.
pub fn routes(geography: &str, model: &str, region: &str) -> Vec<String> {
    let partition = partition(region);
    let arn = |region: &str| format!("arn:{partition}:bedrock:{region}::foundation-model/{model}");
    match geography {
        "global" => vec![arn(region), arn("")],
        _ => GEOGRAPHIES
            .iter()
            .filter(|(prefix, _, _)| *prefix == geography)
            .flat_map(|(_, _, destinations)| destinations.split_whitespace().map(&arn))
            .collect(),
    }
}

/// The ARN partition of a region.
pub fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("us-gov-") => "aws-us-gov",
        region if region.starts_with("cn-") => "aws-cn",
        _ => "aws",
    }
}

fn yes() -> bool {
    true
}

/// The healthy account's models.
pub fn table() -> Vec<Model> {
    let gone = |id, name, profiles, end| Model::new(id, name, profiles).stage(Stage::EndOfLife, "", end);
    let mut opus_5_5 = Model::new("anthropic.claude-opus-5-5", "Claude Opus 5.5", "us eu jp au global us-gov");
    opus_5_5.on_demand_in.push("eu-west-2".into());
    vec![
        Model::new("anthropic.claude-fable-5-1", "Claude Fable 5.1", "us global us-gov"),
        opus_5_5,
        Model::new("anthropic.claude-sonnet-5-5", "Claude Sonnet 5.5", "us eu global us-gov"),
        Model::new("anthropic.claude-haiku-5-5", "Claude Haiku 5.5", "us eu jp au global"),
        Model::new("anthropic.claude-opus-5", "Claude Opus 5", "us eu jp au global"),
        Model::new("anthropic.claude-sonnet-5", "Claude Sonnet 5", "us eu jp au global"),
        Model::new("anthropic.claude-opus-4-8", "Claude Opus 4.8", "us eu jp au global"),
        Model::new("anthropic.claude-opus-4-7", "Claude Opus 4.7", "us eu jp au global"),
        Model::new("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", "us eu jp au global"),
        Model::new("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6", "us eu au global"),
        Model::new("anthropic.claude-opus-4-5-20251101-v1:0", "Claude Opus 4.5", "us eu global"),
        Model::new("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", "us eu jp au in global"),
        Model::new("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", "us eu jp au global us-gov"),
        Model::new("anthropic.claude-opus-4-1-20250805-v1:0", "Claude Opus 4.1", "us").stage(
            Stage::Legacy,
            "2026-07-08",
            "2027-01-08",
        ),
        gone("anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", "us eu apac global", "2026-10-14"),
        gone("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", "us eu apac", "2026-09-10"),
        gone("anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", "us eu apac", "2026-04-28"),
        gone("anthropic.claude-3-5-haiku-20241022-v1:0", "Claude 3.5 Haiku", "us", "2026-06-19"),
        gone("anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", "us eu apac", "2026-07-30"),
    ]
}
