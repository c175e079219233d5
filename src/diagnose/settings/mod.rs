//! Settings files of the client.
