//! `models`: the ids of Claude that the account's own list has in a region, to pin.

use std::time::Duration;

use serde_json::json;

use super::Outcome;
use super::setup::models::listed;
use crate::aws::answer::InferenceProfile;
use crate::cli::ModelsArgs;
use crate::exit::Exit;
use crate::observe;
use crate::report;
use crate::resolve;
use crate::value::Region;
use crate::world::World;

/// Schema of `models --json`.
const SCHEMA: &str = "bedrockup.models/1";

/// Asks AWS for the region's list, with the credentials that `claude` would use here.
pub async fn run(world: &World, args: &ModelsArgs) -> Outcome {
    let options = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let machine = observe::machine(world, &options).await;
    let region = args.region.clone().unwrap_or_else(|| resolve::resolve(&machine).region.name);
    let region: Region = match region.parse() {
        Ok(region) => region,
        Err(error) => return Outcome::failed(Exit::Usage, format!("--region: {error}")),
    };
    match listed(world, &machine, &region, None).await {
        Ok(profiles) => show(&region, &profiles, args.json),
        Err(reason) => Outcome::failed(
            Exit::CouldNotTell,
            format!("the models of {} cannot be told: {reason}; `bedrockup doctor` says why.", region.as_str()),
        ),
    }
}

fn show(region: &Region, profiles: &[InferenceProfile], json: bool) -> Outcome {
    let mut claude: Vec<&InferenceProfile> =
        profiles.iter().filter(|profile| profile.application || profile.id.contains("anthropic.")).collect();
    claude.sort_by(|one, other| (one.application, &one.id).cmp(&(other.application, &other.id)));
    if json {
        let models: Vec<_> = claude
            .iter()
            .map(|profile| {
                json!({ "id": profile.id, "arn": profile.arn, "routes_to": profile.model_arns, "status": profile.status })
            })
            .collect();
        let document = json!({ "schema": SCHEMA, "region": region.as_str(), "models": models });
        return Outcome::well(report::json_text(&document));
    }
    if claude.is_empty() {
        return Outcome::well(format!("{} lists no model of Claude.\n", region.as_str()));
    }
    // An application profile is pinned by its ARN; the id alone says nothing.
    let line = |profile: &&InferenceProfile| if profile.application { &profile.arn } else { &profile.id }.to_owned();
    Outcome::well(claude.iter().map(|profile| line(profile) + "\n").collect::<String>())
}
