//! Variables that a file sets for the shell alone which a start-up file reads (`. ~/.env`).

use super::variable_not_exported::{consequences, how};
use crate::diagnose::{Case, Found, hand, local, words};
use crate::observe::rc_files::{Assignment, Effect, Sourced};
use crate::shell::{ShellKind, Syntax};
use crate::variables;

/// Such lines, one find for each file. They may stand where nobody calls them, in a function for one:
/// that the switch is lost, or what the variable decides fails, tells that they were meant.
pub(super) fn in_sourced_files(case: &Case<'_>, kind: ShellKind) -> Vec<Found> {
    let shells = local::fresh(case, kind);
    let asked = shells.iter().filter_map(|shell| shell.environment()).collect::<Vec<_>>();
    let given = |name: &str| {
        let is_name = |line: &Assignment| line.name == name && line.effect == Effect::Export;
        local::assignments_of(case, name).iter().any(|(_, line)| line.effect != Effect::Unset)
            || case.machine.sourced.iter().any(|file| file.assignments.iter().any(is_name))
            || local::blocks_of(case, kind).iter().any(|block| block.values.contains_key(name))
            || local::settings_winner(case, name).is_some()
            || case.machine.environment.get(name).is_some()
    };
    let lost = |name: &str| !asked.is_empty() && asked.iter().all(|environment| environment.get(name).is_none());
    let matters = |name: &str| name == variables::USE_BEDROCK || local::breaks(case, name).is_some();
    let mut seen = Vec::new();
    let mut all = Vec::new();
    // A file that a start-up file names itself before what it reads by way of another one.
    let (direct, indirect): (Vec<&Sourced>, _) = case.machine.sourced.iter().partition(|file| file.direct);
    for file in direct.into_iter().chain(indirect) {
        let lines: Vec<&Assignment> = file
            .assignments
            .iter()
            .filter(|line| {
                line.effect == Effect::SetOnly
                    && variables::ROUTING.contains(&line.name.as_str())
                    && line.value.as_deref().is_some_and(|value| !value.is_empty())
                    && !given(&line.name)
                    && lost(&line.name)
            })
            .collect();
        let (Some(first), false) = (lines.first(), seen.contains(&&file.path)) else { continue };
        if !lines.iter().any(|line| matters(&line.name)) {
            continue;
        }
        seen.push(&file.path);
        let names = lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        let path = words::short(case, &file.path);
        let by = words::short(case, &file.by);
        let be = if lines.len() == 1 { "is" } else { "are" };
        let mut found = Found::new(format!(
            "{names} {be} set in {path} and not exported: programs do not get what {by} reads there."
        ));
        for line in &lines {
            found = found.evidence(format!("{path}:{}", line.line), line.text.clone());
        }
        found = found
            .evidence(format!("{by}:{}", file.line), format!("reads {path}"))
            .evidence(format!("a program started by a fresh {kind}"), format!("lacks {names}"));
        let text = format!("Write each of these lines of {path} with {}.", how(kind));
        found = found.fix(hand::edit_line(case, text, &file.path, first.line));
        if kind.syntax() == Syntax::Posix {
            let text = format!(
                "Or hand on all that {path} sets: `set -a` before line {} of {by}, `set +a` after it.",
                file.line
            );
            found = found.fix(hand::edit_line(case, text, &file.by, file.line));
        }
        all.push(
            lines.iter().flat_map(|line| consequences(&line.name)).fold(found, |found, name| found.explains(name)),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::CredentialFailure;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::{Assignment, Effect, Sourced};
    use crate::variables;

    fn reads_env_file(names: &[(&str, &str)]) -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_block();
        scene.old_terminal();
        let line = |(at, (name, value)): (usize, &(&str, &str))| Assignment {
            line: at + 1,
            text: format!("{name}={value}"),
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
            effect: Effect::SetOnly,
            literal: true,
            alone: true,
        };
        let assignments = names.iter().enumerate().map(line).collect();
        let home = scene.machine.home.clone();
        scene.machine.sourced =
            vec![Sourced { by: home.join(".bashrc"), line: 30, path: home.join(".env"), direct: true, assignments }];
        scene
    }

    #[test]
    fn a_file_of_names_and_values_that_bashrc_reads() {
        let mut scene = reads_env_file(&[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        let finding = scene.expect_first("variable-not-exported");
        let places: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.place.as_str()).collect();
        assert_eq!(places[..3], ["~/.env:1", "~/.env:2", "~/.bashrc:30"]);
        assert!(finding.fixes[1].text.contains("set -a"), "{finding:?}");
        assert_eq!(scene.expect("not-configured").because_of, Some("variable-not-exported"));
        // Read between `set -a` and `set +a`.
        scene.shells_say(variables::USE_BEDROCK, "1");
        scene.shells_say(variables::REGION, "us-east-1");
        scene.expect_absent("variable-not-exported");
    }

    #[test]
    fn a_file_that_may_be_read_by_nobody_and_is_not_missed() {
        let mut scene = reads_env_file(&[(variables::PROFILE, "client-x")]);
        scene.set(variables::USE_BEDROCK, "1");
        scene.expect_absent("variable-not-exported");
        scene.without_credentials(Some(CredentialFailure::NotThere("no profile".to_owned())));
        scene.forget_profiles();
        scene.expect_first("variable-not-exported");
    }
}
