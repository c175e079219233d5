//! A small HTTP server on the loopback interface that answers well, badly, or not at all.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// What the server does with one request.
pub enum Reply {
    /// 200 with this body.
    Body(Vec<u8>),
    /// 302 to this place.
    Redirect(String),
    /// A status without a body.
    Status(&'static str),
    /// Promises all of the body and hangs up after this many bytes.
    Cut(Vec<u8>, usize),
    /// Says nothing and keeps the connection.
    Hang,
}

/// Runs until the test ends.
pub struct Server {
    port: u16,
    requests: Receiver<String>,
}

impl Server {
    /// Answers each path with what `answer` says.
    pub fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, sender) = (Arc::clone(&answer), sender.clone());
                thread::spawn(move || serve(stream, answer.as_ref(), &sender));
            }
        });
        Self { port, requests }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until somebody asked for something; gives back the path.
    pub fn wait_for_request(&self) -> String {
        self.requests.recv().unwrap()
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> Reply, requests: &Sender<String>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut header = String::new();
    while reader.read_line(&mut header).unwrap_or(0) > 2 {
        header.clear();
    }
    let reply = answer(&path);
    // Nobody has to be waiting for it.
    let _ = requests.send(path);
    let (status, extra, body, length) = match reply {
        Reply::Body(body) => ("200 OK", String::new(), body.clone(), body.len()),
        Reply::Redirect(to) => ("302 Found", format!("Location: {to}\r\n"), Vec::new(), 0),
        Reply::Status(status) => (status, String::new(), Vec::new(), 0),
        Reply::Cut(body, at) => ("200 OK", String::new(), body[..at].to_vec(), body.len()),
        Reply::Hang => {
            // Ends when the client goes away.
            let _ = reader.read_line(&mut line);
            return;
        }
    };
    // A client that hangs up early is the client's business.
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{extra}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(&body);
}
