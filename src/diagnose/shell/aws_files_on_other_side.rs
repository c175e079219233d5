//! `aws-files-on-other-side`: the AWS files lie beyond a wall: on the host of a container, on the Windows side, elsewhere.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, words};
use crate::observe::aws_files::FileState;
use crate::observe::surfaces::boundary::Sign;
use crate::resolve::{CredentialKind, ProfileRoute};
use crate::variables;

/// The AWS files lie beyond a wall: on the host of a container, on the Windows side, elsewhere.
pub const KIND: Kind = Kind {
    name: "aws-files-on-other-side",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The AWS files lie on the other side: the host of a container, Windows, another machine",
    page: PAGE,
    owns: &["no-credentials", "profile-not-found", "imds-unreachable"],
    detect,
};

const PAGE: &str = "\
## What you see

`Could not load credentials from any providers`, or the first-run wizard, in a dev container, in WSL, or on a machine that is reached by SSH, while the
AWS CLI works on the other side.

## Why

A container and a Linux on Windows have a home of their own. `~/.aws` of the host, of Windows, or of the machine that you came from is not there
unless somebody mounts or copies it. A sign-in on one side does not sign in the other.

## Fix

Dev container: mount the folder, writable, since a sign-in keeps its cache there, and rebuild:

    \"mounts\": [\"source=${localEnv:HOME}/.aws,target=/home/vscode/.aws,type=bind\"]

WSL: `ln -s /mnt/c/Users/NAME/.aws ~/.aws`. Or sign in on this side, where no browser is needed:

    aws configure sso
    aws sso login --use-device-code --no-browser

## Check

`aws sts get-caller-identity` answers on this side.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let aws = &case.machine.aws;
    let none_here = [&aws.config, &aws.credentials].iter().all(|file| file.state == FileState::Missing);
    let needs_them = match &case.route.credentials.kind {
        CredentialKind::Nothing | CredentialKind::InstanceMetadata => true,
        CredentialKind::Profile { leads_to, .. } => matches!(leads_to, ProfileRoute::NotFound),
        _ => false,
    };
    // What gives credentials without files, a role of the machine for one, needs none.
    if !none_here || !needs_them || case.answers.credentials.got().is_some() {
        return Vec::new();
    }
    let boundary = &case.machine.surfaces.boundary;
    let definition = case.machine.surfaces.dev_containers.first().filter(|_| !boundary.container.is_empty());
    let proven = !boundary.aws_elsewhere.is_empty() || !boundary.workspace.is_empty() || definition.is_some();
    let signs: Vec<&Sign> = [&boundary.workspace, &boundary.container, &boundary.wsl, &boundary.remote]
        .into_iter()
        .flatten()
        .take(3)
        .collect();
    if !proven && signs.is_empty() {
        return Vec::new();
    }
    let here = words::short(case, &aws.config.path);
    let side = match () {
        () if !boundary.wsl.is_empty() || !boundary.aws_elsewhere.is_empty() => "this Linux on Windows",
        () if !boundary.workspace.is_empty() || !boundary.container.is_empty() => "this container",
        () => "this machine, which is reached from another one",
    };
    let mut found =
        Found::new(format!("{side} has no AWS files of its own; those of the other side are not seen here."))
            .evidence(here.clone(), "not there, nor is the credentials file");
    found.summary = capitalized(&found.summary);
    for folder in &boundary.aws_elsewhere {
        found = found.evidence(folder.display().to_string(), "holds AWS files");
    }
    for sign in signs {
        found = found.evidence(sign.place.clone(), sign.what.clone());
    }
    if let Some(definition) = definition {
        let place = words::short(case, &definition.path);
        let mounts = definition.keys.as_ref().is_ok_and(|keys| keys.mounts_aws);
        found = found
            .evidence(place, if mounts { "mounts `.aws`, and it did not arrive" } else { "does not mount `.aws`" });
    }
    found = remedies(case, found);
    // A container alone proves little: servers and test machines are containers too. `no-credentials` says what is missing.
    vec![if proven { found } else { found.severity(Severity::Warning) }]
}

