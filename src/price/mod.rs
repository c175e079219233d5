//! The dated table of prices, and exact arithmetic with it. Pure.
//!
//! A price is found by model, routing class and day. What the table does not have has no price: nothing is guessed, and nothing
//! without a price is free. Where the class is unknown the price is a range over the classes of commercial regions; GovCloud
//! is taken into account only where an id says so.

mod current;
mod id;
mod money;
pub mod refresh;
mod rows;
mod table;
pub mod usage_type;

use std::fmt;
use std::ops::AddAssign;

use jiff::civil::Date;

pub use current::Current;
pub use id::{Asked, model_name};
pub use money::{Cost, Money, Rate, grouped};
pub use rows::{Invalid, Rates, Row, Step, text as rows_text};
pub use table::{Table, cost, cost_of_sums, day_of};

/// How AWS prices a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A profile that routes worldwide (`global.`): the base price.
    Global,
    /// A profile of a geography (`us.`, `eu.`, `jp.`, …).
    Geo,
    /// A model of one region, asked for without a profile.
    InRegion,
    /// GovCloud (`us-gov.`).
    Gov,
}

/// The class of a route, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Routing {
    /// Known.
    Known(Class),
    /// Not known: an application profile, or no id at all.
    Unknown,
}

/// Tokens by what they are billed as. Sums saturate: a file may claim any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Read by the model, neither from the cache nor into it.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Written into the cache for five minutes.
    pub cache_write_5m: u64,
    /// Written into the cache for an hour.
    pub cache_write_1h: u64,
    /// Read from the cache.
    pub cache_read: u64,
}

/// Why something has no price. The end of a sentence that begins with "no price for".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NoPrice {
    /// The table does not know the model.
    Model(String),
    /// It knows the model, but not with this routing.
    Class(String, Routing),
    /// It knows no price for this day.
    Day(String, Date),
    /// It has no rate for this kind of tokens.
    Kind(String, &'static str),
    /// It has no rate for this tier of service or speed.
    Tier(String, String),
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Global, Self::Geo, Self::InRegion, Self::Gov];

    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Geo => "geo",
            Self::InRegion => "in-region",
            Self::Gov => "gov",
        }
    }

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl Routing {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Known(class) => class.name(),
            Self::Unknown => "unknown",
        }
    }

    /// The classes that it may be.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Self::Known(Class::Global) => &[Class::Global],
            Self::Known(Class::Geo) => &[Class::Geo],
            Self::Known(Class::InRegion) => &[Class::InRegion],
            Self::Known(Class::Gov) => &[Class::Gov],
            Self::Unknown => &[Class::Global, Class::Geo, Class::InRegion],
        }
    }
}

impl Tokens {
    /// The prompt: all that the model read, from the cache or not.
    pub fn prompt(&self) -> u64 {
        [self.cache_write_5m, self.cache_write_1h, self.cache_read].into_iter().fold(self.input, u64::saturating_add)
    }

    /// All of them.
    pub fn all(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        let Self { input, output, cache_write_5m, cache_write_1h, cache_read } = other;
        self.input = self.input.saturating_add(input);
        self.output = self.output.saturating_add(output);
        self.cache_write_5m = self.cache_write_5m.saturating_add(cache_write_5m);
        self.cache_write_1h = self.cache_write_1h.saturating_add(cache_write_1h);
        self.cache_read = self.cache_read.saturating_add(cache_read);
    }
}

impl fmt::Display for NoPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(model) => formatter.write_str(model),
            Self::Class(model, routing) => {
                let how = match routing {
                    Routing::Known(Class::Global) => "through a global profile",
                    Routing::Known(Class::Geo) => "through a profile of a geography",
                    Routing::Known(Class::InRegion) => "without a profile",
                    Routing::Known(Class::Gov) => "in GovCloud",
                    Routing::Unknown => "in commercial regions",
                };
                write!(formatter, "{model} {how}")
            }
            Self::Day(model, day) => write!(formatter, "{model} on {day}"),
            Self::Kind(model, kind) => write!(formatter, "{kind} of {model}"),
            Self::Tier(model, tier) => write!(formatter, "{tier} answers of {model}"),
        }
    }
}
