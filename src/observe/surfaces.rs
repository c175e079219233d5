//! Where else the client is started than in a terminal, and what each such place hands on to it.
//!
//! | place | reads the shell's files | reads user settings of the client | has places of its own |
//! |---|---|---|---|
//! | VS Code and its relatives | only when started by a shell, or as they ask one at their start | yes | `claudeCode.environmentVariables` |
//! | JetBrains | in its terminal | yes | |
//! | Anthropic's desktop app | no | yes | |
//! | systemd unit, launchd job, cron line | no | yes | the definition itself, `environment.d` |
//! | dev container | those inside of it | those inside of it | `remoteEnv`, `containerEnv`, mounts |
//! | tmux | each new window; the server keeps what it was started with | yes | |

pub mod apps;
pub mod boundary;
pub mod cron;
pub mod dev_container;
pub mod editors;
mod launchd;
mod processes;
pub mod services;
mod systemd;

use crate::world::{Env, World};

/// Every other place than a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surfaces {
    /// Settings of VS Code and its relatives that are there.
    pub editors: Vec<editors::EditorSettings>,
    /// Apps with an integration of the client that run now, by what their processes were started with.
    pub apps: Vec<apps::App>,
    /// Units, jobs and lines that start the client.
    pub services: Vec<services::Service>,
    /// What the session's manager gives to user units (`environment.d`).
    pub session: Env,
    /// Walls between this machine and another one, where files may lie on the other side.
    pub boundary: boundary::Boundary,
    /// Definitions of dev containers that belong to the asked directory.
    pub dev_containers: Vec<dev_container::DevContainer>,
    /// The environment that the server of the tmux around this process was started with, as far as it may matter.
    pub multiplexer: Option<Env>,
}

/// Looks at all of them. `bundled` are the editors' own clients.
pub fn observe(world: &World, bundled: &[super::client::Bundled]) -> Surfaces {
    let dev_containers = dev_container::observe(world);
    Surfaces {
        editors: editors::observe(world),
        apps: apps::observe(world, bundled),
        services: services::observe(world),
        session: systemd::session(world),
        boundary: boundary::observe(world),
        dev_containers,
        multiplexer: processes::multiplexer(world),
    }
}
