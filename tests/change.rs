//! What `setup` and `uninstall` do to files: in-process, on a home of the test's own, with the real shells.

mod bed;
mod faults;
mod links_and_modes;
mod quoting;
mod reach;
mod settings;
mod together;
mod undo;
