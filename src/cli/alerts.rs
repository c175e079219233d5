//! The command line of `alerts`.

use clap::Args;

/// What `alerts --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup alerts --email you@example.com > alerts.yml
  bedrockup alerts --email you@example.com --monthly-budget 500 --throttles 50 > alerts.yml
  aws cloudformation deploy --stack-name claude-guardrails --template-file alerts.yml --capabilities CAPABILITY_IAM";

/// Flags of `alerts`.
#[derive(Debug, Clone, Args)]
pub struct AlertsArgs {
    /// Who is told, by mail; without it the topic has no subscriber
    #[arg(long, value_name = "ADDRESS", value_parser = email)]
    pub email: Option<String>,
    /// US dollars a month for Claude on Bedrock in the whole account
    #[arg(long, value_name = "DOLLARS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub monthly_budget: u32,
    /// Tokens read in an hour above which somebody is told
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub input_tokens_per_hour: u64,
    /// Tokens written in an hour above which somebody is told
    #[arg(long, value_name = "NUMBER", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub output_tokens_per_hour: u64,
    /// Calls refused for a quota in five minutes above which somebody is told
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub throttles: u32,
    /// Log every invocation with its prompt and answer: a decision about privacy
    #[arg(long)]
    pub log_invocations: bool,
}

/// An address without anything that a template could take for more.
fn email(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._%+-@".contains(character);
    let is_address =
        matches!(text.split('@').collect::<Vec<_>>()[..], [name, host] if !name.is_empty() && host.contains('.'));
    if is_address && text.len() <= 254 && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("not an address; write you@example.com".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_smuggle_a_line_into_the_template() {
        assert!(email("you+claude@example.com").is_ok());
        for wrong in ["", "you", "you@host", "you@example.com\"\nX: y", "a b@example.com", "a@b@example.com"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }
}
