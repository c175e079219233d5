//! `variable-misspelled`: the name of a variable is misspelled.

use std::collections::BTreeMap;

use crate::change::fix::{LineChange, Repair, SettingsChange};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::resolve::Source;
use crate::variables;

/// The name of a variable is misspelled.
pub const KIND: Kind = Kind {
    name: "variable-misspelled",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The name of a variable is misspelled",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Everything is set, and nothing happens: `Not logged in · Please run /login`, another region, `Could not load credentials from any providers`.

## Why

Nobody complains about a variable that no program knows. A name that is one or two letters away from one that Claude Code reads, or has a word
too many (`CLAUDE_CODE_USE_BEDROK`, `CLAUDE_CODE_USE_AWS_BEDROCK`, `AWS_ACCESS_KEY_ID_ID`), is most likely meant for it.

## Fix

Rename it to the name that is shown, in the place that is shown.

## Check

`bedrockup why` shows the value under the right name.
";

/// Names that a slip can be near to. Proxies and certificates have many relatives that are real.
const KNOWN: [&str; 17] = [
    variables::USE_BEDROCK,
    variables::REGION,
    variables::DEFAULT_REGION,
    variables::PROFILE,
    variables::BEARER_TOKEN,
    variables::ACCESS_KEY_ID,
    variables::SECRET_ACCESS_KEY,
    variables::SESSION_TOKEN,
    variables::BASE_URL,
    variables::SKIP_AUTH,
    variables::MODEL,
    variables::OPUS_MODEL,
    variables::SONNET_MODEL,
    variables::HAIKU_MODEL,
    variables::SMALL_FAST_MODEL,
    variables::REGION_PREFIX,
    variables::CONFIG_DIR,
];

/// Real names that are near to one of those.
const REAL: [&str; 4] =
    ["ANTHROPIC_DEFAULT_MODEL", "ANTHROPIC_BASE_URL", "ANTHROPIC_DEFAULT_FABLE_MODEL", "CLAUDE_CODE_SKIP_VERTEX_AUTH"];

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut names: BTreeMap<&str, ()> = case.machine.environment.iter().map(|(name, _)| (name, ())).collect();
    for file in &case.machine.settings {
        names.extend(
            file.settings().into_iter().flat_map(|settings| settings.env.keys()).map(|name| (name.as_str(), ())),
        );
    }
    let login = local::login_kind(case).map(|kind| local::fresh(case, kind)).unwrap_or_default();
    for environment in login.into_iter().filter_map(|shell| shell.environment()) {
        names.extend(environment.iter().map(|(name, _)| (name, ())));
    }
    let mut all = Vec::new();
    for name in names.into_keys() {
        let value = local::in_effect(case, name);
        let Some(right) = meant(name).filter(|right| value.is_some() && !is_set(case, right)) else { continue };
        let source = local::source(case, name);
        let place = source.as_ref().map_or_else(|| "environment".to_owned(), |source| words::source(case, source));
        let found = Found::new(format!("{name} is set, which nothing reads; {right} is not."))
            .evidence(place.clone(), format!("{name} is set"));
        let found = match (source, value) {
            (Some(Source::Settings { scope, place: at }), _) => {
                let text = format!("Rename `{name}` to `{right}` in {place}.");
                let (from, to) = (name.to_owned(), right.to_owned());
                let repair = repairs::settings(scope, &at.path, vec![SettingsChange::RenameEnv { from, to }]);
                found.fix(hand::edit_settings(case, text, scope, &at.path, at.line).repaired_by(repair))
            }
            (_, Some(value)) if !variables::is_secret(right) && right != variables::ACCESS_KEY_ID => {
                let text = format!("Set {right} here, and rename {name} to it where it is set ({place}).");
                found.fix(Fix::command(text, words::export(case, right, value)).repaired_by(renamed(case, name, right)))
            }
            _ => {
                let text = format!("Rename {name} to {right} where it is set ({place}).");
                let fix = Fix::words(crate::diagnose::Who::You, text);
                found.fix(fix.repaired_by(renamed(case, name, right)))
            }
        };
        all.push(consequences(right).iter().fold(found, |found, name| found.explains(name)));
    }
    all.extend(elsewhere(case));
    all
}

