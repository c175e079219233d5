//! What is around a terminal, looked at beside the questions to AWS.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::machine::from_files;
use super::{Machine, client, login_shell, owner, rc_files, running, surfaces};
use crate::aws::answer::Asked;
use crate::world::World;

/// What is around a terminal: other places that start the client, whose home this is, and sessions that run.
#[derive(Debug, Default)]
pub struct Surroundings {
    surfaces: surfaces::Surfaces,
    owner: owner::Owner,
    running: Vec<running::Running>,
    changed: BTreeMap<PathBuf, Timestamp>,
    log: Vec<Asked>,
}

/// Looks at the surroundings. The route needs none of them, so that nobody has to wait for them before AWS is asked.
pub async fn surroundings(world: &World) -> Surroundings {
    let ((around, around_log), (sessions, sessions_log)) = tokio::join!(
        from_files("surfaces", world, |world| {
            (surfaces::observe(world, &client::bundled(world)), owner::observe(world))
        }),
        from_files("sessions", world, |world| {
            let running = running::observe(world);
            // Without a session nobody asks when something was changed.
            let changed = if running.is_empty() { BTreeMap::new() } else { changed(world) };
            (running, changed)
        }),
    );
    let (surfaces, owner) = around.unwrap_or_default();
    let (running, changed) = sessions.unwrap_or_default();
    Surroundings { surfaces, owner, running, changed, log: vec![around_log, sessions_log] }
}

/// When start-up files of the shells and files of the AWS tools were last changed.
fn changed(world: &World) -> BTreeMap<PathBuf, Timestamp> {
    let rc = rc_files::observe(world, login_shell(world).map(|shell| shell.kind), &[]).files;
    running::changed(rc.into_iter().map(|file| file.path).chain(running::renewed(world)))
}

impl Machine {
    /// Takes the surroundings into the facts.
    pub fn surround(&mut self, around: Surroundings) {
        self.surfaces = around.surfaces;
        self.owner = around.owner;
        self.running = around.running;
        self.changed = around.changed;
        self.log.extend(around.log);
    }
}
