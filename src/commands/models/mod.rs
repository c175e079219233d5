//! `models`: what the account can call in a region, what it costs and when it ends, and what `claude` would use of it.

mod refresh;

use std::time::Duration;

use jiff::tz::TimeZone;

use super::Outcome;
use super::prices::prices;
use super::setup::models::{all_tiers, asked_in, listed};
use crate::ask;
use crate::ask::account::{Wanted, account};
use crate::aws::answer::{Answer, InferenceProfile};
use crate::aws::{questions, tables};
use crate::cli::{ModelsArgs, RoutingArg};
use crate::exit::Exit;
use crate::observe::{self, Machine};
use crate::price::model_name;
use crate::report::models::{Entry, Listing, Used};
use crate::report::{self, Style};
use crate::resolve;
use crate::usage::account::routing;
use crate::value::Region;
use crate::world::World;

/// How long AWS may take for access and lives of all models.
const LIMIT: Duration = Duration::from_secs(20);

/// Asks AWS for the region's list, with the credentials that `claude` would use here.
pub async fn run(world: &World, args: &ModelsArgs, style: Style) -> Outcome {
    let options = observe::Options { start_shells: false, start_client: true, limit: Duration::from_secs(3) };
    let machine = observe::machine(world, &options).await;
    let region = args.region.clone().unwrap_or_else(|| resolve::resolve(&machine).region.name);
    let region: Region = match region.parse() {
        Ok(region) => region,
        Err(error) => return Outcome::failed(Exit::Usage, format!("--region: {error}")),
    };
    let machine = asked_in(&machine, &region, None);
    let profiles = match listed(world, &machine, &region, None).await {
        Ok(profiles) => profiles,
        Err(reason) => {
            return Outcome::failed(
                Exit::CouldNotTell,
                format!("the models of {} cannot be told: {reason}; `bedrockup doctor` says why.", region.as_str()),
            );
        }
    };
    let refreshed = match args.refresh {
        true => Some(refresh::refresh(world, &machine, &profiles).await),
        false => None,
    };
    let mut outcome = Outcome::well(String::new());
    match refreshed {
        Some(Ok(news)) => outcome.messages.extend(news),
        Some(Err(why)) => {
            outcome.messages.push(format!("the prices stay as they were: {why}"));
            outcome.exit = Exit::CouldNotTell;
        }
        None => {}
    }
    let listing = listing(world, args, &machine, &region, profiles).await;
    outcome.out = match args.json {
        true => report::json_text(&report::models::json(&listing)),
        false => report::models::text(&listing, style),
    };
    outcome
}

async fn listing(
    world: &World,
    args: &ModelsArgs,
    machine: &Machine,
    region: &Region,
    profiles: Vec<InferenceProfile>,
) -> Listing {
    let prices = prices(world);
    let route = resolve::resolve(machine);
    let models = used(world, args, machine, &profiles).await;
    let pins = [RoutingArg::Geo, RoutingArg::Global].map(|routing| all_tiers(&profiles, routing).ok());
    let (mut foundation, mut own) = (Vec::new(), Vec::new());
    for profile in profiles.iter().filter(|profile| profile.id.contains("anthropic.")) {
        let model = questions::foundation_model(&profile.id, &profiles).filter(|model| !foundation.contains(model));
        foundation.extend(model);
    }
    let wanted = Wanted { models: foundation, own_profiles: true, ..Wanted::default() };
    let answers = Box::pin(account(world, machine, &route, &wanted, LIMIT, &|_| {})).await;
    if let Answer::Got(profiles) = answers.own_profiles {
        own = profiles;
    }
    let day = TimeZone::UTC.to_datetime(world.now()).date();
    let own = own.into_iter().filter(|own| profiles.iter().all(|profile| profile.arn != own.arn)).collect::<Vec<_>>();
    let entry = |profile: &InferenceProfile| {
        let model =
            profile.model_arns.first().and_then(|arn| Some(arn.rsplit_once("foundation-model/")?.1.to_owned()))?;
        let said = answers.models.iter().find(|(asked, ..)| *asked == model);
        let class = match profile.application {
            true => routing(profile),
            false => prices.table.asked(Some(&profile.id), "").routing,
        };
        let ends = said.and_then(|(.., life)| life.got()).and_then(|life| life.end_of_life);
        let ends = ends.map(|moment| TimeZone::UTC.to_datetime(moment).date());
        let ends = ends.or_else(|| tables::model(&model).and_then(|row| row.end_of_life));
        let legacy = said.and_then(|(.., life)| life.got()).is_some_and(|life| life.status == "LEGACY");
        let successor = (ends.is_some() || legacy).then(|| tables::successor(&model)).flatten();
        let row = |model: &str| {
            class.classes().iter().filter_map(|class| prices.table.row(model, *class, day).cloned()).collect::<Vec<_>>()
        };
        Some(Entry {
            rows: row(&model),
            successor_rows: successor.map(row).unwrap_or_default(),
            successor: successor.map(|id| model_name(id).to_owned()),
            availability: said.map(|(_, availability, _)| availability.clone()),
            profile: profile.clone(),
            routing: class,
            ends,
            legacy,
            model,
        })
    };
    let mut entries: Vec<Entry> =
        profiles.iter().chain(&own).filter_map(entry).filter(|entry| entry.model.contains("anthropic.")).collect();
    // The newest model first, as the table of models has them; then the base price first.
    let newest = |model: &str| tables::models().iter().position(|row| row.model == model).unwrap_or(0);
    entries.sort_by_key(|entry| {
        (newest(&entry.model), entry.model.clone(), entry.profile.application, entry.profile.id.clone())
    });
    Listing { region: region.to_string(), entries, used: models, pins, today: day, prices }
}

/// What `claude` would use here, and with `--probe` whether it answers.
async fn used(world: &World, args: &ModelsArgs, machine: &Machine, profiles: &[InferenceProfile]) -> Vec<Used> {
    let route = resolve::resolve(machine);
    let probes = match args.probe {
        true => {
            let options = ask::Options { timeout: LIMIT, probe: true };
            Box::pin(ask::ask(world, machine, &route, options, &|_| {})).await.models
        }
        false => Vec::new(),
    };
    let models = resolve::with_profiles(&route, machine, profiles).into_iter();
    models
        .map(|model| {
            let probe = probes.iter().find(|answers| answers.id == model.id);
            let probe = probe.map(|answers| match &answers.stream {
                Answer::Got(_) => Ok(()),
                other => Err(ask::account::why(other).unwrap_or_default()),
            });
            Used { why: why(&model, machine), model, probe }
        })
        .collect()
}

/// Why a role has this model.
fn why(model: &resolve::Model, machine: &Machine) -> String {
    match model.pinned_by {
        Some(name) => format!("{name} {}", model.source.text(&machine.home)),
        None => format!("the default of Claude Code {}, which an update may change", resolve::client_version(machine)),
    }
}
