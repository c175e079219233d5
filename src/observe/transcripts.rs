//! Claude Code's transcripts, read as a stream: which provider gave each answer, for how many tokens, under which request id.
//!
//! A configuration directory holds `projects/<folder>/<session>.jsonl`, and `<session>/subagents/agent-*.jsonl` beside it: one JSON object per line.
//! Measured with real clients from 2.0.77 to 2.1.330 against a fake Bedrock whose streams were slowed down; no version means 2.1.330:
//!
//! * An answer is several `"type":"assistant"` lines, one per content block, with the same `message.id` and `requestId`. Lines of tool results come
//!   between them when a tool runs while the answer still streams.
//! * Lines are held back until the answer is complete: all carry its final `usage` and a `stop_reason` (seen from 2.1.110 on; the blocks are numbered, `apiBlockIndex`,
//!   from 2.1.260 on). 2.0.77 and 2.1.30 write each block at once with `stop_reason: null` and the `output_tokens` of the stream's start, and **never write
//!   the final number**: a slow stream leaves `output_tokens: 1` in all its lines. [`Turn::is_complete`] tells the two apart.
//! * Through Bedrock, `requestId` (AWS's id of the request) is there from 2.1.290 on, not in 2.1.280 and before; `requestedModel` from 2.1.300 on.
//! * `--continue` and `--resume` append to the session's file. `--fork-session` copies the lines into a new file, with their ids and times.
//!   `sessionId` becomes that of the fork, and `requestSessionId` says which session asked; 2.0.77 has only the former, 2.1.30 leaves `sessionId` as it was.
//!   2.0.77 copied only two of three blocks.
//! * A subagent's lines (`isSidechain: true`, `sessionId` of its parent) are in a file of their own, `<session>/subagents/agent-*.jsonl`; with 2.0.77
//!   `agent-*.jsonl` beside the session's file. The parent's file does not repeat them as answers. Clients not measured here are reported to have repeated
//!   them in `"type":"progress"` lines, below `data.message`.
//! * A failed call is a line with `"model":"<synthetic>"` and `isApiErrorMessage`. The one-token probes at start and the calls of `/compact` leave no line
//!   with their tokens.

mod batch;
mod crew;
mod files;
mod index;
mod json;
mod line;
mod lines;
mod long;
mod members;
mod read;
mod shape;
pub mod tail;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::num::NonZero;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::Timestamp;

use super::settings;
use crate::variables;
use crate::world::World;
use read::Manner;

/// Larger buffers fall out of the processor's cache, smaller ones cost calls.
const BUFFER: usize = 1 << 17;
/// What one thread reads before its results are taken.
const PIECE: u64 = 1 << 20;
/// More threads than this wait for the one that takes the results.
const MOST_THREADS: usize = 8;

/// Who gave an answer, by the prefix of its message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// `msg_bdrk_…`
    Bedrock,
    /// `msg_01…`
    Anthropic,
    /// `msg_vrtx_…`
    Vertex,
    /// Any other: a gateway's own, or one that is not known yet.
    Unknown,
}

/// Tokens of answers. Sums saturate: a file may claim any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read anew.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Written to the cache for five minutes, and where the file does not say for how long.
    pub cache_write_5m: u64,
    /// Written to the cache for an hour.
    pub cache_write_1h: u64,
    /// Read from the cache.
    pub cache_read: u64,
}

