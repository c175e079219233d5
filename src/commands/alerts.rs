//! `alerts`: prints, and never applies, a CloudFormation template with the guardrails that AWS already has.

use std::time::Duration;

use askama::Template;

use super::Outcome;
use crate::cli::AlertsArgs;
use crate::exit::Exit;
use crate::observe;
use crate::price::Table;
use crate::price::refresh::EDITION;
use crate::resolve;
use crate::world::World;

#[derive(Template)]
#[template(path = "cloudformation/alerts.yml", escape = "none")]
struct Alerts<'a> {
    version: &'static str,
    region: &'a str,
    email: &'a str,
    budget: u32,
    services: String,
    input_tokens: u64,
    output_tokens: u64,
    throttles: u32,
    log_invocations: bool,
    widgets: Vec<Widget>,
}

/// One picture of the dashboard, a line for each model and metric.
struct Widget {
    x: u8,
    y: u8,
    title: &'static str,
    stacked: bool,
    period: u32,
    statistic: &'static str,
    metrics: &'static [&'static str],
}

/// The dashboard: what costs, what is refused, what is slow.
fn widgets() -> Vec<Widget> {
    let widget = |place: u8, title, stacked, period, statistic, metrics| Widget {
        x: place % 2 * 12,
        y: place / 2 * 6,
        title,
        stacked,
        period,
        statistic,
        metrics,
    };
    vec![
        widget(0, "Tokens read anew and written", true, 3600, "Sum", &["InputTokenCount", "OutputTokenCount"]),
        widget(
            1,
            "Tokens from and to the cache",
            true,
            3600,
            "Sum",
            &["CacheReadInputTokenCount", "CacheWriteInputTokenCount"],
        ),
        widget(2, "Calls", true, 300, "Sum", &["Invocations"]),
        widget(
            3,
            "Refused and failed",
            false,
            300,
            "Sum",
            &["InvocationThrottles", "InvocationClientErrors", "InvocationServerErrors"],
        ),
        widget(4, "Latency (ms)", false, 300, "Average", &["InvocationLatency", "TimeToFirstToken"]),
        widget(5, "Use of the tokens-per-minute quota", false, 60, "Maximum", &["EstimatedTPMQuotaUsage"]),
    ]
}

/// Fills the template in for the region that `claude` would use here.
pub async fn run(world: &World, args: &AlertsArgs) -> Outcome {
    let options = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let machine = observe::machine(world, &options).await;
    let route = resolve::resolve(&machine);
    // A region that is not shaped like one could be anything.
    let region =
        route.region.name.parse::<crate::value::Region>().map_or("us-east-1".to_owned(), |region| region.to_string());
    match template(args, &region) {
        Ok(text) => Outcome::well(text),
        Err(error) => Outcome::failed(Exit::Problem, format!("the template is broken: {error}")),
    }
}

fn template(args: &AlertsArgs, region: &str) -> askama::Result<String> {
    let template = Alerts {
        version: env!("CARGO_PKG_VERSION"),
        region,
        email: args.email.as_deref().unwrap_or_default(),
        budget: args.monthly_budget,
        services: services(),
        input_tokens: args.input_tokens_per_hour,
        output_tokens: args.output_tokens_per_hour,
        throttles: args.throttles,
        log_invocations: args.log_invocations,
        widgets: widgets(),
    };
    Ok(template.render()? + "\n")
}

/// The services on a bill that sell Claude through Bedrock, as far as the table of prices knows them.
fn services() -> String {
    let mut names: Vec<String> = Table::built_in().all().map(|row| format!("{}{EDITION}", row.name)).collect();
    names.sort();
    names.dedup();
    names.push("Amazon Bedrock".to_owned());
    names.join(",")
}
