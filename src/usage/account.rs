//! What AWS counted, and what it billed, as the same rows as the transcripts' answers.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::habits::Habits;
use super::{Cell, Provider, Sums, Usage};
use crate::ask::cost::Costs;
use crate::ask::metrics::Metrics;
use crate::aws::answer::InferenceProfile;
use crate::price::refresh::EDITION;
use crate::price::usage_type::{self, Kind};
use crate::price::{self, Asked, Class, Cost, Money, NoPrice, Routing, Table, Tokens, model_name};

/// Cells that belong to no session.
struct Cells {
    asked: Vec<(Provider, Asked, Option<NoPrice>)>,
    cells: BTreeMap<(usize, Date), Sums>,
}

impl Cells {
    fn new() -> Self {
        Self { asked: Vec::new(), cells: BTreeMap::new() }
    }

    fn place(&mut self, asked: &Asked) -> usize {
        if let Some(place) = self.asked.iter().position(|(_, known, _)| known == asked) {
            return place;
        }
        self.asked.push((Provider::Bedrock, asked.clone(), None));
        self.asked.len() - 1
    }

    fn usage(self) -> Usage {
        let cells = self.cells.into_iter();
        Usage {
            cells: cells.map(|((asked, day), sums)| Cell { asked, day, project: 0, session: 0, sums }).collect(),
            asked: self.asked,
            projects: vec![String::new()],
            sessions: vec![String::new()],
            habits: Habits::default(),
            between: None,
        }
    }
}

/// CloudWatch's numbers of Claude, priced. It tells neither the life of cache writes nor the length of prompts: where they matter the
/// price is a range. All writes stand in `cache_write_5m`.
pub fn counted(metrics: &Metrics, own: &[InferenceProfile], table: &Table) -> Usage {
    let mut cells = Cells::new();
    for model in &metrics.models {
        let Some(asked) = asked(&model.model, own, table) else { continue };
        let place = cells.place(&asked);
        let rows = table.rows(&asked.model);
        let days: std::collections::BTreeSet<Date> = model.days.keys().chain(model.calls.keys()).copied().collect();
        for day in days {
            let counted = model.days.get(&day).copied().unwrap_or_default();
            let tokens = Tokens {
                input: counted.input,
                output: counted.output,
                cache_write_5m: counted.cache_write,
                cache_write_1h: 0,
                cache_read: counted.cache_read,
            };
            let messages = model.calls.get(&day).copied().unwrap_or_default();
            if messages == 0 && tokens.all() == 0 {
                continue;
            }
            let mut sums = Sums { messages, tokens, ..Sums::default() };
            match price::cost_of_sums(rows, &asked.model, asked.routing, day, &tokens) {
                Ok(cost) => sums.cost = Some(cost),
                Err(reason) => {
                    sums.unpriced = messages.max(1);
                    cells.asked[place].2.get_or_insert(reason);
                }
            }
            cells.cells.entry((place, day)).or_default().add(&sums);
        }
    }
    cells.usage()
}

/// What an id of CloudWatch asks for; `None` for models of other makers.
fn asked(id: &str, own: &[InferenceProfile], table: &Table) -> Option<Asked> {
    let profile = own.iter().find(|profile| profile.id == id || profile.arn == id);
    if let Some(profile) = profile {
        let model = profile.model_arns.first()?.rsplit_once("foundation-model/")?.1;
        return model.contains("anthropic.").then(|| Asked {
            model: model_name(model).to_owned(),
            profile: Some(profile.arn.clone()),
            routing: routing(profile),
        });
    }
    (id.contains("anthropic.") || id.contains(":application-inference-profile/")).then(|| table.asked(Some(id), id))
}

/// How a profile of the account routes, by the models that it leads to.
pub fn routing(profile: &InferenceProfile) -> Routing {
    let regions: Vec<&str> = profile.model_arns.iter().filter_map(|arn| arn.split(':').nth(3)).collect();
    match regions.as_slice() {
        [] => Routing::Unknown,
        _ if regions.contains(&"") => Routing::Known(Class::Global),
        _ if regions.iter().all(|region| region.starts_with("us-gov-")) => Routing::Known(Class::Gov),
        [_] => Routing::Known(Class::InRegion),
        _ => Routing::Known(Class::Geo),
    }
}

