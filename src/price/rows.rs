//! The rows of a table as its file has them, checked before anything is reckoned with them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Class, Money, Rate, Tokens};

/// Schema of a file of prices.
const SCHEMA: &str = "bedrockup.prices/1";

/// What is wrong with a file of prices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// Prices of one kind of tokens each; what has none cannot be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Input.
    pub input: Rate,
    /// Output.
    pub output: Rate,
    /// Cache writes for five minutes.
    pub cache_write_5m: Option<Rate>,
    /// Cache writes for an hour.
    pub cache_write_1h: Option<Rate>,
    /// Cache reads.
    pub cache_read: Option<Rate>,
}

/// Rates for every token of a request with a longer prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// They hold above so many tokens of prompt.
    pub above: u64,
    /// The rates.
    pub rates: Rates,
}

/// The price of one model by one class of route in one span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Foundation model id.
    pub model: String,
    /// The name in AWS's price list and bills.
    pub name: String,
    /// Class of route.
    pub class: Class,
    /// First day (UTC); `None` is since the model is there.
    pub from: Option<Date>,
    /// First day after it.
    pub to: Option<Date>,
    /// Rates.
    pub rates: Rates,
    /// Rates of batch jobs: input and output.
    pub batch: Option<(Rate, Rate)>,
    /// Rates above a length of prompt, the shorter first.
    pub steps: Vec<Step>,
    /// When the row was checked.
    pub checked_on: Date,
    /// Where it comes from.
    pub source: String,
}

impl Rates {
    /// What so many tokens cost, or the kind of tokens that has no rate.
    pub fn cost(&self, tokens: &Tokens) -> Result<Money, &'static str> {
        let kinds = [
            (Some(self.input), tokens.input, "input"),
            (Some(self.output), tokens.output, "output"),
            (self.cache_write_5m, tokens.cache_write_5m, "five-minute cache writes"),
            (self.cache_write_1h, tokens.cache_write_1h, "one-hour cache writes"),
            (self.cache_read, tokens.cache_read, "cache reads"),
        ];
        kinds
            .into_iter()
            .filter(|(_, tokens, _)| *tokens > 0)
            .map(|(rate, tokens, kind)| Ok(rate.ok_or(kind)?.times(tokens)))
            .sum()
    }

    /// All of them: input, output, writes for five minutes and an hour, reads.
    pub fn list(&self) -> [Option<Rate>; 5] {
        [Some(self.input), Some(self.output), self.cache_write_5m, self.cache_write_1h, self.cache_read]
    }
}

impl Row {
    /// The rates of a request with so long a prompt.
    pub fn rates(&self, prompt: u64) -> &Rates {
        self.steps.iter().rev().find(|step| prompt > step.above).map_or(&self.rates, |step| &step.rates)
    }

