//! A server that is not AWS: it answers every request alike.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A running server. It stops when the process of the tests does.
pub struct OddServer {
    address: SocketAddr,
}

impl OddServer {
    /// Answers with this status line, these headers and this body.
    pub fn answering(status: &str, headers: &str, body: &str) -> Self {
        let answer =
            format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on the loopback interface");
        let address = listener.local_addr().expect("a bound listener has an address");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answer.clone();
                // A client that goes away is part of the play.
                thread::spawn(move || serve(stream, &answer));
            }
        });
        Self { address }
    }

    /// What a gateway of OpenAI's format says to a path that it does not know.
    pub fn of_openai_format() -> Self {
        Self::answering(
            "404 Not Found",
            "Content-Type: application/json\r\nServer: uvicorn\r\n",
            r#"{"detail":"Not Found"}"#,
        )
    }

    /// What a captive portal does with plain requests.
    pub fn portal() -> Self {
        Self::answering("302 Found", "Location: http://portal.hotel.example/login\r\n", "")
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn serve(stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    reader.into_inner().write_all(answer.as_bytes())
}
