//! Changes to people's files: the only room that writes them.
//!
//! ```text
//! setup::plan, fix::plan, uninstall::plan   wanted state + present bytes -> Plan (reads, never writes)
//! apply                                     Plan -> files, all of them or none
//! ```
//!
//! What `apply` promises, for each file: it is the old one or the new one, also after `kill -9` or a full disk; links stay links;
//! mode, owner and group stay (extended attributes and access control lists do not: the standard library cannot read them).

mod apply;
pub mod cache;
mod diff;
mod file;
pub mod fix;
pub mod keep;
mod plan;
mod receipt;
mod refusal;
pub mod settings;
pub mod setup;
mod stage;
mod state;
pub mod uninstall;

pub use apply::{Applied, Step, apply, apply_observed};
pub use diff::mask;
pub use plan::{Edit, Plan};
pub use receipt::{FileEntry, Receipt, SettingsEntry, SettingsRecord};
pub use refusal::Refusal;
pub use state::directory as state_directory;

use std::os::unix::fs::MetadataExt;

use crate::world::World;

/// Refuses to work as root in the home of somebody else: what root would create there, its owner could not change.
pub fn guard(world: &World) -> Result<(), Refusal> {
    let metadata = std::fs::metadata(&world.home).map_err(|error| Refusal::io("read", &world.home, error))?;
    if world.user.uid == 0 && metadata.uid() != 0 {
        return Err(Refusal::ForeignHome { home: world.home.clone(), owner: metadata.uid() });
    }
    Ok(())
}