/// One answer of a model. Text is as the file has it: it may hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who gave it.
    pub origin: Origin,
    /// `message.id`.
    pub message_id: Cow<'a, str>,
    /// The provider's id of the request; through Bedrock that of AWS.
    pub request_id: Option<Cow<'a, str>>,
    /// When its line was written.
    pub at: Timestamp,
    /// The session that asked: not that of a fork which only repeats it, where the client tells them apart.
    pub session: Cow<'a, str>,
    /// The directory that the client worked in; where the line does not say, the name of the folder below `projects`.
    pub project: Cow<'a, str>,
    /// The model by its own account (`claude-opus-5-5`).
    pub model: Cow<'a, str>,
    /// What was asked for: through Bedrock an inference profile's id or ARN, or a model's id.
    pub requested_model: Option<Cow<'a, str>>,
    /// Its tokens.
    pub usage: Usage,
    /// The line was written after the end of the answer. If not, `usage.output` may be too low.
    pub is_complete: bool,
    /// A subagent asked.
    pub is_sidechain: bool,
    /// The client's version.
    pub version: Option<Cow<'a, str>>,
    /// How the client was started: `cli`, `sdk-cli`, …
    pub entrypoint: Option<Cow<'a, str>>,
    /// `standard`, `priority`, `batch`, …
    pub service_tier: Option<Cow<'a, str>>,
    /// `standard` or `fast`.
    pub speed: Option<Cow<'a, str>>,
    /// The file with the line that was counted.
    pub file: &'a Path,
    /// Where that line starts in the file, in bytes.
    pub offset: u64,
}

/// From when to when; without a limit on the side that is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first moment within.
    pub since: Option<Timestamp>,
    /// The first moment after.
    pub until: Option<Timestamp>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were read. Those that were last written before the span are not.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Answers in the span, each counted once.
    pub answers: u64,
    /// Further lines of the same answers.
    pub repeated: u64,
    /// Lines that look like an answer and are no JSON, or have no time. The unfinished last line of a file is not among them.
    pub broken: u64,
    /// What could not be read, each with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// The configuration directories of this user: that of the client, and `~/.config/claude` where older clients left transcripts there.
///
/// Whoever sets `CLAUDE_CONFIG_DIR` keeps things apart: then it is the only one.
pub fn directories(world: &World) -> Vec<PathBuf> {
    let (configured, _) = settings::configuration_directory(world);
    let mut directories = vec![configured];
    if world.env.non_empty(variables::CONFIG_DIR).is_none() {
        let base = world.env.non_empty("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let older = base.unwrap_or_else(|| world.home.join(".config")).join("claude");
        directories.extend(older.join("projects").is_dir().then_some(older));
    }
    directories
}

/// Reads every `*.jsonl` below `projects` of these configuration directories and calls `each` once per answer of the span.
///
/// An answer counts with the line that knows most of its output; among equals with that in the file whose first time is oldest, since the others hold
/// copies; then with the first one. Where the client has waited for the end of the answer, every line is final, and the answer is told when it is first met, file by file from
/// the one that began first. The others are settled when all was read: then their lines are read again, in the same order. So the order is always the same, and memory
/// stays flat: some 40 bytes per answer, and what was found in the few pieces of files that were read ahead.
///
/// As many threads read as the machine can run; `each` is called on the thread that calls this.
pub fn read(directories: &[PathBuf], span: Span, each: &mut dyn FnMut(&Turn<'_>)) -> Summary {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    read::read(Manner { threads, buffer: BUFFER, piece: PIECE }, directories, span, each)
}

impl Origin {
    /// Who gives messages ids like this.
    pub fn of(message_id: &[u8]) -> Self {
        let known = [(&b"msg_bdrk_"[..], Self::Bedrock), (b"msg_vrtx_", Self::Vertex), (b"msg_01", Self::Anthropic)];
        known.iter().find(|(prefix, _)| message_id.starts_with(prefix)).map_or(Self::Unknown, |(_, origin)| *origin)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        let Self { input, output, cache_write_5m, cache_write_1h, cache_read } = other;
        self.input = self.input.saturating_add(input);
        self.output = self.output.saturating_add(output);
        self.cache_write_5m = self.cache_write_5m.saturating_add(cache_write_5m);
        self.cache_write_1h = self.cache_write_1h.saturating_add(cache_write_1h);
        self.cache_read = self.cache_read.saturating_add(cache_read);
    }
}

impl Span {
    /// Whether a moment is within.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.since.is_none_or(|since| moment >= since) && self.until.is_none_or(|until| moment < until)
    }
}
