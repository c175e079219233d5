//! Running sessions beside the one that is asked for: what changed since they were started.

use crate::diagnose::{Case, Fix, Found, local, words};
use crate::observe::Machine;
use crate::observe::running::Running;
use crate::observe::settings::Scope;
use crate::resolve::{self, differs};
use crate::world::Env;

/// Clocks of files, of transcripts and of the kernel are not one clock.
const SLACK: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// Sessions that were started before the environment of new terminals was changed, and sessions that go on with credentials
/// which have been renewed since.
pub fn detect(case: &Case<'_>) -> Vec<Found> {
    [environment(case), credentials(case)].into_iter().flatten().collect()
}

/// Sessions whose environment a later change of a start-up file did not reach.
fn environment(case: &Case<'_>) -> Option<Found> {
    let fresh = new_terminal(case)?;
    let mut found: Option<Found> = None;
    let mut count = 0;
    for running in &case.machine.running {
        let Ok(environment) = &running.session.environment else { continue };
        let Some(started) = running.session.started else { continue };
        let own = route(case, running, environment);
        let new = route(case, running, fresh);
        let later: Vec<(&str, String)> = differs(&own, &new)
            .into_iter()
            .filter_map(|name| {
                let (path, line) = line_of(case, name)?;
                let changed = case.machine.changed.get(&path)?;
                (*changed > started).then(|| (name, format!("{}:{line}", words::short(case, &path))))
            })
            .collect();
        if later.is_empty() {
            continue;
        }
        count += 1;
        let names: Vec<&str> = later.iter().map(|(name, _)| *name).collect();
        let what = format!("was started before {} was changed; its {} is the old one", later[0].1, names.join(", "));
        found = Some(found.unwrap_or_else(|| Found::new("")).evidence(name(running), what));
    }
    let mut found = found?;
    found.summary = format!("{} started before the values of new terminals were changed.", sessions(count));
    Some(found.fix(leave()))
}

/// Sessions that fail with credentials which have been renewed since.
fn credentials(case: &Case<'_>) -> Option<Found> {
    // Where the credentials of a new session are no better, that is the cause.
    case.answers.credentials.got()?;
    if case.answers.identity.refused().is_some() {
        return None;
    }
    let mut found: Option<Found> = None;
    let mut count = 0;
    for running in &case.machine.running {
        let (Some(expired), Some(started)) = (&running.expired, running.session.started) else { continue };
        let since = |at: &jiff::Timestamp| *at > started && expired.at + SLACK >= *at;
        let renewed = case.machine.changed.iter().filter(|(path, _)| is_of_aws(case, path));
        let Some((path, at)) = renewed.filter(|(_, at)| since(at)).max_by_key(|(_, at)| **at) else { continue };
        count += 1;
        found = Some(
            found
                .unwrap_or_else(|| Found::new(""))
                .evidence(name(running), format!("was started at {started:.0}"))
                .evidence(words::short(case, path), format!("was renewed at {at:.0}"))
                .evidence(words::short(case, &expired.transcript), format!("at {:.0}: {}", expired.at, expired.text)),
        );
    }
    let mut found = found?;
    found.summary =
        format!("{} still with credentials that have ended, and new ones are there.", sessions_go_on(count));
    Some(found.fix(leave()))
}

fn leave() -> Fix {
    Fix::command("Leave that session, open a new terminal, and go on with it in its directory.", "claude --continue")
}

fn sessions(count: usize) -> String {
    if count == 1 { "A running session was".to_owned() } else { format!("{count} running sessions were") }
}

fn sessions_go_on(count: usize) -> String {
    if count == 1 { "A running session goes on".to_owned() } else { format!("{count} running sessions go on") }
}

/// A session as people find it.
fn name(running: &Running) -> String {
    let directory = running.session.directory.as_ref().map(|path| format!(" in {}", path.display()));
    format!("session {}{}", running.session.pid, directory.unwrap_or_default())
}

/// What a new terminal of the login shell hands on.
fn new_terminal<'a>(case: &Case<'a>) -> Option<&'a Env> {
    let kind = local::login_kind(case)?;
    local::fresh(case, kind).into_iter().find_map(|shell| shell.environment())
}

/// The route of a client with this environment under the settings of a session, without what its command line adds.
fn route(case: &Case<'_>, running: &Running, environment: &Env) -> resolve::Route {
    let directory = running.session.directory.clone().unwrap_or_else(|| case.machine.directory.clone());
    let mut machine = Machine::empty(case.machine.now, &case.machine.home, directory);
    machine.environment = environment.clone();
    machine.settings.clone_from(&running.session.settings);
    machine.settings.retain(|file| file.scope != Scope::Flag);
    resolve::resolve(&machine)
}

/// The line of a start-up file that gives a variable to new terminals.
fn line_of(case: &Case<'_>, name: &str) -> Option<(std::path::PathBuf, usize)> {
    let kind = local::login_kind(case)?;
    let block = local::blocks_of(case, kind).into_iter().find(|block| block.values.contains_key(name));
    if let Some(block) = block {
        return Some((block.file.path.clone(), block.last_line));
    }
    local::assignments_of(case, name).last().map(|(file, line)| (file.path.clone(), line.line))
}

fn is_of_aws(case: &Case<'_>, path: &std::path::Path) -> bool {
    path.starts_with(case.machine.home.join(".aws"))
        || *path == case.machine.aws.credentials.path
        || *path == case.machine.aws.config.path
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::Timestamp;

    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::observe::running::Expired;
    use crate::variables;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-24T{time}:00Z").parse().expect("a time")
    }

    #[test]
    fn a_session_from_before_a_change_of_the_region() {
        let mut scene = Scene::healthy();
        scene.session(at("08:00"), &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-west-2")]);
        scene.machine.changed.insert(PathBuf::from("/home/ada/.bashrc"), at("08:30"));
        let finding = scene.expect_first("session-has-old-settings");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.evidence[0].what.contains("AWS_REGION"), "{finding:?}");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude --continue"));
        // Started after it, the value was given on purpose.
        scene.machine.changed.insert(PathBuf::from("/home/ada/.bashrc"), at("07:30"));
        scene.expect_absent("session-has-old-settings");
    }

    #[test]
    fn credentials_that_were_renewed_since() {
        let mut scene = Scene::healthy();
        scene.session(at("08:00"), &[(variables::USE_BEDROCK, "1"), (variables::REGION, "us-east-1")]);
        let credentials = PathBuf::from("/home/ada/.aws/credentials");
        scene.machine.changed.insert(credentials.clone(), at("08:30"));
        scene.expect_absent("session-has-old-settings");
        let transcript = PathBuf::from("/home/ada/.claude/projects/x/y.jsonl");
        let text = "API Error: 403 The security token included in the request is expired".to_owned();
        scene.machine.running[0].expired = Some(Expired { transcript, at: at("08:40"), text });
        let finding = scene.expect_first("session-has-old-settings");
        assert!(finding.summary.contains("new ones are there"), "{finding:?}");
        // Nothing was renewed since it failed.
        scene.machine.changed.insert(credentials, at("08:45"));
        scene.expect_absent("session-has-old-settings");
    }

    #[test]
    fn sessions_as_new_ones_would_be() {
        let mut scene = Scene::healthy();
        let environment = scene.machine.environment.clone();
        let pairs: Vec<(&str, &str)> = environment.iter().collect();
        scene.session(at("08:00"), &pairs);
        scene.machine.changed.insert(PathBuf::from("/home/ada/.bashrc"), at("08:30"));
        scene.expect_absent("session-has-old-settings");
    }
}
