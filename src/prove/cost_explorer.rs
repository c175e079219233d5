//! What AWS bills: late, and for the whole account, but it is what is paid.

use jiff::tz::TimeZone;

use super::Case;
use super::line::{Line, Method, Nature, Status, Strength};
use super::words;
use crate::ask::cost;
use crate::aws::amount::Amount;

/// What is the same for every find.
pub const NATURE: Nature =
    Nature { name: Method::CostExplorer, delay: "24 to 48 hours", could_be_faked_by: "anybody in the account" };

/// The line.
pub fn line(case: &Case<'_>) -> Line {
    let check = check(case);
    let Some(costs) = case.asked.cost.got() else {
        let (lack, denied) = words::lack(&case.asked.cost);
        let mut line = NATURE.line(Status::CouldNotAsk, Strength::Weak, format!("No bill was seen: {lack}."), check);
        line.missing_permission = denied.then(|| words::BILL.clone());
        return line;
    };
    let currency = costs.currency.as_deref().unwrap_or("USD");
    let asked = format!(
        "asked with {}, each {} USD",
        words::count(u64::from(case.asked.cost_requests), "request"),
        cost::REQUEST
    );
    let partly = if costs.complete { "" } else { " Not all of the bill was read: this is a part of it." };
    if costs.rows.is_empty() && costs.others.is_empty() {
        let nothing = if costs.complete {
            "Nothing of Bedrock is on the bill of these days"
        } else {
            "No line of Bedrock was read"
        };
        let found = format!("{nothing}; it shows there after 24 to 48 hours ({asked}).{partly}");
        return NATURE.line(Status::Silent, Strength::Weak, found, check);
    }
    // Claude is sold through AWS Marketplace, each model as a product of its own; what else Bedrock bills is small.
    let total = |marketplace: bool| -> Amount {
        costs.rows.iter().filter(|row| row.service.ends_with(cost::EDITION) == marketplace).map(|row| row.amount).sum()
    };
    let by_service = |service: &String| {
        let sum: Amount = costs.rows.iter().filter(|row| row.service == *service).map(|row| row.amount).sum();
        format!("{service}: {} {currency}", dollars(sum))
    };
    let services: Vec<String> = costs.services.iter().map(by_service).collect();
    let mut found = format!(
        "By AWS's own bill of these days {} {currency} through AWS Marketplace and {} {currency} of Amazon Bedrock itself ({}; {asked}).",
        dollars(total(true)),
        dollars(total(false)),
        services.join("; "),
    );
    for other in &costs.others {
        found.push_str(&format!(" {} of {}: {} {currency}.", other.record_type, other.service, dollars(other.amount)));
    }
    if costs.rows.iter().any(|row| row.estimated) {
        found.push_str(" AWS may still change it.");
    }
    found.push_str(partly);
    NATURE.line(Status::Supports, Strength::Weak, found, check)
}

/// An amount to the cent.
fn dollars(amount: Amount) -> String {
    let cents = amount.hundredths();
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

fn check(case: &Case<'_>) -> String {
    let day = |moment: jiff::Timestamp| TimeZone::UTC.to_datetime(moment).date();
    let end = day(case.span.until).tomorrow().unwrap_or_else(|_| day(case.span.until));
    format!(
        "aws ce get-cost-and-usage{} --region us-east-1 --time-period Start={},End={end} --granularity DAILY --metrics UnblendedCost --group-by \
         Type=DIMENSION,Key=SERVICE",
        words::profile_option(case),
        day(case.span.since)
    )
}
