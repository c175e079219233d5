//! `credentials-leak-to-tools`: what Claude Code runs gets its credentials too.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, local, words};
use crate::resolve::Provider;
use crate::variables;

/// Every program that Claude starts gets these credentials too.
pub const KIND: Kind = Kind {
    name: "credentials-leak-to-tools",
    layer: Layer::Settings,
    severity: Severity::Note,
    title: "Every program that Claude starts gets these credentials too",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

terraform, the AWS CLI or a script that Claude runs works in the account that pays for Bedrock, and not in the one of the project.

## Why

`AWS_PROFILE` and keys in the `env` block of a settings file or in the block are handed to every command that Claude Code runs; those of the block
to every program of the shell.

## Fix

bedrockup setup --scope claude

sets them for `claude` alone. `awsCredentialExport` in the settings gives credentials to the client and to nothing that it runs.

## Check

`env | grep AWS_` in a new terminal shows none of them.
";

const NAMES: [&str; 5] = [
    variables::PROFILE,
    variables::ACCESS_KEY_ID,
    variables::SECRET_ACCESS_KEY,
    variables::SESSION_TOKEN,
    variables::BEARER_TOKEN,
];

fn detect(case: &Case<'_>) -> Vec<Found> {
    if case.route.provider != Provider::Bedrock {
        return Vec::new();
    }
    let mut places: Vec<(String, &str)> = Vec::new();
    for name in NAMES {
        if let Some((file, entry)) = local::settings_winner(case, name).filter(|(_, entry)| !entry.value.is_empty()) {
            places.push((format!("{}:{}", words::short(case, &file.path), entry.line), name));
        }
        for block in local::blocks(case).iter().filter(|block| block.values.contains_key(name)) {
            places.push((format!("{}:{}", words::short(case, &block.file.path), block.last_line), name));
        }
    }
    if places.is_empty() {
        return Vec::new();
    }
    let mut names: Vec<&str> = places.iter().map(|(_, name)| *name).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    let mut found = Found::new(format!("Every command that Claude runs gets {} too.", names.join(", ")));
    let in_block =
        places.iter().any(|(_, name)| local::blocks(case).iter().any(|block| block.values.contains_key(*name)));
    for (place, name) in places {
        found = found.evidence(place, format!("{name} is set here"));
    }
    found = if in_block {
        found.fix(Fix::command(
            "Set them for `claude` alone; what it runs still gets them.",
            "bedrockup setup --scope claude",
        ))
    } else {
        found.fix(Fix::words(
            Who::You,
            "Where that matters, give them by `awsCredentialExport`, which only the client sees.",
        ))
    };
    vec![found]
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::rc_files::{BlockState, RcState};
    use crate::observe::settings::Scope;
    use crate::variables;

    #[test]
    fn a_profile_in_the_settings_is_a_note() {
        let mut scene = Scene::healthy();
        let default = scene.machine.aws.profiles["default"].clone();
        scene.machine.aws.profiles.insert("bedrock".to_owned(), default);
        scene.settings_env(Scope::User, &[(variables::PROFILE, "bedrock")]);
        assert_eq!(scene.expect_first("credentials-leak-to-tools").severity, Severity::Note);
    }

    #[test]
    fn a_profile_in_the_block_can_be_scoped() {
        let mut scene = Scene::healthy();
        scene.set(variables::PROFILE, "default");
        for file in &mut scene.machine.rc_files {
            if let RcState::Read { block: BlockState::Whole { values, .. }, .. } = &mut file.state {
                values.insert(variables::PROFILE.to_owned(), "default".to_owned());
            }
        }
        let finding = scene.expect("credentials-leak-to-tools");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("bedrockup setup --scope claude"));
    }

    #[test]
    fn the_healthy_machine_names_no_credentials() {
        Scene::healthy().expect_absent("credentials-leak-to-tools");
    }
}
