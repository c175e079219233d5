//! Model ids taken apart: prefix, vendor, model; and ARNs.

/// An id as it is sent to Bedrock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id<'a> {
    /// A Claude model, bare or through a system-defined profile.
    Claude {
        /// `us`, `eu`, `global`, …; `None` for a bare model id.
        prefix: Option<&'a str>,
        /// The foundation model id, from `anthropic.` on.
        model: &'a str,
    },
    /// An ARN of Bedrock.
    Arn {
        /// Its region, may be empty.
        region: &'a str,
        /// Its account, may be empty.
        account: &'a str,
        /// `application-inference-profile/abc`, `inference-profile/us.…`, `foundation-model/…`.
        resource: &'a str,
    },
    /// A Bedrock id of another vendor.
    OtherVendor(&'a str),
    /// A name that Bedrock does not know: a first-party id, a model of another service.
    Foreign,
}

/// Vendors of Bedrock ids beside Anthropic.
const VENDORS: [&str; 18] = [
    "ai21",
    "amazon",
    "cohere",
    "deepseek",
    "google",
    "luma",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "moonshotai",
    "nvidia",
    "openai",
    "qwen",
    "stability",
    "twelvelabs",
    "writer",
    "zai",
];

/// Takes an id apart; a trailing `[1m]` is not part of it.
pub fn read(id: &str) -> Id<'_> {
    let id = bare(id);
    if let Some(rest) = id.strip_prefix("arn:") {
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        return match parts.as_slice() {
            [_, "bedrock", region, account, resource] => Id::Arn { region, account, resource },
            _ => Id::Foreign,
        };
    }
    // Gateways put a service before it (`bedrock/us.anthropic.…`); no id of Bedrock has a slash.
    if id.contains('/') {
        return Id::Foreign;
    }
    if let Some(at) = id.find("anthropic.") {
        let prefix = id[..at].trim_end_matches('.');
        if at == 0 || (id[..at].ends_with('.') && !prefix.contains('.')) {
            return Id::Claude { prefix: (at > 0).then_some(prefix), model: &id[at..] };
        }
    }
    let vendor = id.split('.').find(|part| VENDORS.contains(part));
    match vendor {
        Some(vendor) if id.contains('.') => Id::OtherVendor(vendor),
        _ => Id::Foreign,
    }
}

/// The foundation model behind an id, as far as the id itself tells.
pub fn foundation(id: &str) -> &str {
    match read(id) {
        Id::Claude { model, .. } => model,
        Id::Arn { resource, .. } => {
            let last = resource.rsplit('/').next().unwrap_or(resource);
            last.find("anthropic.").map_or(last, |at| &last[at..])
        }
        _ => bare(id),
    }
}

/// The family of Claude (opus, sonnet, …) that an id names.
pub fn family(id: &str) -> Option<&'static str> {
    ["opus", "sonnet", "haiku", "fable"].into_iter().find(|family| id.contains(family))
}

/// The id without the suffix for long contexts, which the present client strips.
pub fn bare(id: &str) -> &str {
    let id = id.trim();
    id.strip_suffix("[1m]").unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_all_kinds() {
        assert_eq!(
            read("us.anthropic.claude-opus-4-8[1m]"),
            Id::Claude { prefix: Some("us"), model: "anthropic.claude-opus-4-8" }
        );
        assert_eq!(read("anthropic.claude-opus-4-8"), Id::Claude { prefix: None, model: "anthropic.claude-opus-4-8" });
        assert_eq!(
            read("arn:aws:bedrock:eu-west-1:222222222222:application-inference-profile/abc"),
            Id::Arn { region: "eu-west-1", account: "222222222222", resource: "application-inference-profile/abc" }
        );
        assert_eq!(read("moonshotai.kimi-k2.5"), Id::OtherVendor("moonshotai"));
        assert_eq!(read("us.amazon.nova-pro-v1:0"), Id::OtherVendor("amazon"));
        for foreign in ["claude-sonnet-4-20250514", "gpt-5.2", "qwen3-coder:30b", "opus", "arn:aws:iam::1:role/x"] {
            assert_eq!(read(foreign), Id::Foreign, "{foreign}");
        }
    }

    #[test]
    fn a_slash_makes_it_another_services_name() {
        for foreign in
            ["bedrock/us.anthropic.claude-opus-4-8", "anthropic/claude-opus-4.8", "us/anthropic.claude-opus-4-8"]
        {
            assert_eq!(read(foreign), Id::Foreign, "{foreign}");
        }
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-8";
        assert!(matches!(read(arn), Id::Arn { .. }), "an ARN has one");
    }

    #[test]
    fn the_model_behind() {
        assert_eq!(
            foundation("eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
            "anthropic.claude-haiku-4-5-20251001-v1:0"
        );
        let arn = "arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.anthropic.claude-opus-4-8";
        assert_eq!(foundation(arn), "anthropic.claude-opus-4-8");
    }
}
