//! How an answer leaves: whole, frame by frame, broken off, or as a reset.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::Response;
use hyper::body::{Body, Bytes, Frame};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::wire::{Call, Payload, Protocol, Reply};

/// Why a connection ends without an answer.
#[derive(Debug)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

/// Puts the headers of AWS on an answer.
pub fn send(reply: Reply, call: &Call, offset: i64, request_id: &str) -> Response<Sent> {
    let now = Timestamp::now() + SignedDuration::from_secs(offset);
    let mut response = Response::builder()
        .status(reply.status)
        .header("content-type", reply.content_type)
        .header("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let name = match call.protocol() {
        Protocol::Plain => None,
        Protocol::Anthropic => Some("request-id"),
        _ => Some("x-amzn-RequestId"),
    };
    if let (Some(name), false) = (name, reply.content_type.starts_with("text/html")) {
        response = response.header(name, request_id);
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = match reply.body {
        Payload::Full(bytes) => Sent { frames: vec![bytes].into_iter(), end: End::Whole, length: true },
        Payload::Frames { frames, cut } => {
            Sent { frames: frames.into_iter(), end: if cut { End::FlushThenCut } else { End::Whole }, length: false }
        }
    };
    response.body(body).expect("status and headers of the fake's own making are valid")
}

/// A request id as the service makes them.
pub fn request_id(protocol: Protocol) -> String {
    match protocol {
        Protocol::Anthropic => format!("req_01{}", &uuid().replace('-', "")[..22]),
        _ => uuid(),
    }
}

/// A version 4 UUID from the standard library's random keys.
pub fn uuid() -> String {
    let random = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    let bits = (random(0) << 64 | random(1)) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The body of an answer, frame by frame, which may break off.
pub struct Sent {
    frames: std::vec::IntoIter<Bytes>,
    end: End,
    length: bool,
}

/// How a body ends.
#[derive(Clone, Copy)]
enum End {
    Whole,
    /// What was sent must be flushed before the connection breaks, or the client would see none of it.
    FlushThenCut,
    Cut,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(bytes) = self.frames.next() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::FlushThenCut => {
                self.end = End::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(Broken))),
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self.frames.as_slice() {
            [only] if self.length => hyper::body::SizeHint::with_exact(only.len() as u64),
            _ => hyper::body::SizeHint::default(),
        }
    }
}

/// A stream that is reset instead of closed when it is dropped, if so wished by then.
pub struct Resettable {
    /// The connection.
    pub stream: TcpStream,
    /// Set when it shall end in a reset.
    pub reset: Arc<AtomicBool>,
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Resettable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        pin!(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        pin!(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(())); // a FIN first would make the reset look like a plain close
        }
        pin!(&mut self.stream).poll_shutdown(context)
    }
}
