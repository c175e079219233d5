//! Addresses where nobody answers, for tests of what the program says then.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// A URL whose connections are refused. The port was free a moment ago; nothing here takes it again.
pub fn refused_url() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on the loopback interface");
    format!("http://{}", listener.local_addr().expect("a bound listener has an address"))
}

/// A host name that no resolver knows (RFC 6761).
pub const UNKNOWN_HOST_URL: &str = "http://bedrock.invalid";

/// A port that takes connections and never says a word, neither HTTP nor TLS.
pub struct Silence {
    listener: TcpListener,
}

impl Silence {
    /// Starts to say nothing.
    pub fn start() -> Self {
        Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on the loopback interface") }
    }

    /// `http://127.0.0.1:PORT`: the kernel accepts, the request is never read.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("a bound listener has an address"))
    }

    /// Waits for somebody to connect, and keeps saying nothing to them.
    pub fn wait_for_a_client(&self) -> TcpStream {
        self.listener.accept().expect("a client connects").0
    }
}