fn remedies(case: &Case<'_>, found: Found) -> Found {
    let boundary = &case.machine.surfaces.boundary;
    let home = case.machine.home.display().to_string();
    let mut found = found;
    if let Some(folder) = boundary.aws_elsewhere.first() {
        let folder = folder.display().to_string();
        let link =
            format!("ln -s {} {}", words::quote(case, &folder), hand::path(case, &case.machine.home.join(".aws")));
        found = found.fix(Fix::command("Let this side use those files, the cache of its sign-in included.", link));
        found = found.fix(Fix::command(
            "Or name them, for the shell that starts Claude Code.",
            [("config", variables::AWS_CONFIG_FILE), ("credentials", variables::AWS_CREDENTIALS_FILE)]
                .map(|(file, name)| words::export(case, name, &format!("{folder}/{file}")))
                .join("\n"),
        ));
    } else if let Some(definition) = case.machine.surfaces.dev_containers.first() {
        let line = definition.keys.as_ref().ok().and_then(|keys| keys.mounts_line).unwrap_or(1);
        let text = format!(
            "Mount ~/.aws of the host, writable for the cache of its sign-in: add `\"source=${{localEnv:HOME}}/.aws,target={home}/.aws,type=bind\"` to `mounts` in {}, and rebuild the container.",
            words::short(case, &definition.path)
        );
        found = found.fix(hand::edit_line(case, text, &definition.path, line));
    } else if !boundary.workspace.is_empty() || !boundary.container.is_empty() {
        found = found.fix(Fix::words(
            Who::You,
            format!("Mount ~/.aws of the host at {home}/.aws, writable for the cache of its sign-in (`docker run -v ~/.aws:{home}/.aws`), or pass credentials in."),
        ));
    }
    found.fix(Fix::command(
        "Or configure and sign in on this side; the device code needs no browser here.",
        "aws configure sso --use-device-code --no-browser",
    ))
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::aws_files::FileState;
    use crate::observe::surfaces::boundary::Sign;

    fn without_files() -> Scene {
        let mut scene = Scene::healthy();
        scene.forget_profiles();
        scene.machine.aws.credentials.state = FileState::Missing;
        scene.set("AWS_EC2_METADATA_DISABLED", "true");
        scene.without_credentials(None);
        scene
    }

    fn sign(place: &str, what: &str) -> Sign {
        Sign { place: place.to_owned(), what: what.to_owned() }
    }

    #[test]
    fn a_dev_container_without_the_folder_of_its_host() {
        let mut scene = without_files();
        scene.machine.surfaces.boundary.workspace.push(sign("REMOTE_CONTAINERS", "true"));
        let finding = scene.expect_first("aws-files-on-other-side");
        assert!(finding.fixes[0].text.contains("writable"), "{finding:?}");
        assert_eq!(scene.expect("no-credentials").because_of, Some("aws-files-on-other-side"));
    }

    #[test]
    fn the_windows_side_has_them() {
        let mut scene = without_files();
        scene.machine.surfaces.boundary.wsl.push(sign("WSL_DISTRO_NAME", "Ubuntu"));
        scene.machine.surfaces.boundary.aws_elsewhere.push(PathBuf::from("/mnt/c/Users/ada/.aws"));
        let finding = scene.expect_first("aws-files-on-other-side");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("ln -s '/mnt/c/Users/ada/.aws' ~/.aws"));
        assert!(finding.summary.starts_with("This Linux on Windows"));
    }

    #[test]
    fn a_container_alone_proves_little() {
        let mut scene = without_files();
        scene
            .machine
            .surfaces
            .boundary
            .container
            .push(sign("/.dockerenv", "a file that Docker leaves in its containers"));
        scene.expect_first("no-credentials");
        assert_eq!(scene.expect("aws-files-on-other-side").severity, Severity::Warning);
    }

    #[test]
    fn walls_around_a_machine_that_has_credentials() {
        let mut scene = Scene::healthy();
        scene.machine.surfaces.boundary.workspace.push(sign("REMOTE_CONTAINERS", "true"));
        scene.machine.surfaces.boundary.aws_elsewhere.push(PathBuf::from("/mnt/c/Users/ada/.aws"));
        scene.expect_absent("aws-files-on-other-side");
        without_files().expect_absent("aws-files-on-other-side");
    }
}
