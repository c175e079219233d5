//! One line of a transcript: is it an answer, and what does it say?

use jiff::Timestamp;

use super::files::Source;
use super::json::{Json, Text};
use super::{Origin, Turn, Usage};

/// A line is no JSON object.
#[derive(Debug)]
pub(super) struct Broken;

/// What one line says of an answer.
#[derive(Debug, Default)]
pub(super) struct Answer<'a> {
    message: Message<'a>,
    request_id: Text<'a>,
    requested_model: Text<'a>,
    time: Text<'a>,
    /// The client numbered the block: only those clients do it that wait for the end of an answer before they write.
    is_numbered: bool,
    session: Text<'a>,
    directory: Text<'a>,
    version: Text<'a>,
    entrypoint: Text<'a>,
    is_sidechain: bool,
}

/// A record of the client: a line, or a subagent's line inside a `progress` line.
#[derive(Debug, Default)]
struct Record<'a> {
    kind: Text<'a>,
    message: Option<Message<'a>>,
    request_id: Text<'a>,
    requested_model: Text<'a>,
    time: Text<'a>,
    is_numbered: bool,
    is_error: bool,
}

/// `message`, as the provider sent it.
#[derive(Debug, Default)]
struct Message<'a> {
    id: Text<'a>,
    model: Text<'a>,
    stop_reason: Text<'a>,
    usage: Option<Counted<'a>>,
}

/// `usage` of a message.
#[derive(Debug, Default)]
struct Counted<'a> {
    input: u64,
    output: u64,
    cache_write: u64,
    cache_write_5m: u64,
    cache_write_1h: u64,
    cache_read: u64,
    service_tier: Text<'a>,
    speed: Text<'a>,
}

/// Reads a line: what it says of an answer, if it is about one. Its first bytes may be those that a crash left (NUL).
pub(super) fn read(bytes: &[u8]) -> Result<Option<Answer<'_>>, Broken> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    answer(&mut Json::new(&bytes[start..])).ok_or(Broken)
}

fn answer<'a>(json: &mut Json<'a>) -> Option<Option<Answer<'a>>> {
    let mut line = Answer::default();
    let mut own = Record::default();
    let mut embedded = None;
    let mut asked_in = Text::default();
    json.object(|json, key| {
        match key {
            b"sessionId" => line.session = json.text()?,
            b"requestSessionId" => asked_in = json.text()?,
            b"cwd" => line.directory = json.text()?,
            b"version" => line.version = json.text()?,
            b"entrypoint" => line.entrypoint = json.text()?,
            b"isSidechain" => line.is_sidechain = json.truth()?,
            b"data" => json.object_or_skip(|json, key| {
                if key != b"message" {
                    return json.skip();
                }
                let mut record = Record::default();
                json.object_or_skip(|json, key| record.member(json, key))?;
                embedded = Some(record);
                Some(())
            })?,
            _ => own.member(json, key)?,
        }
        Some(())
    })?;
    if !json.is_at_end() {
        return None;
    }
    let record = match embedded {
        Some(record) if own.kind.raw() == b"progress" => {
            line.is_sidechain = true;
            record
        }
        _ => own,
    };
    let Some(message) = record.message.filter(|_| record.kind.raw() == b"assistant" && !record.is_error) else {
        return Some(None);
    };
    let is_counted = message.usage.is_some()
        && !(message.id.is_empty() || message.model.is_empty() || record.time.is_empty())
        && message.model.raw() != b"<synthetic>";
    if !asked_in.is_empty() {
        line.session = asked_in;
    }
    let Record { request_id, requested_model, time, is_numbered, .. } = record;
    Some(is_counted.then_some(Answer { message, request_id, requested_model, time, is_numbered, ..line }))
}

impl<'a> Record<'a> {
    fn member(&mut self, json: &mut Json<'a>, key: &[u8]) -> Option<()> {
        match key {
            b"type" => self.kind = json.text()?,
            b"message" => {
                let mut message = Message::default();
                json.object_or_skip(|json, key| message.member(json, key))?;
                self.message = Some(message);
            }
            b"requestId" => self.request_id = json.text()?,
            b"requestedModel" => self.requested_model = json.text()?,
            b"timestamp" => self.time = json.text()?,
            b"apiBlockIndex" => {
                json.skip()?;
                self.is_numbered = true;
            }
            b"isApiErrorMessage" => self.is_error = json.truth()?,
            _ => json.skip()?,
        }
        Some(())
    }
}

