//! `setup` as people and scripts use it.

mod flags;
mod wizard;
