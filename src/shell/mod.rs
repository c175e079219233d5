//! What is known about shells: their kinds, the files that they read, and their syntax.

mod kind;

pub use kind::{Mode, ShellKind};
