//! `variable-empty`: a variable is set to the empty string.

use crate::change::fix::Repair;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, local, repairs, words};
use crate::observe::rc_files::Effect;
use crate::resolve::Provider;
use crate::variables;
use crate::version::Version;

/// The first client that takes an empty token or base URL for unset.
const EMPTY_IS_UNSET: Version = Version(2, 1, 97);

/// A variable is set to nothing.
pub const KIND: Kind = Kind {
    name: "variable-empty",
    layer: Layer::Shell,
    severity: Severity::Note,
    title: "A variable is set to nothing",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`The config profile () could not be found` from the AWS CLI, while Claude Code works. With clients before 2.1.97: `403 Authorization header requires
'Credential' parameter`, or 404, on every call.

## Why

A variable is there with no value: an unset input of a CI job, `export AWS_PROFILE=`. Claude Code takes that for unset; other AWS tools do not all
do so, and clients before 2.1.97 did not for `AWS_BEARER_TOKEN_BEDROCK` and `ANTHROPIC_BEDROCK_BASE_URL`.

## Fix

    unset AWS_PROFILE

with the name shown, or give it a value.

## Check

`env | grep AWS_PROFILE` shows nothing.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let old = case.machine.client.version().is_some_and(|version| version < EMPTY_IS_UNSET);
    let mut all = Vec::new();
    for name in variables::ROUTING {
        // What a settings file decides is judged there.
        let empty = case.machine.environment.get(name).or_else(|| local::in_new_terminal(case, name)) == Some("");
        if !empty || local::settings_winner(case, name).is_some() {
            continue;
        }
        let breaks = old
            && matches!(name, variables::BEARER_TOKEN | variables::BASE_URL)
            && case.route.provider == Provider::Bedrock;
        let place = local::assignments_of(case, name)
            .last()
            .map(|(file, line)| format!("{}:{}", words::short(case, &file.path), line.line));
        let mut found = if breaks {
            Found::new(format!("{name} is set to nothing, which this old client does not take for unset."))
                .severity(Severity::Error)
        } else {
            Found::new(format!("{name} is set to nothing: Claude Code takes that for unset, other AWS tools may not."))
        };
        found = found.evidence(place.unwrap_or_else(|| "environment".to_owned()), format!("{name} is empty")).fix(
            Fix::command(
                format!("Unset {name}, and remove it from where it is set, or give it a value."),
                words::unset(case, &[name]),
            )
            .repaired_by(emptied(case, name)),
        );
        if breaks {
            found = found.fix(Fix::command("Or update Claude Code.", "claude update"));
            found = local::consequences(name)
                .iter()
                .chain(&["secret-wrong", "aws-refused"])
                .fold(found, |found, name| found.explains(name));
        }
        all.push(found);
    }
    all
}

/// The lines that set it to nothing, as comments.
fn emptied(case: &Case<'_>, name: &str) -> Vec<Repair> {
    let lines = local::assignments_of(case, name);
    let empty = lines.iter().filter(|(_, line)| line.value.as_deref() == Some("") && line.effect != Effect::Unset);
    empty.filter_map(|(file, line)| repairs::comment_out(case, file, line)).collect()
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::settings::Scope;
    use crate::variables;
    use crate::version::Version;

    #[test]
    fn an_empty_profile_is_a_note() {
        let mut scene = Scene::healthy();
        scene.set(variables::PROFILE, "");
        let finding = scene.expect_first("variable-empty");
        assert_eq!(finding.severity, Severity::Note);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("unset AWS_PROFILE"));
    }

    #[test]
    fn an_empty_token_breaks_old_clients() {
        let mut scene = Scene::healthy();
        scene.set(variables::BEARER_TOKEN, "");
        scene.client(Version(2, 1, 96));
        assert_eq!(scene.expect("variable-empty").severity, Severity::Error);
        scene.client(Version(2, 1, 97));
        assert_eq!(scene.expect("variable-empty").severity, Severity::Note);
    }

    #[test]
    fn values_and_settings_are_another_matter() {
        let mut scene = Scene::healthy();
        scene.set(variables::PROFILE, "");
        scene.settings_env(Scope::User, &[(variables::PROFILE, "default")]);
        scene.expect_absent("variable-empty");
        Scene::healthy().expect_absent("variable-empty");
    }
}
