//! Which members of a line are wanted, and where they are.

use std::ops::Range;

use super::json::Json;

/// A wanted value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    // Of the line.
    Session,
    AskedIn,
    Directory,
    Version,
    Entrypoint,
    IsSidechain,
    // Of a record.
    Kind,
    RequestId,
    RequestedModel,
    Time,
    BlockNumber,
    IsError,
    // Of a record's message, as the provider sent it.
    Id,
    Model,
    StopReason,
    // Of a message's usage.
    Input,
    Output,
    CacheWrite,
    CacheWrite5m,
    CacheWrite1h,
    CacheRead,
    ServiceTier,
    Speed,
}

/// The last one.
const LAST: usize = Field::Speed as usize;

/// Values as they are written; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values<'a> {
    bytes: &'a [u8],
    places: [(u32, u32); LAST + 1],
    /// There is a message that has a `usage`.
    pub has_usage: bool,
}

impl<'a> Values<'a> {
    /// None of this line yet.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// A value.
    pub fn get(&self, field: Field) -> &'a [u8] {
        let (start, end) = self.places[field as usize];
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Says where a value is. No line that is read as a whole has 4 GB.
    pub fn set(&mut self, field: Field, place: Range<usize>) {
        self.places[field as usize] = (place.start as u32, place.end as u32);
    }

    /// Of two members with one name the last counts.
    fn forget_from(&mut self, first: Field) {
        self.places[first as usize..].fill((0, 0));
        self.has_usage = false;
    }
}

/// Where in a line we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The line, which is a record too.
    Line,
    /// `data` of a `progress` line.
    Data,
    /// The record in it: a subagent's.
    Embedded,
    Message,
    Usage,
    CacheCreation,
}

/// What to do with a member.
enum Step {
    Take(Field),
    Into(Level),
    Over,
}

impl Level {
    fn step(self, key: &[u8]) -> Step {
        match self {
            Self::Line => match key {
                b"sessionId" => Step::Take(Field::Session),
                b"requestSessionId" => Step::Take(Field::AskedIn),
                b"cwd" => Step::Take(Field::Directory),
                b"version" => Step::Take(Field::Version),
                b"entrypoint" => Step::Take(Field::Entrypoint),
                b"isSidechain" => Step::Take(Field::IsSidechain),
                b"data" => Step::Into(Self::Data),
                _ => Self::Embedded.step(key),
            },
            Self::Data => match key {
                b"message" => Step::Into(Self::Embedded),
                _ => Step::Over,
            },
            Self::Embedded => match key {
                b"type" => Step::Take(Field::Kind),
                b"message" => Step::Into(Self::Message),
                b"requestId" => Step::Take(Field::RequestId),
                b"requestedModel" => Step::Take(Field::RequestedModel),
                b"timestamp" => Step::Take(Field::Time),
                b"apiBlockIndex" => Step::Take(Field::BlockNumber),
                b"isApiErrorMessage" => Step::Take(Field::IsError),
                _ => Step::Over,
            },
            Self::Message => match key {
                b"id" => Step::Take(Field::Id),
                b"model" => Step::Take(Field::Model),
                b"stop_reason" => Step::Take(Field::StopReason),
                b"usage" => Step::Into(Self::Usage),
                _ => Step::Over,
            },
            Self::Usage => match key {
                b"input_tokens" => Step::Take(Field::Input),
                b"output_tokens" => Step::Take(Field::Output),
                b"cache_creation_input_tokens" => Step::Take(Field::CacheWrite),
                b"cache_read_input_tokens" => Step::Take(Field::CacheRead),
                b"cache_creation" => Step::Into(Self::CacheCreation),
                b"service_tier" => Step::Take(Field::ServiceTier),
                b"speed" => Step::Take(Field::Speed),
                _ => Step::Over,
            },
            Self::CacheCreation => match key {
                b"ephemeral_5m_input_tokens" => Step::Take(Field::CacheWrite5m),
                b"ephemeral_1h_input_tokens" => Step::Take(Field::CacheWrite1h),
                _ => Step::Over,
            },
        }
    }
}

/// A value that the members of a line have, at its place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub start: usize,
    pub end: usize,
    pub field: Option<Field>,
}

/// One way through a line.
pub(super) struct Walk<'a, 'l> {
    /// All values that it steps over, whatever they are.
    leaves: &'l mut Vec<Leaf>,
    own: Values<'a>,
    /// Of the record in `data`.
    embedded: Option<Box<Values<'a>>>,
    is_in_embedded: bool,
    /// Messages and objects named `usage`.
    entered: usize,
}

/// What a line has.
pub(super) struct Found<'a> {
    pub own: Values<'a>,
    /// Those of the record in `data`.
    pub embedded: Option<Box<Values<'a>>>,
    /// Its wanted values are what its leaves say, and nothing else.
    pub is_plain: bool,
}

impl<'a, 'l> Walk<'a, 'l> {
    /// Goes through a line; `None` when it is no JSON object.
    pub fn through(bytes: &'a [u8], leaves: &'l mut Vec<Leaf>) -> Option<Found<'a>> {
        leaves.clear();
        let own = Values::of(bytes);
        let mut walk = Self { leaves, own, embedded: None, is_in_embedded: false, entered: 0 };
        let mut json = Json::new(bytes);
        walk.object(&mut json, Level::Line)?;
        let Walk { own, embedded, entered, .. } = walk;
        let is_plain = embedded.is_none() && own.has_usage && entered == 2;
        json.is_at_end().then_some(Found { own, embedded, is_plain })
    }

    fn object(&mut self, json: &mut Json<'a>, level: Level) -> Option<()> {
        json.object(|json, key| match level.step(key) {
            Step::Into(next) => {
                let is_object = json.peek()? == b'{';
                self.enter(next, is_object);
                if is_object {
                    self.object(json, next)?
                } else {
                    json.skip()?
                }
                self.is_in_embedded &= next != Level::Embedded;
                Some(())
            }
            Step::Take(field) => self.leaf(json, Some(field)),
            Step::Over => self.leaf(json, None),
        })
    }

    fn enter(&mut self, level: Level, is_object: bool) {
        match level {
            Level::Embedded => {
                self.embedded = Some(Box::new(Values::of(self.own.bytes)));
                self.is_in_embedded = true;
            }
            Level::Message => {
                self.entered += 1;
                self.values().forget_from(Field::Id);
            }
            Level::Usage if is_object => {
                self.entered += 1;
                self.values().forget_from(Field::Input);
                self.values().has_usage = true;
            }
            _ => {}
        }
    }

    fn leaf(&mut self, json: &mut Json<'a>, field: Option<Field>) -> Option<()> {
        let place = json.value_place()?;
        self.leaves.push(Leaf { start: place.start, end: place.end, field });
        if let Some(field) = field {
            self.values().set(field, place);
        }
        Some(())
    }

    /// Those of the record that we are in.
    fn values(&mut self) -> &mut Values<'a> {
        match &mut self.embedded {
            Some(embedded) if self.is_in_embedded => embedded,
            _ => &mut self.own,
        }
    }
}
