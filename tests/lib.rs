//! All integration tests, in one program.

mod observe_shells;
