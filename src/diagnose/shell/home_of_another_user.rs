//! `home-of-another-user`: the home in use is not that of the user that runs.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, Who, hand, words};
use crate::observe::owner::Foreign;
use crate::resolve::{CredentialKind, ProfileRoute};

/// The home in use is not that of the user that runs.
pub const KIND: Kind = Kind {
    name: "home-of-another-user",
    layer: Layer::Shell,
    severity: Severity::Error,
    title: "The home in use, or a file in it, belongs to another user",
    page: PAGE,
    owns: &["no-credentials", "profile-not-found", "sso-never-logged-in", "sso-session-expired", "not-configured"],
    detect,
};

const PAGE: &str = "\
## What you see

It works as one user and not as another: `Permission denied`, `EACCES`, `Could not load credentials from any providers`, a login screen after
`sudo`; or a sign-in does not last, because its file cannot be written.

## Why

AWS tools and Claude Code keep their files below `HOME`. After `sudo`, after a change of the account that a service runs as, or with a `HOME` that
was handed down, that is another user's: files there cannot be read, or cannot be renewed, or new ones belong to the wrong user.

## Fix

Run it as the user who owns the files. Where root is meant, `sudo -H` gives root its own home. Files that an earlier `sudo` left behind:

    sudo chown -R \"$(id -un)\" ~/.aws ~/.claude

## Check

`ls -ld ~ ~/.aws ~/.claude` shows your own name on each.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let owner = &case.machine.owner;
    let home = &case.machine.home;
    let not_own_home = owner.home.as_ref().is_some_and(|own| own != home);
    let home_owner = owner.home_owner.filter(|uid| *uid != owner.uid);
    let aws = home.join(".aws");
    // A file of the AWS tools that cannot be read has a finding of its own, which knows whether the chain needs it.
    let locked: Vec<&Foreign> =
        owner.foreign.iter().filter(|file| !file.readable && !file.path.starts_with(&aws)).collect();
    // A cache that cannot be written is one that is never renewed; nothing else there is written by the client.
    let signs_in = signs_in(case);
    let stale: Vec<&Foreign> = owner
        .foreign
        .iter()
        .filter(|file| file.readable && !file.writable && signs_in && is_cache(case, file))
        .collect();
    let root = owner.uid == 0;
    let foreign = home_owner.is_some() || !owner.foreign.is_empty();
    // A home that belongs to nobody known here is a folder that was handed to root, in a container for one.
    let known = !root || owner.home_of.is_some() || home_owner.is_none();
    let strange_home = not_own_home && known && (home_owner.is_some() || owner.home_of.is_some());
    let by_sudo = root && owner.sudo_user.is_some() && foreign;
    let severity = match () {
        () if !locked.is_empty() || strange_home || by_sudo => Severity::Error,
        () if !stale.is_empty() => Severity::Warning,
        // Files of the host that a container was given belong to the host's user, and root reads them.
        () => return Vec::new(),
    };
    let me = owner.name.clone().unwrap_or_else(|| format!("user id {}", owner.uid));
    let place = words::short(case, home);
    let shown = home.display().to_string();
    let first = locked.first().or(stale.first()).copied().or(owner.foreign.first());
    let summary = match first {
        Some(file) if !strange_home && !by_sudo => {
            format!(
                "{} belongs to another user (id {}) than {me}, who runs this.",
                words::short(case, &file.path),
                file.uid
            )
        }
        _ => format!("{shown} is the home in use, and it is not that of {me}, who runs this."),
    };
    let mut found = Found::new(summary).severity(severity).explains("aws-files-unreadable");
    if let Some(own) = owner.home.as_ref().filter(|_| not_own_home) {
        found = found.evidence("password database", format!("the home of {me} is {}", own.display()));
    }
    if let Some(uid) = home_owner {
        found = found.evidence(if place == "~" { shown } else { place }, format!("belongs to user id {uid}"));
    }
    if let Some(name) = &owner.home_of {
        found = found.evidence("password database", format!("{} is the home of {name}", home.display()));
    }
    for file in locked.iter().chain(&stale).copied().chain(first).take(4) {
        let may = match (file.readable, file.writable) {
            (false, _) => "; it cannot be read here",
            (true, false) => "; it cannot be written here",
            (true, true) => "",
        };
        let what = format!("belongs to user id {}{may}", file.uid);
        let place = words::short(case, &file.path);
        if !found.evidence.iter().any(|known| known.place == place) {
            found = found.evidence(place, what);
        }
    }
    let who = match (&owner.sudo_user, &owner.home_of) {
        (Some(name), _) => format!("{name}, without sudo"),
        (None, Some(name)) => format!("{name}, whose home it is"),
        (None, None) => "the user who owns the files".to_owned(),
    };
    let text = format!("Run it as {who}; where root is meant, `sudo -H` gives it its own home.");
    found = if root {
        found.fix(Fix::command(text, "sudo -H claude"))
    } else if home_owner.is_some() || owner.home_of.is_some() {
        // Another person's home: nothing in it is to be taken.
        let found = found.fix(Fix::words(Who::You, text));
        match owner.home.as_ref().filter(|_| not_own_home) {
            Some(own) => found.fix(Fix::command(
                format!("Or give {me} its own home, with AWS files of its own in it."),
                words::export(case, "HOME", &own.display().to_string()),
            )),
            None => found,
        }
    } else {
        let folders = [".aws", ".claude"].map(|name| hand::path(case, &home.join(name)));
        found
            .fix(Fix::command(
                format!("If these files are yours, take them back; else run it as {who}."),
                format!("sudo chown -R {} {}", words::quote(case, &me), folders.join(" ")),
            ))
            .fix(Fix::words(Who::You, text))
    };
    vec![found]
}

