//! `block-not-loaded-yet`: this terminal was opened before the block was written.

use super::block_overridden_later::set_by_directory;
use super::old_values;
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, local, words};
use crate::observe::shells::{FreshShell, ShellOutcome};
use crate::shell::{Mode, ShellKind};

/// This terminal was opened before the block was written.
pub const KIND: Kind = Kind {
    name: "block-not-loaded-yet",
    layer: Layer::Shell,
    severity: Severity::Warning,
    title: "This terminal was opened before the block was written",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

Right after `bedrockup setup`, `claude` in the same terminal still asks you to log in (`Not logged in · Please run /login`), or
`claude auth status` says `\"apiProvider\": \"firstParty\"`, while a new terminal is on Bedrock.

## Why

A shell reads its files when it starts. This one started before; so did a `tmux` or `screen` server, and an editor with its own terminal.
Nothing is wrong with the files. Asking the model which provider it uses proves nothing: it does not know.

After a change of the block a terminal keeps the values that the block had before. Where those fail (`Could not load credentials from any providers`
for a profile that is gone, `The provided model identifier is invalid` for another region), do not change the block: load it.

## Fix

Open a new terminal, or read the file again in this one:

    source ~/.bashrc

## Check

`claude auth status` in that terminal says `\"apiProvider\": \"bedrock\"`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let Some(kind) = local::login_kind(case) else { return Vec::new() };
    // Where login shells end on the way (`exec` of another one), new terminals are not known to have anything.
    let ends =
        |shell: &&FreshShell| shell.mode == Mode::Login && matches!(shell.outcome, ShellOutcome::EndedEarly { .. });
    if local::fresh(case, kind).iter().any(ends) {
        return Vec::new();
    }
    let blocks = local::blocks_of(case, kind);
    let mut missing: Vec<&String> = Vec::new();
    let mut different: Vec<(&String, &str, &String)> = Vec::new();
    for block in &blocks {
        for (name, value) in block.values {
            let new = local::in_new_terminal(case, name);
            if new != Some(value) || local::settings_winner(case, name).is_some() {
                continue;
            }
            match case.machine.environment.get(name) {
                None if !missing.contains(&name) => missing.push(name),
                Some(here)
                    if !local::same(name, here, value)
                        && !different.iter().any(|(other, ..)| *other == name)
                        && set_by_directory(case, name, Some(here)).is_none()
                        && !some_new_shell_says(case, kind, name, here) =>
                {
                    different.push((name, here, value));
                }
                _ => {}
            }
        }
    }
    let Some(block) = blocks.first() else { return Vec::new() };
    if missing.is_empty() && different.is_empty() {
        return Vec::new();
    }
    let file = words::short(case, &block.file.path);
    let names = |list: Vec<&str>| list.join(", ");
    let broken = old_values::broken(case, &different);
    let mut found = if !broken.is_empty() {
        let list = names(different.iter().map(|(name, ..)| name.as_str()).collect());
        Found::new(format!(
            "This terminal has another {list} than the block, which fails; every new terminal has the block's."
        ))
    } else if missing.is_empty() {
        let list = names(different.iter().map(|(name, ..)| name.as_str()).collect());
        // Somebody may have set another value here on purpose.
        Found::new(format!("New terminals have another {list} than this one.")).severity(Severity::Note)
    } else {
        let list = names(missing.iter().map(|name| name.as_str()).collect());
        Found::new(format!("This terminal lacks {list}, which every new terminal has."))
    };
    if !broken.is_empty() {
        found = broken.iter().fold(found.severity(Severity::Error), |found, name| found.explains(name));
    }
    found = found.evidence(file.clone(), format!("the block is whole, and a fresh {kind} has its values"));
    if !missing.is_empty() {
        let list = names(missing.iter().map(|name| name.as_str()).collect());
        found = found.evidence("this environment", format!("not set: {list}"));
    }
    for (name, here, value) in &different {
        found = found.evidence(
            "this environment",
            format!("{name} is {}, the block gives {}", local::shown(name, here), local::shown(name, value)),
        );
    }
    if let Some(server) = &case.machine.surfaces.multiplexer {
        let lacking: Vec<&str> =
            missing.iter().map(|name| name.as_str()).filter(|name| server.get(name).is_none()).collect();
        if !lacking.is_empty() {
            found = found.evidence("the tmux server", format!("was started without {}", names(lacking)));
        }
    }
    found = found
        .fix(Fix::command("Open a new terminal, or read the file again here.", hand::reload(case, &block.file.path)));
    let server = [("TMUX", "tmux"), ("STY", "screen")]
        .into_iter()
        .find(|(name, _)| case.machine.environment.get(name).is_some());
    if let Some((_, server)) = server {
        found = found.fix(Fix::words(Who::You, format!("This terminal runs in {server}: its server hands out the environment that it was started with. Where new windows lack the values too, end the server and start it again.")));
    }
    vec![found]
}

