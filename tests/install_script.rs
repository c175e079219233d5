//! `install.sh`, run for real: under each shell that it promises, against mirrors in a temporary directory or on the
//! loopback interface, with a small script in the place of the program. Nothing here needs a release build, a network,
//! or the home of whoever runs the tests.

mod advice;
mod bed;
mod every_shell;
mod network;
mod refusals;
mod script_itself;
mod server;
mod terminal;