/// The credentials of the route are renewed into a cache.
fn signs_in(case: &Case<'_>) -> bool {
    matches!(
        &case.route.credentials.kind,
        CredentialKind::Profile { leads_to: ProfileRoute::Sso { .. } | ProfileRoute::Login { .. }, .. }
    )
}

fn is_cache(case: &Case<'_>, file: &Foreign) -> bool {
    ["sso", "cli", "login"].iter().any(|name| file.path.starts_with(case.machine.home.join(".aws").join(name)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::owner::{Foreign, Owner};

    fn ada() -> Owner {
        Owner {
            uid: 1000,
            name: Some("ada".to_owned()),
            home: Some(PathBuf::from("/home/ada")),
            home_owner: Some(1000),
            home_of: None,
            sudo_user: None,
            foreign: Vec::new(),
        }
    }

    fn foreign(path: &str, uid: u32, readable: bool) -> Foreign {
        Foreign { path: PathBuf::from(path), uid, readable, writable: false }
    }

    #[test]
    fn settings_that_an_earlier_sudo_left_behind() {
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner { foreign: vec![foreign("/home/ada/.claude/settings.json", 0, false)], ..ada() };
        let finding = scene.expect_first("home-of-another-user");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("sudo chown -R ada ~/.aws ~/.claude"));
    }

    #[test]
    fn a_credentials_file_that_cannot_be_read_has_a_finding_of_its_own() {
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner { foreign: vec![foreign("/home/ada/.aws/credentials", 0, false)], ..ada() };
        scene.expect_absent("home-of-another-user");
    }

    #[test]
    fn root_in_the_home_of_somebody_else() {
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner {
            uid: 0,
            name: Some("root".to_owned()),
            home: Some(PathBuf::from("/root")),
            sudo_user: Some("ada".to_owned()),
            ..ada()
        };
        let finding = scene.expect_first("home-of-another-user");
        assert!(finding.fixes[0].text.contains("ada, without sudo"), "{finding:?}");
        assert!(finding.fixes[0].text.contains("sudo -H"), "{finding:?}");
    }

    #[test]
    fn nothing_is_taken_from_another_person() {
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner {
            uid: 1001,
            name: Some("batch".to_owned()),
            home: Some(PathBuf::from("/home/batch")),
            home_of: Some("ada".to_owned()),
            foreign: vec![foreign("/home/ada/.claude/settings.json", 1000, false)],
            ..ada()
        };
        let finding = scene.expect_first("home-of-another-user");
        assert!(finding.fixes[0].text.starts_with("Run it as ada"), "{finding:?}");
        assert_eq!(finding.fixes[1].command.as_deref(), Some("export HOME='/home/batch'"));
        assert!(!format!("{:?}", finding.fixes).contains("chown"), "{finding:?}");
        // An account of a directory service is in no file here; the owner of the home tells.
        scene.machine.owner.home_of = None;
        assert!(!format!("{:?}", scene.expect("home-of-another-user").fixes).contains("chown"));
    }

    #[test]
    fn a_cache_that_cannot_be_renewed_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner { foreign: vec![foreign("/home/ada/.aws/sso/cache", 0, true)], ..ada() };
        scene.expect_absent("home-of-another-user");
        scene.choose_profile(
            "work",
            &[
                ("sso_start_url", "https://example.awsapps.com/start"),
                ("sso_region", "us-east-1"),
                ("sso_account_id", "111111111111"),
                ("sso_role_name", "Developer"),
            ],
        );
        assert_eq!(scene.expect("home-of-another-user").severity, Severity::Warning);
    }

    #[test]
    fn homes_that_are_only_odd() {
        // A container runs as root and was given the files of the host's user.
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner {
            uid: 0,
            home: Some(PathBuf::from("/home/ada")),
            home_owner: Some(0),
            foreign: vec![foreign("/home/ada/.aws", 1000, true)],
            ..ada()
        };
        scene.expect_absent("home-of-another-user");
        // A folder of nobody that is known here, handed to root as its home.
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner {
            uid: 0,
            home: Some(PathBuf::from("/root")),
            foreign: vec![foreign("/home/ada/.aws", 1000, true)],
            ..ada()
        };
        scene.expect_absent("home-of-another-user");
        scene.machine.owner.home_of = Some("ada".to_owned());
        scene.expect("home-of-another-user");
        // A home of one's own in another place than the password database says.
        let mut scene = Scene::healthy();
        scene.machine.owner = Owner { home: Some(PathBuf::from("/root")), ..ada() };
        scene.expect_absent("home-of-another-user");
        let mut scene = Scene::healthy();
        scene.machine.owner = ada();
        scene.expect_absent("home-of-another-user");
        Scene::healthy().expect_absent("home-of-another-user");
    }
}