/// Slips in definitions of services and in the settings of editors, each judged by what stands beside it there.
fn elsewhere(case: &Case<'_>) -> Vec<Found> {
    let surfaces = &case.machine.surfaces;
    let services = surfaces.services.iter().map(|service| (&service.path, &service.environment, "service-environment"));
    let editors = surfaces
        .editors
        .iter()
        .filter_map(|file| Some((&file.path, &file.keys.as_ref().ok()?.environment, "ide-does-not-read-shell")));
    let slips = services.chain(editors).flat_map(|(path, environment, consequence)| {
        environment.iter().filter_map(move |(name, entry)| {
            let right = meant(name).filter(|right| !environment.contains_key(*right))?;
            Some((path, name, entry.line, right, consequence))
        })
    });
    slips
        .map(|(path, name, line, right, consequence)| {
            let place = format!("{}:{line}", words::short(case, path));
            Found::new(format!("{name} is set in {place}, which nothing reads; {right} is not."))
                .evidence(place.clone(), format!("{name} is set"))
                .fix(hand::edit_line(case, format!("Rename `{name}` to `{right}` in {place}."), path, line))
                .explains(consequence)
                .explains("not-configured")
        })
        .collect()
}

/// The other name in every line of the start-up files that has this one; nothing where one of them cannot be changed.
fn renamed(case: &Case<'_>, name: &str, right: &str) -> Vec<Repair> {
    let lines = local::assignments_of(case, name);
    let change = || LineChange::Word { from: name.to_owned(), to: right.to_owned() };
    let repairs: Option<Vec<Repair>> =
        lines.iter().map(|(file, line)| repairs::line(case, file, line, change())).collect();
    repairs.unwrap_or_default()
}

/// The name in its place is set somewhere; a region has two names.
fn is_set(case: &Case<'_>, name: &str) -> bool {
    let set = |name: &str| local::in_effect(case, name).is_some();
    match name {
        variables::REGION | variables::DEFAULT_REGION => set(variables::REGION) || set(variables::DEFAULT_REGION),
        name => set(name),
    }
}

/// The known name that was most likely meant.
fn meant(name: &str) -> Option<&'static str> {
    // Nobody but Claude Code has names of that start; `aws_region` may be a variable of a script.
    let upper = name.to_ascii_uppercase();
    if upper != name && upper.starts_with("CLAUDE_") && KNOWN.contains(&upper.as_str()) {
        return KNOWN.iter().find(|known| **known == upper).copied();
    }
    let foreign =
        !["CLAUDE_", "AWS_", "ANTHROPIC_"].iter().any(|start| name.starts_with(start)) && !name.contains("BEDRO");
    let known =
        variables::ROUTING.contains(&name) || variables::OTHER_PROVIDERS.iter().any(|(switch, _)| *switch == name);
    // `ANTHROPIC_DEFAULT_OPUS_MODEL_NAME` and the like are real.
    let extended = name.starts_with("ANTHROPIC_DEFAULT_") && name.contains("_MODEL_");
    if foreign || known || REAL.contains(&name) || extended {
        return None;
    }
    let sorted = |name: &str| {
        let mut words: Vec<_> = name.split('_').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    if let Some(right) = KNOWN.iter().find(|right| sorted(right) == sorted(name)) {
        return Some(right);
    }
    // The switch, with more or fewer of the words around it.
    let words: Vec<&str> = name.split('_').collect();
    let around = ["CLAUDE", "CODE", "AWS", "AMAZON", "ANTHROPIC", "BEDROCK", "USE", "ENABLE", "ENABLED"];
    let on = words.iter().any(|word| ["USE", "ENABLE", "ENABLED"].contains(word));
    if on && words.contains(&"BEDROCK") && words.iter().all(|word| around.contains(word)) {
        return Some(variables::USE_BEDROCK);
    }
    let slip = |right: &&&str| strsim::damerau_levenshtein(name, right) <= 2;
    let word = |right: &&&str| words_differ_by_one(name, right);
    KNOWN.iter().find(slip).or_else(|| KNOWN.iter().find(word)).copied()
}

/// A word too many or too few: any for the switch, whose words nobody else uses; elsewhere a word that stands twice.
fn words_differ_by_one(name: &str, right: &str) -> bool {
    let (name, right): (Vec<_>, Vec<_>) = (name.split('_').collect(), right.split('_').collect());
    let without = |words: &[&str], at: usize| -> Vec<String> {
        words.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, word)| (*word).to_owned()).collect()
    };
    let is = |known: &str| right.join("_") == known;
    let switch = is(variables::USE_BEDROCK);
    // Mixed up with the name of its other half.
    let id = |at: usize| is(variables::SECRET_ACCESS_KEY) && name[at] == "ID";
    let added = (0..name.len())
        .any(|at| without(&name, at) == right && (switch || id(at) || (at > 0 && name[at] == name[at - 1])));
    let lost = (0..right.len()).any(|at| {
        let own = if switch { right[at] != "BEDROCK" } else { is(variables::BEARER_TOKEN) && right[at] == "BEDROCK" };
        own && without(&right, at) == name
    });
    added || lost
}

