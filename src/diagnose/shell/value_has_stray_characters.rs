//! `value-has-stray-characters`: a value carries a carriage return, quotes or blanks.

use crate::change::fix::Repair;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, repairs, words};
use crate::resolve::{Place, Source};
use crate::variables;

use super::stray::{cleaned, problem};
use super::stray_profile;
use crate::diagnose::region_and_models::region_unknown::nearest;

/// A value carries a carriage return, quotes or blanks.
pub const KIND: Kind = Kind {
    name: "value-has-stray-characters",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "A value carries a carriage return, literal quotes or blanks",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

The values look right and calls fail oddly: `Header 'Authorization' has invalid value`, `The security token included in the request is
invalid.`, `Could not load credentials from any providers`, `Invalid URL`, `The provided model identifier is invalid.`

## Why

A file with Windows line ends leaves a carriage return at the end of each value; a `.env` file that is read without a shell keeps its
quotes; a copy from a web page brings no-break spaces or typographic quotes. They are part of the value, and the terminal does not show them.

## Fix

Retype the value, or clean the whole file; a copy stays beside it:

    sed -i.before 's/\\r$//' FILE

## Check

Open a new terminal: `bedrockup doctor` finds no stray characters.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for variable in &case.route.variables {
        let Some(setting) = &variable.winner else { continue };
        let known = variable.name == variables::PROFILE && case.machine.aws.profiles.contains_key(&setting.value);
        let Some(problem) = problem(variable.name, &setting.value).filter(|_| !known) else { continue };
        let place = words::source(case, &setting.source);
        let secret = variables::is_secret(variable.name);
        let shown = local::shown(variable.name, &setting.value);
        let mut found = Found::new(format!("The value of {} has {problem}.", variable.name))
            .evidence(place, format!("{} is {shown}: {problem}", variable.name));
        let clean = meant(variable.name, &setting.value);
        // What it shall be, as it is typed; a secret is not repeated.
        let right = match (&setting.source, secret || clean.is_empty()) {
            (_, true) => String::new(),
            (Source::Settings { .. }, _) => format!(" It is meant to be `{clean}`."),
            _ => format!(" It is meant to be `{}`.", words::export(case, variable.name, &clean)),
        };
        found = match &setting.source {
            Source::Settings { scope, place } => {
                let text = format!("Retype the value in {}.{right}", words::place(case, place));
                let repairs = if clean.is_empty() { Vec::new() } else { repairs::give(case, variable.name, &clean) };
                found.fix(hand::edit_settings(case, text, *scope, &place.path, place.line).repaired_by(repairs))
            }
            source => match file_of(source) {
                Some(place) if setting.value.contains('\r') => {
                    let text = format!(
                        "Take the carriage returns out of {}; a copy is left beside it.{right}",
                        words::short(case, &place.path)
                    );
                    let own = place.path.starts_with(&case.machine.home);
                    let repair = own.then(|| Repair::CarriageReturns { path: place.path.clone() });
                    let command = hand::strip_carriage_returns(case, &place.path);
                    found.fix(Fix::command(text, command).repaired_by(repair))
                }
                Some(place) => {
                    let text = format!("Retype the value in {}.{right}", words::place(case, place));
                    let repairs =
                        if clean.is_empty() { Vec::new() } else { repairs::give(case, variable.name, &clean) };
                    found.fix(hand::edit_line(case, text, &place.path, place.line).repaired_by(repairs))
                }
                None => found,
            },
        };
        if secret || clean.is_empty() {
            found = found.fix(Fix::words(
                crate::diagnose::Who::You,
                format!("Copy the value of {} again, without what surrounds it.", variable.name),
            ));
        } else if !matches!(setting.source, Source::Settings { .. }) {
            let text = format!(
                "Set it without for this terminal, and strip it ({problem}) in the file that it was read from."
            );
            found = found.fix(Fix::command(text, words::export(case, variable.name, &clean)));
        }
        // A header that cannot be sent looks like an address that cannot be called.
        let unsent: &[&str] = if variable.name == variables::BEARER_TOKEN { &["endpoint-not-bedrock"] } else { &[] };
        let consequences = local::consequences(variable.name).iter().chain(unsent);
        all.push(consequences.fold(found, |found, name| found.explains(name)));
    }
    all.extend(stray_profile::in_profile(case));
    all
}

/// The value as it was meant: cleaned, and for a region the one that is written like it.
fn meant(name: &str, value: &str) -> String {
    let clean = cleaned(value);
    match name {
        variables::REGION | variables::DEFAULT_REGION => nearest(&clean).map_or(clean, str::to_owned),
        _ => clean,
    }
}

