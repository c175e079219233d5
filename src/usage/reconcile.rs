//! Estimate, AWS's count and AWS's bill of the same days, side by side, and what explains the difference. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{By, Provider, Sums, Usage};
use crate::ask::cost::Costs;
use crate::price::{Cost, Money};

/// One model, seen from three sides. `None` is "not there", which for a side that could not be asked says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sides {
    /// The transcripts of this machine.
    pub estimate: Option<Sums>,
    /// CloudWatch, priced.
    pub counted: Option<Sums>,
    /// The bill.
    pub billed: Option<Sums>,
}

/// The three sides of every model, and of all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// By model.
    pub models: BTreeMap<String, Sides>,
    /// All models.
    pub totals: Sides,
    /// What explains the difference, as sentences.
    pub explanations: Vec<String>,
}

/// What is compared.
pub struct Compared<'a> {
    /// The transcripts.
    pub estimate: &'a Usage,
    /// CloudWatch, where it answered.
    pub counted: Option<&'a Usage>,
    /// The region that CloudWatch counts.
    pub region: &'a str,
    /// The bill, where it was asked for and answered.
    pub billed: Option<(&'a Usage, &'a Costs)>,
    /// The last day of the span.
    pub last_day: Date,
}

/// One of the sides.
type Side = fn(&mut Sides) -> &mut Option<Sums>;

/// Sets the sides side by side.
pub fn reconcile(compared: &Compared<'_>) -> Reconciliation {
    let mut result = Reconciliation::default();
    let sides: [(Option<&Usage>, Side); 3] = [
        (Some(compared.estimate), |sides| &mut sides.estimate),
        (compared.counted, |sides| &mut sides.counted),
        (compared.billed.map(|(usage, _)| usage), |sides| &mut sides.billed),
    ];
    for (usage, side) in sides {
        let Some(usage) = usage else { continue };
        for row in usage.rows(By::Model).into_iter().filter(|row| row.provider == Provider::Bedrock) {
            let sums = side(result.models.entry(row.asked.model.clone()).or_default());
            sums.get_or_insert_default().add(&row.sums);
        }
        *side(&mut result.totals) = Some(usage.bedrock());
    }
    result.explanations = explanations(compared, &result);
    result
}

/// The first as a share of the second, where both are known. Of ranges the middles are compared.
pub fn ratio(one: Option<&Sums>, other: Option<&Sums>) -> Option<f64> {
    let cost = |sums: Option<&Sums>| sums.and_then(|sums| sums.cost);
    middle(cost(one)?).share(middle(cost(other)?))
}

fn middle(cost: Cost) -> Money {
    (cost.low + cost.high).scaled(1, 2)
}

fn explanations(compared: &Compared<'_>, result: &Reconciliation) -> Vec<String> {
    let mut said = Vec::new();
    let totals = &result.totals;
    let (estimate, counted) = (totals.estimate.as_ref(), totals.counted.as_ref());
    if let (Some(ours), Some(all)) = (estimate, counted) {
        said.extend(count(ours, all, compared.region));
    }
    if let Some((usage, costs)) = compared.billed {
        said.extend(bill(compared, usage, costs));
    }
    if let (Some(all), Some(bill)) = (counted, totals.billed.as_ref())
        && let Some(ratio) = ratio(Some(bill), Some(all))
    {
        let billed = bill.cost.map(|cost| cost.low);
        let beyond = |cost: Cost| billed.is_some_and(|billed| billed < cost.low.scaled(97, 100));
        if all.cost.is_some_and(beyond) {
            said.push(format!(
                "The bill is {:.0} % of CloudWatch's tokens at list prices: days that are not billed yet, a discount, or a private offer.",
                ratio * 100.0
            ));
        } else if all.cost.is_some_and(|cost| billed.is_some_and(|billed| billed > cost.high.scaled(103, 100))) {
            said.push(format!(
                "The bill covers every region of the account, and every account that pays with it; CloudWatch was asked in {} alone.",
                compared.region
            ));
        }
    }
    let unpriced = [estimate, counted].into_iter().flatten().any(|sums| sums.unpriced > 0);
    if unpriced {
        said.push(
            "Some answers have no price in the table: they are in the bill, and not in the other sums.".to_owned(),
        );
    }
    said.push(
        "Claude Code's one-token probes at start, and the calls of /compact and of failed streams that were made again, are counted and \
         billed by AWS and leave no answer in a transcript."
            .to_owned(),
    );
    said
}

fn count(ours: &Sums, all: &Sums, region: &str) -> Option<String> {
    let (mine, theirs) = (ours.tokens.all(), all.tokens.all());
    #[expect(clippy::cast_precision_loss, reason = "a whole number of per cent is shown")]
    let share = |one: u64, other: u64| one as f64 * 100.0 / (other.max(1)) as f64;
    if theirs > mine + mine / 50 {
        Some(format!(
            "{:.0} % of the tokens that CloudWatch counted in {region} stand in this machine's transcripts: the rest is other people, other \
             machines, other programs, or transcripts that were deleted.",
            share(mine, theirs)
        ))
    } else if mine > theirs + theirs / 50 {
        Some(format!(
            "CloudWatch counted {:.0} % of the tokens of this machine's transcripts in {region}: the rest went to another region or account, or to \
             models that were last called more than two weeks ago, which its list leaves out.",
            share(theirs, mine)
        ))
    } else {
        Some(format!(
            "CloudWatch's count in {region} and this machine's transcripts agree within 2 %: nobody else used Claude there."
        ))
    }
}

fn bill(compared: &Compared<'_>, usage: &Usage, costs: &Costs) -> Vec<String> {
    let mut said = Vec::new();
    let days = |usage: &Usage| -> Vec<Date> {
        let rows = usage.rows(By::Day).into_iter().filter(|row| row.provider == Provider::Bedrock);
        rows.filter_map(|row| row.key?.parse().ok()).collect()
    };
    let last = days(usage).into_iter().max();
    let missing: Money = compared
        .estimate
        .rows(By::Day)
        .iter()
        .filter(|row| row.provider == Provider::Bedrock)
        .filter(|row| {
            row.key
                .as_deref()
                .and_then(|key| key.parse().ok())
                .is_some_and(|day: Date| last.is_none_or(|last| day > last))
        })
        .filter_map(|row| row.sums.cost.map(|cost| cost.high))
        .sum();
    match last {
        None => said.push("The bill has nothing of Claude yet: it is one or two days late.".to_owned()),
        Some(last) if last < compared.last_day && missing > Money::ZERO => {
            said.push(format!("The bill ends with {last}, since it is one or two days late; the days after it are {missing} of the estimate."));
        }
        Some(_) => {}
    }
    let estimated = costs.rows.iter().filter(|row| row.estimated).count();
    if estimated > 0 {
        said.push("AWS marks amounts of this span as estimated: they may change until the invoice.".to_owned());
    }
    let marketplace = costs.services.iter().filter(|service| service.ends_with(crate::price::refresh::EDITION)).count();
    if marketplace > 0 {
        said.push(format!(
            "{marketplace} of {} services on the bill are Marketplace lines, `Claude … (Amazon Bedrock Edition)`: a filter on \
             `Amazon Bedrock` alone misses them.",
            costs.services.len()
        ));
    }
    for other in &costs.others {
        said.push(format!(
            "Beside it, {}: {} {} for {}.",
            other.record_type,
            other.amount,
            costs.currency.as_deref().unwrap_or("USD"),
            other.service
        ));
    }
    if !costs.complete {
        said.push("Not every page of the bill was read: the sum is too low.".to_owned());
    }
    said
}
