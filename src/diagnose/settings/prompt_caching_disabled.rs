//! `prompt-caching-disabled`: prompt caching is switched off.

use crate::diagnose::{Case, Found, Kind, Layer, Severity, hand, local, words};
use crate::resolve::Provider;
use crate::variables;

/// Prompt caching is switched off.
pub const KIND: Kind = Kind {
    name: "prompt-caching-disabled",
    layer: Layer::Settings,
    severity: Severity::Warning,
    title: "Prompt caching is switched off",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A session costs several times what it should: each turn is billed as fresh input.

## Why

Guides from the first months of Claude on Bedrock told people to set `DISABLE_PROMPT_CACHING=1`. Today it only makes every turn send and pay the
whole conversation again.

## Fix

    unset DISABLE_PROMPT_CACHING

and remove it from the place shown.

## Check

`bedrockup doctor` names no place any more.
";

const NAMES: [&str; 6] = [
    "DISABLE_PROMPT_CACHING",
    "DISABLE_PROMPT_CACHING_OPUS",
    "DISABLE_PROMPT_CACHING_SONNET",
    "DISABLE_PROMPT_CACHING_HAIKU",
    "DISABLE_PROMPT_CACHING_FABLE",
    "DISABLE_PROMPT_CACHING_MYTHOS",
];

/// Nothing is cached.
pub fn is_off(case: &Case<'_>) -> bool {
    local::in_effect(case, NAMES[0]).is_some_and(variables::is_truthy)
}

fn detect(case: &Case<'_>) -> Vec<Found> {
    let on: Vec<&str> =
        NAMES.into_iter().filter(|name| local::in_effect(case, name).is_some_and(variables::is_truthy)).collect();
    if on.is_empty() || case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let mut found = Found::new(format!("{} is on: each turn is billed as fresh input.", on.join(", ")));
    for name in &on {
        let place =
            local::source(case, name).map_or_else(|| "environment".to_owned(), |source| words::source(case, &source));
        found = found.evidence(place, format!("{name} is on"));
    }
    vec![on.iter().fold(found, |found, name| found.fix(hand::take_away(case, name)))]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::Effect;

    #[test]
    fn an_old_line_in_an_rc_file() {
        let mut scene = Scene::healthy();
        scene.set("DISABLE_PROMPT_CACHING", "1");
        scene.rc_line(".bashrc", "DISABLE_PROMPT_CACHING", Some("1"), Effect::Export);
        let finding = scene.expect_first("prompt-caching-disabled");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.fixes[0].text.contains("~/.bashrc:20"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset DISABLE_PROMPT_CACHING"));
    }

    #[test]
    fn off_is_off() {
        let mut scene = Scene::healthy();
        scene.set("DISABLE_PROMPT_CACHING", "0");
        scene.expect_absent("prompt-caching-disabled");
        Scene::healthy().expect_absent("prompt-caching-disabled");
    }
}
