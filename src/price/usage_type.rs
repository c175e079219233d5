//! Usage types of Claude in AWS's price list and bills: `USE1-MP:USE1_InputTokenCount_Global-Units`.
//!
//! Models up to 4.6 have names in capitals, the models since in small letters (`input_tokens_global_standard`). Without
//! `Global` it is the price of the region, which profiles of a geography share.

/// The kind of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Input.
    Input,
    /// Output.
    Output,
    /// Cache writes for five minutes.
    Write5m,
    /// Cache writes for an hour.
    Write1h,
    /// Cache reads.
    Read,
}

/// What a usage type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageType {
    /// The kind of tokens.
    pub kind: Kind,
    /// Through a global profile.
    pub global: bool,
    /// Of a batch job.
    pub batch: bool,
    /// Of a request with a long prompt.
    pub long: bool,
}

const HEADS: [(&str, Kind); 10] = [
    ("CacheReadInputTokenCount", Kind::Read),
    ("CacheWrite1hInputTokenCount", Kind::Write1h),
    ("CacheWriteInputTokenCount", Kind::Write5m),
    ("InputTokenCount", Kind::Input),
    ("OutputTokenCount", Kind::Output),
    ("cache_read_tokens", Kind::Read),
    ("cache_write_tokens_1h", Kind::Write1h),
    ("cache_write_tokens", Kind::Write5m),
    ("input_tokens", Kind::Input),
    ("output_tokens", Kind::Output),
];

/// Reads a usage type; one with a word that is not known (reserved, priority, another life of the cache) is none of these.
pub fn read(text: &str) -> Option<UsageType> {
    let (_, dimension) = text.split_once("-MP:")?;
    let (_, dimension) = dimension.strip_suffix("-Units").unwrap_or(dimension).split_once('_')?;
    let (head, kind) = HEADS.into_iter().find(|(head, _)| dimension.starts_with(head))?;
    let mut usage = UsageType { kind, global: false, batch: false, long: false };
    let mut words = dimension[head.len()..].split('_').filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match word {
            "Global" | "global" => usage.global = true,
            "Batch" | "batch" => usage.batch = true,
            "LCtx" => usage.long = true,
            "long" if words.next() == Some("ctx") => usage.long = true,
            "standard" | "Geo" => {}
            _ => return None,
        }
    }
    Some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_naming_are_read_and_other_things_are_not() {
        let plain = |kind| Some(UsageType { kind, global: false, batch: false, long: false });
        let global = |kind| plain(kind).map(|usage| UsageType { global: true, ..usage });
        let table = [
            ("USE1-MP:USE1_InputTokenCount-Units", plain(Kind::Input)),
            ("USW2-MP:USW2_output_tokens_standard-Units", plain(Kind::Output)),
            ("USE1-MP:USE1_CacheReadInputTokenCount_Global-Units", global(Kind::Read)),
            ("USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", global(Kind::Write1h)),
            ("EUC1-MP:EUC1_cache_write_tokens_1h_global_standard-Units", global(Kind::Write1h)),
            ("EUC1-MP:EUC1_cache_write_tokens_standard-Units", plain(Kind::Write5m)),
            ("USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", None),
            ("USE1-MP:USE1_cache_write_tokens_30m_standard-Units", None),
            ("USE1-NovaLite-input-tokens", None),
            ("USE1-MP:USE1_input_tokens_priority-Units", None),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
        let batch = read("USE1-MP:USE1_InputTokenCount_Global_Batch-Units").expect("a usage type");
        assert!(batch.batch && batch.global);
        let long = read("USE1-MP:USE1_input_tokens_long_ctx_standard-Units").expect("a usage type");
        assert!(long.long && read("USE1-MP:USE1_InputTokenCount_LCtx-Units").is_some_and(|usage| usage.long));
    }
}
