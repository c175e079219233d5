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
            fix: "`bedrockup doctor` names the cause and the cure.".to_owned(),
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
        route.credentials.kind.name(),
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

/// A host of AWS's own, or an endpoint of a VPC.
fn is_awss(url: &str) -> bool {
    let host = words::host(url);
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end))
}
