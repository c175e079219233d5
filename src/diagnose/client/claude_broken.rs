//! `claude-broken`: there is a `claude`, and it does not run.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, words};
use crate::observe::client::{AuthStatus, Install, LATE};

/// There is a `claude`, and it does not run.
pub const KIND: Kind = Kind {
    name: "claude-broken",
    layer: Layer::Client,
    severity: Severity::Error,
    title: "There is a `claude`, and it does not run",
    page: PAGE,
    owns: &["claude-missing"],
    detect,
};

const PAGE: &str = "\
## What you see

`command not found: claude` though npm lists it, `No such file or directory`, `Permission denied`, `cannot execute binary file: Exec format
error`, or `claude --version` hangs.

## Why

The file is a link to something that is gone, is not executable, was made for another processor, or its installation is half done.

## Fix

Remove the copy that is named, and install again:

    curl -fsSL https://claude.ai/install.sh | bash

## Check

Open a new terminal: `claude --version`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let client = &case.machine.client;
    // One that never runs harms nobody while another does.
    let broken = match client.running() {
        Some(running) => running.version.as_ref().err().map(|why| (running, why)),
        None if client.installs.iter().any(|install| install.version.is_ok()) => None,
        None => client.installs.first().and_then(|install| install.version.as_ref().err().map(|why| (install, why))),
    };
    let Some((install, why)) = broken else { return hangs(case).into_iter().collect() };
    let place = words::short(case, &install.path);
    let found = Found::new(format!("{place} does not run: {why}.")).evidence(place.clone(), why.clone());
    let found = if why.contains("not executable") {
        let text = format!("Let {place} be started.");
        found.fix(Fix::command(text, format!("chmod +x {}", hand::path(case, &install.path))))
    } else {
        found
    };
    if !install.in_time {
        // It may be slow today, and the copy good.
        return vec![by_hand(case, found, install)];
    }
    let found = found
        .fix(Fix::command(
            format!("Remove {place}, the broken copy."),
            format!("rm {}", hand::path(case, &install.path)),
        ))
        .fix(Fix::command("Then install Claude Code again, and open a new terminal.", INSTALL));
    vec![found]
}

const INSTALL: &str = "curl -fsSL https://claude.ai/install.sh | bash";

/// A client that did not end in time twice, when it was asked for its version and for the route.
fn hangs(case: &Case<'_>) -> Option<Found> {
    let client = &case.machine.client;
    let install = client.running().filter(|install| !install.in_time)?;
    let Some(AuthStatus::Unknown(why)) = &client.auth_status else { return None };
    if !why.ends_with(LATE) {
        return None;
    }
    let place = words::short(case, &install.path);
    let found = Found::new(format!("{place} hangs: neither its version nor its route came in time."))
        .evidence(format!("{place} --version"), "did not end in time")
        .evidence(format!("{place} auth status"), why.clone());
    Some(by_hand(case, found, install))
}

fn by_hand(case: &Case<'_>, found: Found, install: &Install) -> Found {
    found
        .fix(Fix::command("See what it waits for.", format!("{} --version", hand::path(case, &install.path))))
        .fix(Fix::command("Or install Claude Code again, and open a new terminal.", INSTALL))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::testing::Scene;
    use crate::observe::client::AuthStatus;
    use crate::version::Version;

    #[test]
    fn a_link_to_nothing() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.install("/home/ada/.local/bin/claude", true, Err("a link to nothing".to_owned()));
        let finding = scene.expect_first("claude-broken");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("rm ~/.local/bin/claude"));
    }

    #[test]
    fn a_broken_copy_that_never_runs_is_silent() {
        let mut scene = Scene::healthy();
        scene.install("/opt/claude", true, Err("not executable".to_owned()));
        scene.expect_absent("claude-broken");
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.install("/opt/a/claude", false, Err("not executable".to_owned()));
        scene.install("/opt/b/claude", false, Ok(Version(2, 1, 330)));
        scene.expect_absent("claude-broken");
    }

    #[test]
    fn what_is_slow_once_is_not_broken() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs[0].in_time = false;
        scene.expect_absent("claude-broken");
        scene.machine.client.auth_status =
            Some(AuthStatus::Unknown("`claude auth status` did not end in time".to_owned()));
        let finding = scene.expect_first("claude-broken");
        assert!(
            finding.fixes.iter().all(|fix| fix.command.as_deref().is_none_or(|command| !command.starts_with("rm ")))
        );
    }

    #[test]
    fn the_healthy_claude_runs() {
        Scene::healthy().expect_absent("claude-broken");
    }
}
