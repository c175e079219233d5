//! Lines of crontabs that start the client.

use std::collections::BTreeMap;
use std::path::Path;

use super::services::{Definition, Service, ServiceKind, entry, keep};
use crate::observe::file;
use crate::world::World;

/// Where the tables of users lie; most systems let only root read them there.
const SPOOLS: [&str; 3] = ["var/spool/cron/crontabs", "var/spool/cron", "usr/lib/cron/tabs"];

/// Lines of this user's table, and of the system's tables that run as this user.
pub fn observe(world: &World) -> Vec<Service> {
    let name = world.user.name.as_deref().or(world.env.non_empty("USER"));
    let own = name.into_iter().flat_map(|name| SPOOLS.map(|spool| (world.system_root.join(spool).join(name), None)));
    let mut shared = vec![world.system_root.join("etc/crontab")];
    let entries = std::fs::read_dir(world.system_root.join("etc/cron.d")).into_iter().flatten().flatten();
    shared.extend(entries.map(|entry| entry.path()));
    let shared = shared.into_iter().map(|path| (path, name));
    own.chain(shared).flat_map(|(path, user)| table(world, &path, user)).collect()
}

/// The lines of one table. In a table of the system (`user`) a line names the user that it runs as.
fn table(world: &World, path: &Path, user: Option<&str>) -> Vec<Service> {
    let Ok(Some(bytes)) = file::read(path) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut environment = BTreeMap::new();
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = assignment(line) {
            environment.extend([entry(name, value.trim().trim_matches(['"', '\'']), at + 1)]);
            continue;
        }
        // `@daily command`, or five fields.
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let Some(rest) = after_fields(line, fields) else { continue };
        let command = match user {
            Some(user) => {
                rest.split_once([' ', '\t']).filter(|(runs_as, _)| *runs_as == user).map(|(_, command)| command)
            }
            None => Some(rest),
        };
        let Some(command) = command else { continue };
        // What follows a bare `%` is input.
        let command = command.split('%').next().unwrap_or_default().trim().to_owned();
        let mut definition = Definition {
            kind: ServiceKind::Cron,
            name: "crontab".to_owned(),
            path: path.to_owned(),
            commands: vec![(at + 1, command)],
            environment: environment.clone(),
            reads_more: false,
        };
        keep(&mut definition.environment);
        found.extend(definition.service(world));
    }
    found
}

/// `NAME=value`
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && !name.starts_with(|first: char| first.is_ascii_digit())).then_some((name, value))
}

/// What stands after so many fields.
fn after_fields(line: &str, count: usize) -> Option<&str> {
    let mut rest = line;
    for _ in 0..count {
        rest = rest.split_once([' ', '\t'])?.1.trim_start();
    }
    Some(rest)
}