/// What follows where the right name is not set.
fn consequences(name: &str) -> &'static [&'static str] {
    match name {
        variables::USE_BEDROCK => &["not-configured"],
        variables::REGION | variables::DEFAULT_REGION => &["region-missing", "region-only-implied"],
        variables::PROFILE | variables::BEARER_TOKEN | variables::ACCESS_KEY_ID | variables::SECRET_ACCESS_KEY => {
            &["no-credentials", "keys-inconsistent"]
        }
        variables::SESSION_TOKEN => &["keys-unknown", "keys-inconsistent"],
        variables::BASE_URL => &["dns-failed", "no-answer", "connection-refused"],
        _ => &["model-unpinned"],
    }
}

#[cfg(test)]
mod tests {
    use super::meant;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::observe::surfaces::services::ServiceKind;
    use crate::variables;

    #[test]
    fn slips_and_what_was_meant() {
        for (name, right) in [
            ("CLAUDE_CODE_USE_BEDROK", variables::USE_BEDROCK),
            ("CLAUDE_CODE_USE_AWS_BEDROCK", variables::USE_BEDROCK),
            ("CLAUDE_USE_BEDROCK", variables::USE_BEDROCK),
            ("USE_BEDROCK", variables::USE_BEDROCK),
            ("CLAUDE_CODE_ENABLE_BEDROCK", variables::USE_BEDROCK),
            ("claude_code_use_bedrock", variables::USE_BEDROCK),
            ("AWS_ACCESS_KEY_ID_ID", variables::ACCESS_KEY_ID),
            ("AWS_REGOIN", variables::REGION),
            ("AWS_BEDROCK_BEARER_TOKEN", variables::BEARER_TOKEN),
            ("AWS_BEARER_TOKEN", variables::BEARER_TOKEN),
            ("AWS_SECRET_ACCESS_KEY_ID", variables::SECRET_ACCESS_KEY),
            ("ANTHROPIC_DEFAULT_OPUS_MODLE", variables::OPUS_MODEL),
        ] {
            assert_eq!(meant(name).or(Some("nothing")), Some(right), "{name}");
        }
    }

    #[test]
    fn real_names_are_not_slips() {
        for name in [
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_S3_REGION",
            "AWS_ACCESS_KEY",
            "AWS_SECRET_KEY",
            "AWS_SSO_SESSION",
            "AWS_CA_BUNDLE",
            "AWS_SECURITY_TOKEN",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_DEFAULT_MODEL",
            "ANTHROPIC_DEFAULT_OPUS_MODEL_NAME",
            "ANTHROPIC_API_KEY",
            "CLAUDE_CODE_USE_VERTEX",
            "CLAUDE_CODE_USE_MANTLE",
            "CLAUDE_CODE_USE_GATEWAY",
            "CLAUDE_CODE_SUBAGENT_MODEL",
            "REGION",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
    }

    #[test]
    fn a_misspelled_switch() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        scene.client_says("firstParty");
        scene.set("CLAUDE_CODE_USE_BEDROK", "1");
        let finding = scene.expect_first("variable-misspelled");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export CLAUDE_CODE_USE_BEDROCK=1"));
        assert_eq!(scene.expect("not-configured").because_of, Some("variable-misspelled"));
    }

    #[test]
    fn a_slip_in_a_unit() {
        let mut scene = Scene::healthy();
        scene.service(ServiceKind::UserUnit, "claude -p hi", &[("CLAUDE_CODE_USE_BEDROK", "1")]);
        let finding = scene.expect_first("variable-misspelled");
        assert!(finding.fixes[0].text.contains("board.service:3"), "{finding:?}");
        assert_eq!(scene.expect("service-environment").because_of, Some("variable-misspelled"));
    }

    #[test]
    fn beside_the_right_one_it_harms_nobody() {
        let mut scene = Scene::healthy();
        scene.set("CLAUDE_CODE_USE_BEDROK", "1");
        scene.settings_env(Scope::User, &[("AWS_REGOIN", "eu-west-1")]);
        scene.expect_absent("variable-misspelled");
        Scene::healthy().expect_absent("variable-misspelled");
    }

    #[test]
    fn a_secret_is_not_written_into_a_command() {
        let mut scene = Scene::healthy();
        scene.set("AWS_SECRET_ACCES_KEY", "SECRET");
        let finding = scene.expect("variable-misspelled");
        assert!(!format!("{finding:?}").contains("`SECRET`") && finding.fixes[0].command.is_none(), "{finding:?}");
    }
}