impl<'a> Message<'a> {
    fn member(&mut self, json: &mut Json<'a>, key: &[u8]) -> Option<()> {
        match key {
            b"id" => self.id = json.text()?,
            b"model" => self.model = json.text()?,
            b"stop_reason" => self.stop_reason = json.text()?,
            b"usage" if json.peek()? == b'{' => {
                let mut usage = Counted::default();
                json.object(|json, key| usage.member(json, key))?;
                self.usage = Some(usage);
            }
            _ => json.skip()?,
        }
        Some(())
    }
}

impl<'a> Counted<'a> {
    fn member(&mut self, json: &mut Json<'a>, key: &[u8]) -> Option<()> {
        match key {
            b"input_tokens" => self.input = json.number()?,
            b"output_tokens" => self.output = json.number()?,
            b"cache_creation_input_tokens" => self.cache_write = json.number()?,
            b"cache_read_input_tokens" => self.cache_read = json.number()?,
            b"cache_creation" => json.object_or_skip(|json, key| {
                match key {
                    b"ephemeral_5m_input_tokens" => self.cache_write_5m = json.number()?,
                    b"ephemeral_1h_input_tokens" => self.cache_write_1h = json.number()?,
                    _ => json.skip()?,
                }
                Some(())
            })?,
            b"service_tier" => self.service_tier = json.text()?,
            b"speed" => self.speed = json.text()?,
            _ => json.skip()?,
        }
        Some(())
    }
}

impl<'a> Answer<'a> {
    /// What makes it one answer: the message's id and the request's, as they are written.
    pub fn key(&self) -> (&'a [u8], &'a [u8]) {
        (self.message.id.raw(), self.request_id.raw())
    }

    /// Output tokens, as far as this line knows.
    pub fn output(&self) -> u64 {
        self.message.usage.as_ref().map_or(0, |usage| usage.output)
    }

    /// No other line of this answer knows more output.
    pub fn is_final(&self) -> bool {
        self.is_numbered && !self.message.stop_reason.is_empty()
    }

    /// When the line was written; `None` when the time is none.
    pub fn at(&self) -> Option<Timestamp> {
        time(self.time)
    }

    /// The answer as the world sees it; `None` when its time is none.
    pub fn turn(&self, source: &'a Source, offset: u64) -> Option<Turn<'a>> {
        let Message { id, model, stop_reason, usage } = &self.message;
        let usage = usage.as_ref()?;
        let stem = || source.path.file_stem().unwrap_or_default().to_string_lossy();
        Some(Turn {
            origin: Origin::of(id.raw()),
            message_id: id.decode(),
            request_id: self.request_id.said(),
            at: self.at()?,
            session: self.session.said().unwrap_or_else(stem),
            project: self.directory.said().unwrap_or_else(|| source.folder().to_string_lossy()),
            model: model.decode(),
            requested_model: self.requested_model.said(),
            usage: usage.sum(),
            is_complete: !stop_reason.is_empty(),
            is_sidechain: self.is_sidechain,
            version: self.version.said(),
            entrypoint: self.entrypoint.said(),
            service_tier: usage.service_tier.said(),
            speed: usage.speed.said(),
            file: &source.path,
            offset,
        })
    }
}

impl Counted<'_> {
    fn sum(&self) -> Usage {
        let parts = self.cache_write_5m.saturating_add(self.cache_write_1h);
        Usage {
            input: self.input,
            output: self.output,
            // Where no part, or only one, was said, the rest was written for the usual time.
            cache_write_5m: self.cache_write_5m.saturating_add(self.cache_write.saturating_sub(parts)),
            cache_write_1h: self.cache_write_1h,
            cache_read: self.cache_read,
        }
    }
}

/// The time that a text says.
pub(super) fn time(text: Text<'_>) -> Option<Timestamp> {
    str::from_utf8(text.raw()).ok()?.parse().ok()
}
