//! What is known about shells: their kinds, the files that they read, their syntax, and our block in them.

pub mod block;
pub mod files;
mod kind;
pub mod quote;
pub mod reach;
pub mod render;
mod syntax;

pub use kind::{Mode, ShellKind};
pub use syntax::Syntax;
