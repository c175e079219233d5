//! What would be used here: the resolved route, and the client's own word on it.

use super::Case;
use super::line::{Contradiction, Line, Method, Nature, Status, Strength};
use super::words;
use crate::resolve::confirmation::{Confirmation, confirm};
use crate::resolve::{Provider, Source};
use crate::variables::USE_BEDROCK;
use crate::world::short;

/// What is the same for every find.
pub const NATURE: Nature =
    Nature { name: Method::Configuration, delay: "none", could_be_faked_by: "whoever can edit these files" };

const CHECK: &str = "claude auth status";

/// The line.
pub fn line(case: &Case<'_>) -> (Line, Vec<Contradiction>) {
    let home = &case.machine.home;
    let here = short(&case.machine.directory, home);
    let route = case.route;
    let region = &route.region;
    let switch = route.variable(USE_BEDROCK).and_then(|variable| variable.winner.as_ref());
    let set_by =
        switch.map(|setting| format!(" {USE_BEDROCK} comes from {}.", setting.source.text(home))).unwrap_or_default();
    let against = |found: String| {
        let contradiction = Contradiction {
            line: Method::Configuration,
            what: found.clone(),
            directory: Some(case.machine.directory.display().to_string()),
            session: None,
            pid: None,
            fix: "Doctor names the cause and the cure.".to_owned(),
            command: Some("bedrockup doctor".to_owned()),
        };
        (NATURE.line(Status::Contradicts, Strength::Medium, found, CHECK), vec![contradiction])
    };
    if route.provider != Provider::Bedrock && !route.mantle() {
        let other = other_side(&route.provider);
        return against(format!("claude started in {here} goes to {other}, not to Amazon Bedrock.{set_by}"));
    }
    let mut found = format!(
        "claude started in {here} uses Amazon Bedrock in {}, with {}.{set_by} The region comes from {}, the credentials from {}.",
        region.name,
        route.credentials.kind.name().replace('-', " "),
        region.source.text(home),
        route.credentials.source.text(home),
    );
    if route.mantle() {
        found.push_str(" CLAUDE_CODE_USE_MANTLE is on: ids without a prefix go through Bedrock's second door.");
    }
    if let Some(base) = route.endpoints.base_url.as_ref().filter(|base| !is_awss(&base.value)) {
        found.push_str(&format!(
            " Calls go through {}: what lies behind it rests on its word.",
            words::host(&base.value)
        ));
    }
    match confirm(route, case.machine) {
        Confirmation::Agrees => found.push_str(" `claude auth status` agrees."),
        Confirmation::NotAsked(reason) => found.push_str(&format!(" Not confirmed by the client: {reason}.")),
        Confirmation::OlderEnvironment { client } => {
            found.push_str(&format!(" That is a new terminal's; this one was started before and still says {client}."))
        }
        Confirmation::Disagrees { client } => {
            return against(format!("{found} But `claude auth status` says {client}."));
        }
    }
    if matches!(switch.map(|setting| &setting.source), Some(Source::RcFile(_))) {
        found.push_str(" The line is in a file that no fresh shell reported.");
    }
    (NATURE.line(Status::Supports, Strength::Weak, found, CHECK), Vec::new())
}

/// The other side in words.
pub fn other_side(provider: &Provider) -> &'static str {
    match provider {
        Provider::Bedrock => "Amazon Bedrock",
        Provider::FirstParty => "Anthropic's own API",
        Provider::Other("vertex") => "Google Vertex AI",
        Provider::Other("foundry") => "Microsoft Foundry",
        Provider::Other("anthropicAws") => "Claude Platform on AWS",
        Provider::Other(name) => name,
    }
}

/// The runtime of Bedrock at AWS's own host, or its endpoint in a VPC; AWS's domain has other people's hosts too.
fn is_awss(url: &str) -> bool {
    let host = words::host(url);
    let Some(rest) = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().find_map(|end| host.strip_suffix(end))
    else {
        return false;
    };
    let parts: Vec<&str> = rest.split('.').collect();
    match parts.as_slice() {
        ["bedrock-runtime" | "bedrock-runtime-fips", _region] => true,
        [endpoint, "bedrock-runtime" | "bedrock-runtime-fips", _region, "vpce"] => endpoint.starts_with("vpce-"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_awss;

    #[test]
    fn only_bedrocks_own_hosts_are_awss() {
        for own in [
            "https://bedrock-runtime.us-east-1.amazonaws.com",
            "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/",
            "https://vpce-0a1b-2c3d.bedrock-runtime.eu-west-1.vpce.amazonaws.com",
        ] {
            assert!(is_awss(own), "{own}");
        }
        for other in [
            "https://abc.execute-api.us-east-1.amazonaws.com",
            "https://gateway-1.us-east-1.elb.amazonaws.com",
            "https://bedrock-runtime.us-east-1.amazonaws.com.example.com",
            "http://127.0.0.1:8080",
            "no url",
        ] {
            assert!(!is_awss(other), "{other}");
        }
    }
}
