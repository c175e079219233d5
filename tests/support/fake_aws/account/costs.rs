//! Money: what Cost Explorer has on the bill, and what the price list says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Day;

/// Cost Explorer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// What is on the bill.
    pub rows: Vec<CostRow>,
    /// Whether it answers at all.
    pub state: CostState,
    /// Results younger than so many days say that they are estimates.
    pub estimated_days: i64,
    /// Groups (or days, where nothing is grouped) to a page.
    pub page_size: usize,
}

impl Default for Costs {
    fn default() -> Self {
        Self { rows: Vec::new(), state: CostState::default(), estimated_days: 3, page_size: 1_000 }
    }
}

/// Whether Cost Explorer answers.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostState {
    /// It does.
    #[default]
    On,
    /// It was enabled a moment ago: `DataUnavailableException`.
    NoData,
    /// Nobody enabled it: `AccessDeniedException`.
    NotEnabled,
}

/// One line of the bill.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostRow {
    /// The day.
    pub day: Day,
    /// Dimension SERVICE, e.g. `Claude Sonnet 4.5 (Amazon Bedrock Edition)`, `Amazon Bedrock`.
    pub service: String,
    /// Dimension USAGE_TYPE, e.g. `USE1-MP:USE1_InputTokenCount-Units`.
    pub usage_type: String,
    /// Dimension RECORD_TYPE: `Usage`, `Credit`, `Tax`, …
    pub record_type: String,
    /// Dimension BILLING_ENTITY; none: `AWS Marketplace` for a `… (Amazon Bedrock Edition)`, else `AWS`.
    pub billing_entity: Option<String>,
    /// US dollars, negative for credits.
    pub amount: f64,
    /// `UsageQuantity`.
    pub quantity: f64,
}

impl Default for CostRow {
    fn default() -> Self {
        Self {
            day: Day::default(),
            service: "Claude Sonnet 4.5 (Amazon Bedrock Edition)".into(),
            usage_type: "USE1-MP:USE1_InputTokenCount-Units".into(),
            record_type: "Usage".into(),
            billing_entity: None,
            amount: 0.0,
            quantity: 0.0,
        }
    }
}

/// One product of the price list with its on-demand price.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// `AmazonBedrockFoundationModels` (Claude) or `AmazonBedrock`.
    pub service_code: String,
    /// Attribute `servicename`.
    pub service_name: String,
    /// Attribute `regionCode`.
    pub region: String,
    /// Attribute `usagetype`.
    pub usage_type: String,
    /// US dollars for one unit, as a decimal number.
    pub usd: String,
    /// The unit: `1M tokens`, `1K tokens`.
    pub unit: String,
    /// Further attributes of the product.
    pub attributes: BTreeMap<String, String>,
}

/// Tokens as the price list calls them: the models up to 4.6, the models since.
const KINDS: [(&str, &str); 5] = [
    ("InputTokenCount", "input_tokens"),
    ("OutputTokenCount", "output_tokens"),
    ("CacheWriteInputTokenCount", "cache_write_tokens"),
    ("CacheReadInputTokenCount", "cache_read_tokens"),
    ("CacheWrite1hInputTokenCount", "cache_write_tokens_1h"),
];

/// The healthy account's price list: a few models in two regions as of November 2026, in US dollars per million tokens.
/// Calls through a global profile have usage types of their own, ten per cent cheaper than the region's.
pub fn price_list() -> Vec<Price> {
    // Name, whether its usage types are named in the newer way, price through a global profile, premium of the region.
    let claude: [(&str, bool, &[f64], f64); 4] = [
        ("Claude Opus 5.5", true, &[4.0, 20.0, 5.0, 0.2, 8.0], 1.1),
        ("Claude Sonnet 4.5", false, &[3.0, 15.0, 3.75, 0.3, 6.0], 1.1),
        ("Claude Haiku 4.5", false, &[1.0, 5.0, 1.25, 0.1, 2.0], 1.1),
        // It has no global profile, and no cache writes of an hour.
        ("Claude Opus 4.1", false, &[15.0, 75.0, 18.75, 1.5], 0.0),
    ];
    let mut list = Vec::new();
    for (region, short) in [("us-east-1", "USE1"), ("us-west-2", "USW2")] {
        for (model, newer, dollars, premium) in claude {
            for ((old_name, new_name), dollars) in KINDS.into_iter().zip(dollars) {
                let (in_region, global) = if newer {
                    (format!("{new_name}_standard"), format!("{new_name}_global_standard"))
                } else {
                    (old_name.to_owned(), format!("{old_name}_Global"))
                };
                let price = |kind: &str, usd: f64| Price {
                    service_code: "AmazonBedrockFoundationModels".into(),
                    service_name: format!("{model} (Amazon Bedrock Edition)"),
                    region: region.into(),
                    usage_type: format!("{short}-MP:{short}_{kind}-Units"),
                    usd: format!("{usd:.10}"),
                    unit: "1M tokens".into(),
                    attributes: BTreeMap::new(),
                };
                if premium > 0.0 {
                    list.push(price(&in_region, dollars * premium));
                    list.push(price(&global, *dollars));
                } else {
                    list.push(price(&in_region, *dollars));
                }
            }
        }
        for (kind, usd) in [("input", "0.0000600000"), ("output", "0.0002400000")] {
            list.push(Price {
                service_code: "AmazonBedrock".into(),
                service_name: "Amazon Bedrock".into(),
                region: region.into(),
                usage_type: format!("{short}-NovaLite-{kind}-tokens"),
                usd: usd.into(),
                unit: "1K tokens".into(),
                attributes: [("model", "Nova Lite"), ("provider", "Amazon"), ("feature", "On-demand Inference")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
            });
        }
    }
    list
}
