//! Model pins from the account's own list of inference profiles: all tiers together, since a Sonnet pin alone changes the main model.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ask;
use crate::aws::answer::{Answer, InferenceProfile};
use crate::cli::RoutingArg;
use crate::observe::Machine;
use crate::observe::settings::SettingsState;
use crate::resolve;
use crate::value::{ModelId, ProfileName, Region};
use crate::variables;
use crate::world::World;

/// The tiers, each with its variable.
const TIERS: [(&str, &str); 3] =
    [("opus", variables::OPUS_MODEL), ("sonnet", variables::SONNET_MODEL), ("haiku", variables::HAIKU_MODEL)];

/// Prefix of profiles that route worldwide.
const GLOBAL: &str = "global";

/// The profiles that the chosen credentials see in the chosen region; the error is the end of a sentence.
pub async fn listed(
    world: &World,
    machine: &Machine,
    region: &Region,
    profile: Option<&ProfileName>,
) -> Result<Vec<InferenceProfile>, String> {
    let machine = asked_in(machine, region, profile);
    let route = resolve::resolve(&machine);
    let options = ask::Options { timeout: Duration::from_secs(5), probe: false };
    match Box::pin(ask::ask(world, &machine, &route, options, &|_| {})).await.profiles {
        Answer::Got(profiles) => Ok(profiles),
        Answer::Refused(refusal) => {
            Err(format!("AWS refused the list of profiles ({} {})", refusal.status, refusal.code))
        }
        Answer::Unreachable(failure) => Err(format!("{} could not be reached", failure.host)),
        Answer::NotAsked(reason) => Err(reason),
        Answer::TimedOut | Answer::Crashed(_) => Err("the list of profiles did not come in time".to_owned()),
    }
}

/// The machine as it would be with Bedrock in this region, with this profile, whatever its settings files say.
pub fn asked_in(machine: &Machine, region: &Region, profile: Option<&ProfileName>) -> Machine {
    let mut machine = machine.clone();
    let profile = profile.map(|profile| (variables::PROFILE, profile.as_str()));
    let values = [(variables::USE_BEDROCK, "1"), (variables::REGION, region.as_str())];
    for (name, value) in values.into_iter().chain(profile) {
        machine.environment.set(name, value);
        for file in &mut machine.settings {
            if let SettingsState::Read(settings) = &mut file.state {
                settings.env.remove(name);
            }
        }
    }
    machine
}

/// Whether worldwide profiles of Claude are listed.
pub fn has_global(listed: &[InferenceProfile]) -> bool {
    listed.iter().any(|profile| prefix(&profile.id) == Some(GLOBAL))
}

/// The prefix of the geography, read from the list alone: the one that serves most of the tiers, the narrower one first.
pub fn geography(listed: &[InferenceProfile]) -> Option<String> {
    let mut tiers_of: BTreeMap<&str, usize> = BTreeMap::new();
    for prefix in listed.iter().filter_map(|profile| prefix(&profile.id)).filter(|prefix| *prefix != GLOBAL) {
        let served = TIERS.iter().filter(|(tier, _)| newest(listed, prefix, tier).is_some()).count();
        tiers_of.insert(prefix, served);
    }
    // `apac` is the wide old form beside `jp`, `au` and `in`.
    tiers_of
        .into_iter()
        .max_by_key(|(prefix, served)| (*served, *prefix != "apac"))
        .map(|(prefix, _)| prefix.to_owned())
}

/// A pin for each tier.
pub fn all_tiers(listed: &[InferenceProfile], routing: RoutingArg) -> Result<BTreeMap<&'static str, ModelId>, String> {
    let prefix = match routing {
        RoutingArg::Global => GLOBAL.to_owned(),
        RoutingArg::Geo => {
            geography(listed).ok_or("this region lists no profile of a geography; try --routing global.")?
        }
    };
    let mut pins = BTreeMap::new();
    for (tier, variable) in TIERS {
        let id = newest(listed, &prefix, tier).ok_or_else(|| {
            format!("this account lists no `{prefix}.` profile for {tier} here; pin the tiers one by one with --pin.")
        })?;
        let id = id.parse().map_err(|error| format!("AWS lists an id that cannot be pinned: {error}."))?;
        pins.insert(variable, id);
    }
    Ok(pins)
}

/// The newest active profile of a tier with this prefix.
fn newest<'a>(listed: &'a [InferenceProfile], prefix: &str, tier: &str) -> Option<&'a str> {
    listed
        .iter()
        .filter(|profile| !profile.application && profile.status == "ACTIVE")
        .filter(|profile| self::prefix(&profile.id) == Some(prefix) && profile.id.contains(&format!("-{tier}")))
        .max_by_key(|profile| generation(&profile.id))
        .map(|profile| profile.id.as_str())
}

/// `us` of `us.anthropic.claude-…`; `None` for other vendors and bare ids.
fn prefix(id: &str) -> Option<&str> {
    id.split_once(".anthropic.claude-").map(|(prefix, _)| prefix)
}

/// Generation and date of a Claude id, as numbers that sort: `claude-opus-4-8`, `claude-3-5-haiku-20241022-v1:0`.
fn generation(id: &str) -> (u32, u32, u32) {
    let (_, name) = id.split_once("claude-").unwrap_or_default();
    let numbers: Vec<u32> = name.split('-').filter_map(|part| part.parse().ok()).collect();
    let mut short = numbers.iter().copied().filter(|number| *number < 1000);
    let date = numbers.iter().copied().find(|number| *number >= 1000).unwrap_or(0);
    (short.next().unwrap_or(0), short.next().unwrap_or(0), date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[&str]) -> Vec<InferenceProfile> {
        let profile = |id: &&str| InferenceProfile {
            id: (*id).to_owned(),
            arn: String::new(),
            model_arns: Vec::new(),
            status: "ACTIVE".to_owned(),
            application: false,
        };
        ids.iter().map(profile).collect()
    }

    #[test]
    fn each_tier_gets_the_newest_of_its_family_and_prefix() {
        let listed = list(&[
            "us.anthropic.claude-opus-4-8",
            "us.anthropic.claude-opus-5-5",
            "global.anthropic.claude-opus-5-5",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-6",
            "us.anthropic.claude-3-5-haiku-20241022-v1:0",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            "us.amazon.nova-pro-v1:0",
        ]);
        let pins = all_tiers(&listed, RoutingArg::Geo).expect("all tiers are listed");
        let ids: Vec<_> = pins.values().map(ModelId::as_str).collect();
        assert_eq!(
            ids,
            [
                "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                "us.anthropic.claude-opus-5-5",
                "us.anthropic.claude-sonnet-4-6"
            ]
        );
        assert!(all_tiers(&listed, RoutingArg::Global).is_err_and(|reason| reason.contains("sonnet")));
    }

    #[test]
    fn the_geography_is_what_the_list_has_not_what_the_region_is_called() {
        let tokyo = list(&[
            "apac.anthropic.claude-sonnet-4-20250514-v1:0",
            "jp.anthropic.claude-opus-5-5",
            "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "jp.anthropic.claude-haiku-4-5-20251001-v1:0",
            "global.anthropic.claude-opus-5-5",
        ]);
        assert_eq!(geography(&tokyo).as_deref(), Some("jp"));
        assert_eq!(geography(&list(&["global.anthropic.claude-opus-5-5"])), None);
    }
}