/// A line that only some shells read (a login file) gives this value: it is none of an earlier block.
fn some_new_shell_says(case: &Case<'_>, kind: ShellKind, name: &str, here: &str) -> bool {
    let shells = local::fresh(case, kind);
    shells.iter().filter_map(|shell| shell.environment()?.get(name)).any(|value| local::same(name, value, here))
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, Hop};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::{HAIKU, OPUS, SONNET, Scene, listed, refusal};
    use crate::observe::settings::Scope;
    use crate::observe::shells::ShellOutcome;
    use crate::shell::{Mode, ShellKind};
    use crate::variables;

    #[test]
    fn a_terminal_from_before_the_block() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        let finding = scene.expect_first("block-not-loaded-yet");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("source ~/.bashrc"));
        scene.expect_absent("not-configured");
    }

    #[test]
    fn a_multiplexer_is_named() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        scene.machine.environment.set("TMUX", "/tmp/tmux-1000/default,1,0");
        scene.machine.surfaces.multiplexer = Some(crate::world::Env::default());
        let finding = scene.expect_first("block-not-loaded-yet");
        assert!(finding.fixes[1].text.contains("tmux"));
        assert!(finding.evidence.iter().any(|evidence| evidence.place == "the tmux server"), "{finding:?}");
    }

    #[test]
    fn another_value_here_is_a_note() {
        let mut scene = Scene::healthy();
        scene.machine.environment.set(variables::REGION, "eu-west-1");
        assert_eq!(scene.expect("block-not-loaded-yet").severity, Severity::Note);
    }

    #[test]
    fn an_earlier_profile_that_is_gone() {
        let mut scene = Scene::healthy();
        scene.choose_profile("bedrock", &[("credential_process", "helper")]);
        scene.configure(variables::PROFILE, "bedrock");
        scene.machine.environment.set(variables::PROFILE, "legacy-ai");
        scene.without_credentials(None);
        let finding = scene.expect_first("block-not-loaded-yet");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("source ~/.bashrc"));
        assert_eq!(scene.expect("profile-not-found").because_of, Some("block-not-loaded-yet"));
        // The block names one that is not there either: then loading it cures nothing.
        scene.machine.aws.profiles.remove("bedrock");
        scene.expect_first("profile-not-found");
    }

    #[test]
    fn an_earlier_region_in_which_the_pins_are_unknown() {
        let mut scene = Scene::healthy();
        scene.machine.environment.set(variables::REGION, "eu-central-1");
        scene.answers.profiles =
            Answer::Got([OPUS, SONNET, HAIKU].map(|id| listed(&id.replacen("us.", "eu.", 1))).to_vec());
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        let finding = scene.expect_first("block-not-loaded-yet");
        assert_eq!(finding.severity, Severity::Error);
        let mismatch = scene.expect("model-prefix-mismatch");
        assert_eq!((mismatch.because_of, mismatch.fixes.len()), (Some("block-not-loaded-yet"), 0));
        // With pins of a third geography the block fails as well.
        for (name, id) in
            [(variables::OPUS_MODEL, OPUS), (variables::SONNET_MODEL, SONNET), (variables::HAIKU_MODEL, HAIKU)]
        {
            let id_there = id.replacen("us.", "apac.", 1);
            scene.model(id).id.clone_from(&id_there);
            scene.configure(name, &id_there);
        }
        scene.expect_first("model-prefix-mismatch");
    }

    #[test]
    fn a_value_of_a_login_file_is_no_earlier_one() {
        let mut scene = Scene::healthy();
        scene.machine.environment.set(variables::REGION, "eu-central-1");
        for shell in scene.machine.shells.iter_mut().filter(|shell| shell.mode == Mode::Login) {
            if let ShellOutcome::Reported { environment, .. } = &mut shell.outcome {
                environment.set(variables::REGION, "eu-central-1");
            }
        }
        scene.refuse_models(&refusal(400, "ValidationException", "The provided model identifier is invalid."));
        scene.expect_first("block-overridden-later");
        scene.expect_absent("block-not-loaded-yet");
    }

    #[test]
    fn a_region_that_no_block_ever_had_is_a_slip_of_this_terminal() {
        let mut scene = Scene::healthy();
        scene.machine.environment.set(variables::REGION, "us-esat-1");
        scene.unreachable(Hop::Name, "no such host");
        scene.expect_first("region-unknown");
    }

    #[test]
    fn a_block_that_new_shells_lack_too_is_another_finding() {
        let mut scene = Scene::healthy();
        scene.old_terminal();
        scene.shells_lack(&Mode::ALL);
        scene.expect_absent("block-not-loaded-yet");
        let mut scene = Scene::healthy();
        scene.old_terminal();
        scene.login_shell(ShellKind::Zsh);
        scene.expect_absent("block-not-loaded-yet");
    }

    #[test]
    fn settings_that_give_the_values_make_it_moot() {
        let mut scene = Scene::healthy();
        scene.machine.environment.remove(variables::REGION);
        scene.settings_env(Scope::User, &[(variables::REGION, "us-east-1")]);
        scene.expect_absent("block-not-loaded-yet");
    }

    #[test]
    fn the_healthy_terminal_has_it() {
        Scene::healthy().expect_absent("block-not-loaded-yet");
    }
}
