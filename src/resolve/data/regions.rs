//! The regions of every partition of AWS.

use std::sync::LazyLock;

use serde::Deserialize;

/// Whether a Claude model can be called from a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claude {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// The table does not know.
    Unknown,
}

/// A region of AWS.
#[derive(Debug, Deserialize)]
pub struct RegionRow {
    /// `us-east-1`.
    pub name: String,
    /// `aws`, `aws-us-gov`, `aws-cn`, …
    pub partition: String,
    /// An account must enable it first.
    pub opt_in: bool,
    /// Geographies of the profiles that the region may list, nearest first.
    pub profile_prefixes: Vec<String>,
    /// Claude on Bedrock.
    pub claude: Claude,
    /// The day on which the row was checked (`2026-11-22`).
    pub checked_on: String,
    /// Where the row comes from.
    pub source: String,
}

#[derive(Debug, Deserialize)]
struct Partition {
    name: String,
    dns_suffix: String,
}

#[derive(Debug, Deserialize)]
struct RegionTable {
    partitions: Vec<Partition>,
    regions: Vec<RegionRow>,
}

// Compiled-in text: a mistake in it is a defect of ours that the first test of this room shows.
#[expect(clippy::expect_used, reason = "the file is compiled in; a test parses it")]
static REGIONS: LazyLock<RegionTable> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/regions.json")).expect("regions.json"));

/// Every region of every partition.
pub fn regions() -> &'static [RegionRow] {
    &REGIONS.regions
}

/// A region by its exact name.
pub fn region(name: &str) -> Option<&'static RegionRow> {
    REGIONS.regions.iter().find(|region| region.name == name)
}

/// Regions with Claude near one, in the order of the table: of its partition and continent, enabled in every account.
pub fn neighbours(name: &str) -> impl Iterator<Item = &'static RegionRow> {
    let row = region(name);
    let continent = name.split('-').next().unwrap_or_default().to_owned();
    let near = move |other: &&RegionRow| {
        row.is_some_and(|row| row.name != other.name && row.partition == other.partition)
            && other.claude == Claude::Yes
            && !other.opt_in
            && other.name.split('-').next() == Some(continent.as_str())
    };
    REGIONS.regions.iter().filter(near)
}

/// The DNS suffix of a region's partition; a region that the table does not know is judged by its name.
pub fn dns_suffix(region_name: &str) -> &'static str {
    let partition =
        region(region_name).map_or(if region_name.starts_with("cn-") { "aws-cn" } else { "aws" }, |row| &row.partition);
    REGIONS.partitions.iter().find(|row| row.name == partition).map_or("amazonaws.com", |row| row.dns_suffix.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_partition_and_a_source() {
        assert!(regions().len() > 35);
        for region in regions() {
            assert!(REGIONS.partitions.iter().any(|partition| partition.name == region.partition), "{}", region.name);
            assert!(!region.source.is_empty() && region.checked_on.parse::<jiff::civil::Date>().is_ok());
        }
    }
}