/// The file that a value comes from, where it is known.
fn file_of(source: &Source) -> Option<&Place> {
    match source {
        Source::Environment { place } | Source::NewShell { place, .. } => place.as_ref(),
        Source::RcFile(place) => Some(place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::Hop;
    use crate::diagnose::testing::{Scene, refusal};
    use crate::observe::rc_files::Effect;
    use crate::observe::settings::Scope;
    use crate::secret::Secret;
    use crate::variables;

    #[test]
    fn a_carriage_return_and_quotes_from_an_env_file() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.set(variables::REGION, "us-east-1\r");
        scene.set(variables::PROFILE, "\"default\"");
        let finding = scene.expect_first("value-has-stray-characters");
        assert!(finding.evidence[0].what.contains("\\u{d}"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-east-1"));
        let both = scene.findings().into_iter().filter(|finding| finding.name == "value-has-stray-characters").count();
        assert_eq!(both, 2);
    }

    #[test]
    fn the_region_that_was_meant_is_printed_whatever_was_wrong_with_it() {
        for value in ["us east 1", "\"us-east-1\"", "'US-EAST-1'", "us-east-1\r", "us-east-1\u{a0}", "“us_east_1”"]
        {
            let mut scene = Scene::healthy();
            scene.forget_block();
            scene.set(variables::REGION, value);
            let finding = scene.expect_first("value-has-stray-characters");
            assert_eq!(finding.fixes[0].command.as_deref(), Some("export AWS_REGION=us-east-1"), "{value}");
            scene.rc_line(".bashrc", variables::REGION, Some(value), Effect::Export);
            let finding = scene.expect_first("value-has-stray-characters");
            assert!(finding.fixes[0].text.contains("`export AWS_REGION=us-east-1`"), "{finding:?}");
            scene.settings_env(Scope::User, &[(variables::REGION, value)]);
            let finding = scene.expect_first("value-has-stray-characters");
            assert!(finding.fixes[0].text.contains("meant to be `us-east-1`"), "{finding:?}");
        }
        for value in ["US-EAST-1", "us-east-1a", "us_east_1", "useast1"] {
            let mut scene = Scene::healthy();
            scene.forget_block();
            scene.set(variables::REGION, value);
            scene.unreachable(Hop::Name, "Name or service not known");
            let command = scene.expect("region-unknown").fixes[0].command.clone();
            let answered = command.as_deref() == Some("export AWS_REGION=us-east-1");
            assert!(answered, "{value}: {command:?}");
        }
    }

    #[test]
    fn the_file_with_windows_line_ends_is_cleaned() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.set(variables::REGION, "us-east-1\r");
        scene.rc_line(".bashrc", variables::REGION, Some("us-east-1\r"), Effect::Export);
        let finding = scene.expect_first("value-has-stray-characters");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("sed -i.before 's/\\r$//' ~/.bashrc"));
    }

    #[test]
    fn quotes_around_the_switch_are_not_another_word() {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.set(variables::USE_BEDROCK, "\"1\"");
        scene.expect_first("value-has-stray-characters");
        scene.expect_absent("value-not-truthy");
    }

    #[test]
    fn a_secret_is_never_shown() {
        let mut scene = Scene::healthy();
        scene.settings_env(Scope::User, &[(variables::BEARER_TOKEN, "bedrock-api-key-SECRET\r")]);
        let finding = scene.expect("value-has-stray-characters");
        assert!(!format!("{finding:?}").contains("SECRET"), "{finding:?}");
    }

    #[test]
    fn quotes_in_the_credentials_file() {
        let mut scene = Scene::healthy();
        let profile = scene.machine.aws.profiles.get_mut("default").expect("the scene has it");
        profile.secret_access_key = Some(Secret::new("\"wJalrXUtnFEMI\""));
        scene.refuse_identity(&refusal(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match.",
        ));
        let finding = scene.expect_first("value-has-stray-characters");
        assert!(!format!("{finding:?}").contains("wJal"), "{finding:?}");
        let length = scene.expect("keys-inconsistent");
        assert_eq!(length.because_of, Some("value-has-stray-characters"), "the odd length follows from the quotes");
    }

    #[test]
    fn blanks_that_are_forgiven_or_meant() {
        let mut scene = Scene::healthy();
        scene.set(variables::REGION, " us-east-1 ");
        let profile = scene.machine.aws.profiles["default"].clone();
        scene.machine.aws.profiles.insert("it's mine".to_owned(), profile);
        scene.set(variables::PROFILE, "it's mine");
        scene.expect_absent("value-has-stray-characters");
    }

    #[test]
    fn the_healthy_machine_has_none() {
        Scene::healthy().expect_absent("value-has-stray-characters");
    }
}