/// The bill's rows of Claude. What it cost is exact; tokens are told as far as a usage type is of tokens.
pub fn billed(costs: &Costs, table: &Table) -> Usage {
    let mut cells = Cells::new();
    for row in &costs.rows {
        let Some(name) = row.service.strip_suffix(EDITION).filter(|name| name.starts_with("Claude ")) else { continue };
        let known = table.all().find(|row| row.name == name);
        let usage = usage_type::read(&row.usage_type);
        let routing = usage.map_or(Routing::Unknown, |usage| {
            // A row without `Global` may be of a region or of a geography: the price is the same.
            Routing::Known(if usage.global { Class::Global } else { Class::Geo })
        });
        let model = known.map_or(name, |row| model_name(&row.model)).to_owned();
        let place = cells.place(&Asked { model, profile: None, routing });
        let mut tokens = Tokens::default();
        if let (Some(usage), Some(quantity)) = (usage, row.quantity) {
            // A unit is a million tokens.
            let number = u64::try_from(quantity.trillionths().max(0) / 1_000_000).unwrap_or(u64::MAX);
            match usage.kind {
                Kind::Input => tokens.input = number,
                Kind::Output => tokens.output = number,
                Kind::Write5m => tokens.cache_write_5m = number,
                Kind::Write1h => tokens.cache_write_1h = number,
                Kind::Read => tokens.cache_read = number,
            }
        }
        let money = Money::from_trillionths(row.amount.trillionths().max(0).unsigned_abs());
        let sums = Sums { tokens, cost: Some(Cost::exact(money)), ..Sums::default() };
        cells.cells.entry((place, row.day)).or_default().add(&sums);
    }
    cells.usage()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::metrics::{ModelMetrics, Tokens as Counted};
    use crate::usage::By;

    const DAY: Date = Date::constant(2026, 11, 20);

    fn profile(arns: &[&str]) -> InferenceProfile {
        InferenceProfile {
            id: "abcdefghijkl".to_owned(),
            arn: "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl".to_owned(),
            model_arns: arns
                .iter()
                .map(|arn| format!("arn:aws:bedrock:{arn}::foundation-model/anthropic.claude-opus-5-5"))
                .collect(),
            status: "ACTIVE".to_owned(),
            application: true,
        }
    }

    #[test]
    fn a_profile_of_the_account_routes_as_the_models_behind_it_do() {
        for (arns, class) in [
            (&["us-east-1", ""][..], Routing::Known(Class::Global)),
            (&["us-east-1", "us-west-2"], Routing::Known(Class::Geo)),
            (&["us-east-1"], Routing::Known(Class::InRegion)),
            (&["us-gov-west-1"], Routing::Known(Class::Gov)),
            (&[], Routing::Unknown),
        ] {
            assert_eq!(routing(&profile(arns)), class, "{arns:?}");
        }
    }

    #[test]
    fn what_cloudwatch_calls_by_an_opaque_id_is_priced_where_the_list_knows_it() {
        let metrics = |model: &str| {
            let tokens = Counted { output: 1_000_000, ..Counted::default() };
            let model = ModelMetrics {
                model: model.to_owned(),
                days: [(DAY, tokens)].into(),
                calls: [(DAY, 3)].into(),
                ..ModelMetrics::default()
            };
            let moment = jiff::Timestamp::UNIX_EPOCH;
            Metrics { from: moment, to: moment, step: 86_400, models: vec![model], complete: true }
        };
        let own = [profile(&["us-east-1", ""])];
        let rows = |model: &str| counted(&metrics(model), &own, Table::built_in()).rows(By::Model);
        let known = &rows("abcdefghijkl")[0];
        assert_eq!(known.asked.model, "claude-opus-5-5");
        assert_eq!(known.sums.cost.map(|cost| cost.to_string()).as_deref(), Some("$20.00"));
        let unknown = &rows("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/zzz")[0];
        assert_eq!((unknown.sums.cost, unknown.sums.unpriced), (None, 3), "never free, never a guess");
        assert!(rows("us.amazon.nova-lite-v1:0").is_empty());
    }

    #[test]
    fn sums_are_priced_below_and_above_every_step() {
        let sums = Tokens { output: 1_000_000, ..Tokens::default() };
        let rows = Table::built_in().rows("claude-haiku-5-5");
        let cost =
            price::cost_of_sums(rows, "claude-haiku-5-5", Routing::Known(Class::Global), DAY, &sums).expect("a price");
        assert_eq!(cost.to_string(), "$0.50 to $2.50");
    }
}
