//! `not-configured`: nothing switches Bedrock on.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity};
use crate::resolve::Provider;
use crate::variables;

/// Nothing switches Bedrock on.
pub const KIND: Kind = Kind {
    name: "not-configured",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "Nothing switches Bedrock on",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`claude` asks you to log in to Anthropic, or says `Not logged in · Please run /login`, or answers and bills an Anthropic account.

## Why

Claude Code goes to Amazon Bedrock only where `CLAUDE_CODE_USE_BEDROCK` is set for the process that starts it, by a shell or by one of
its settings files. Here no place sets it.

## Fix

    bedrockup setup

## Check

Open a new terminal and run `claude auth status`: it says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    // An empty value in a settings file is a setting too: then `settings-override-shell` knows more.
    if case.route.provider != Provider::FirstParty || case.route.variable(variables::USE_BEDROCK).is_some() {
        return Vec::new();
    }
    let found = Found::new(format!("Nothing sets {}, so `claude` does not use Bedrock.", variables::USE_BEDROCK))
        .evidence(
            "environment, settings files and rc files",
            format!("{} is set nowhere", variables::USE_BEDROCK),
        )
        .fix(Fix::command("Set Claude Code up for Bedrock.", "bedrockup setup").automatic());
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::variables;

    #[test]
    fn a_machine_without_the_switch_is_not_configured() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.machine.environment.remove(variables::USE_BEDROCK);
        scene.expect_first("not-configured");
    }

    #[test]
    fn a_configured_machine_is() {
        Scene::healthy().expect_absent("not-configured");
    }
}