    /// What one request costs, or the kind of tokens that has no rate.
    pub fn cost(&self, tokens: &Tokens) -> Result<Money, &'static str> {
        self.rates(tokens.prompt()).cost(tokens)
    }

    /// Whether the row holds on this day (UTC).
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct File {
    schema: String,
    as_of: Date,
    #[serde(default)]
    note: String,
    #[serde(default)]
    prefixes: std::collections::BTreeMap<String, String>,
    prices: Vec<Line>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Numbers {
    input: String,
    output: String,
    cache_write_5m: Option<String>,
    cache_write_1h: Option<String>,
    cache_read: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct StepLine {
    above: u64,
    counts: String,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Deserialize, Serialize)]
struct Line {
    model: String,
    name: String,
    class: String,
    from: Option<Date>,
    to: Option<Date>,
    #[serde(flatten)]
    numbers: Numbers,
    batch_input: Option<String>,
    batch_output: Option<String>,
    steps: Vec<StepLine>,
    checked_on: Date,
    source: String,
}

/// The parts of a file: its day, its rows, and the class of each prefix.
pub(super) struct Parsed {
    pub as_of: Date,
    pub rows: Vec<Row>,
    pub prefixes: Vec<(String, Class)>,
}

/// Reads and checks a file.
pub(super) fn parse(text: &str) -> Result<Parsed, Invalid> {
    let file: File = serde_json::from_str(text).map_err(|error| Invalid(format!("not a table of prices: {error}")))?;
    if file.schema != SCHEMA {
        return Err(Invalid(format!("schema is {}, not {SCHEMA}", file.schema.escape_debug())));
    }
    let rows = file.prices.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    for (index, row) in rows.iter().enumerate() {
        if let Some(other) = rows[..index].iter().find(|other| overlap(row, other)) {
            return Err(Invalid(format!("two prices of {} ({}) on the same day", other.model, other.class.name())));
        }
    }
    let class = |(prefix, class): (String, String)| {
        Class::named(&class).map(|class| (prefix, class)).ok_or_else(|| Invalid(format!("no class {class}")))
    };
    let prefixes = file.prefixes.into_iter().map(class).collect::<Result<_, _>>()?;
    Ok(Parsed { as_of: file.as_of, rows, prefixes })
}

/// Rows as the text of a file.
pub fn text(as_of: Date, note: &str, rows: &[Row]) -> String {
    let file = File {
        schema: SCHEMA.to_owned(),
        as_of,
        note: note.to_owned(),
        prefixes: std::collections::BTreeMap::new(),
        prices: rows.iter().map(line).collect(),
    };
    // A table of strings, numbers and dates has no value that JSON cannot hold.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

fn overlap(one: &Row, other: &Row) -> bool {
    let begins_before_end = |one: &Row, other: &Row| match (one.from, other.to) {
        (Some(from), Some(to)) => from < to,
        _ => true,
    };
    one.model == other.model
        && one.class == other.class
        && begins_before_end(one, other)
        && begins_before_end(other, one)
}

fn row(line: &Line) -> Result<Row, Invalid> {
    let wrong =
        |what: String| Invalid(format!("{} ({}): {what}", line.model.escape_debug(), line.class.escape_debug()));
    let rates = |numbers: &Numbers| -> Result<Rates, Invalid> {
        let read = |text: &String| text.parse::<Rate>().map_err(&wrong);
        let maybe = |text: &Option<String>| text.as_ref().map(read).transpose();
        let rates = Rates {
            input: read(&numbers.input)?,
            output: read(&numbers.output)?,
            cache_write_5m: maybe(&numbers.cache_write_5m)?,
            cache_write_1h: maybe(&numbers.cache_write_1h)?,
            cache_read: maybe(&numbers.cache_read)?,
        };
        if rates.list().into_iter().flatten().any(Rate::is_zero) {
            return Err(wrong("a price of nothing".to_owned()));
        }
        Ok(rates)
    };
    let batch = match (&line.batch_input, &line.batch_output) {
        (Some(input), Some(output)) => Some((input.parse().map_err(&wrong)?, output.parse().map_err(&wrong)?)),
        _ => None,
    };
    let steps = line.steps.iter().map(|step| {
        if step.counts != "prompt" {
            return Err(wrong(format!("steps count `{}`", step.counts.escape_debug())));
        }
        Ok(Step { above: step.above, rates: rates(&step.numbers)? })
    });
    let row = Row {
        model: line.model.clone(),
        name: line.name.clone(),
        class: Class::named(&line.class).ok_or_else(|| wrong("no such class".to_owned()))?,
        from: line.from,
        to: line.to,
        rates: rates(&line.numbers)?,
        batch,
        steps: steps.collect::<Result<_, _>>()?,
        checked_on: line.checked_on,
        source: line.source.clone(),
    };
    if matches!((row.from, row.to), (Some(from), Some(to)) if from >= to) {
        return Err(wrong("ends before it begins".to_owned()));
    }
    if !row.steps.windows(2).all(|pair| pair[0].above < pair[1].above) {
        return Err(wrong("steps are not in order".to_owned()));
    }
    if row.source.is_empty() || row.name.is_empty() {
        return Err(wrong("no source, or no name".to_owned()));
    }
    Ok(row)
}

fn line(row: &Row) -> Line {
    let numbers = |rates: &Rates| Numbers {
        input: rates.input.per_million(),
        output: rates.output.per_million(),
        cache_write_5m: rates.cache_write_5m.map(Rate::per_million),
        cache_write_1h: rates.cache_write_1h.map(Rate::per_million),
        cache_read: rates.cache_read.map(Rate::per_million),
    };
    let step = |step: &Step| StepLine { above: step.above, counts: "prompt".to_owned(), numbers: numbers(&step.rates) };
    Line {
        model: row.model.clone(),
        name: row.name.clone(),
        class: row.class.name().to_owned(),
        from: row.from,
        to: row.to,
        numbers: numbers(&row.rates),
        batch_input: row.batch.map(|(input, _)| input.per_million()),
        batch_output: row.batch.map(|(_, output)| output.per_million()),
        steps: row.steps.iter().map(step).collect(),
        checked_on: row.checked_on,
        source: row.source.clone(),
    }
}
