//! Bars: dollars over time, in days, weeks or months as the span is long.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::price::Cost;
use crate::usage::{By, Provider, Usage};

/// The most bars of one chart.
const MOST: usize = 31;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// First day.
    pub from: Date,
    /// What it cost; `None` where no answer had a price.
    pub cost: Option<Cost>,
    /// Answers of Bedrock.
    pub messages: u64,
    /// Of those without a price.
    pub unpriced: u64,
}

/// How long a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

impl Step {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
            Self::Month => day.first_of_month(),
        }
    }

    fn next(self, day: Date) -> Date {
        match self {
            Self::Day => day.saturating_add(1.days()),
            Self::Week => day.saturating_add(7.days()),
            Self::Month => day.saturating_add(1.months()),
        }
    }

    /// `Mon 16 Nov`, `16 Nov`, `Nov 2026`.
    pub fn label(self, day: Date) -> String {
        let format = match self {
            Self::Day => "%a %e %b",
            Self::Week => "%e %b",
            Self::Month => "%b %Y",
        };
        day.strftime(format).to_string()
    }
}

/// Bedrock's costs over time, without a hole, from the first to the last day that has answers.
pub fn bars(usage: &Usage) -> (Step, Vec<Bar>) {
    let rows: Vec<(Date, _)> = usage
        .rows(By::Day)
        .into_iter()
        .filter(|row| row.provider == Provider::Bedrock)
        .filter_map(|row| Some((row.key.as_deref()?.parse().ok()?, row.sums)))
        .collect();
    let (Some(first), Some(last)) = (rows.iter().map(|row| row.0).min(), rows.iter().map(|row| row.0).max()) else {
        return (Step::Day, Vec::new());
    };
    let count = |step: Step| {
        std::iter::successors(Some(step.start(first)), move |day| Some(step.next(*day)))
            .take_while(move |day| *day <= last)
    };
    let step = [Step::Day, Step::Week].into_iter().find(|step| count(*step).take(MOST + 1).count() <= MOST);
    let step = step.unwrap_or(Step::Month);
    let mut bars: Vec<Bar> = count(step).map(|from| Bar { from, cost: None, messages: 0, unpriced: 0 }).collect();
    for (day, sums) in rows {
        let Ok(place) = bars.binary_search_by_key(&step.start(day), |bar| bar.from) else { continue };
        let bar = &mut bars[place];
        bar.messages += sums.messages;
        bar.unpriced += sums.unpriced;
        bar.cost = match (bar.cost, sums.cost) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }
    (step, bars)
}

/// A bar of `width` columns at most, in eighths of a column; a value above nothing shows at least one.
pub fn bar(value: u128, most: u128, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if value == 0 || most == 0 {
        return String::new();
    }
    let eighths = usize::try_from(value * (width as u128 * 8) / most).unwrap_or(0).clamp(1, width * 8);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_never_longer_than_its_place_and_little_is_seen() {
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 3), "█▌");
        assert_eq!(bar(1, 1_000_000, 10), "▏");
        assert_eq!(bar(0, 10, 10), "");
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let day: Date = "2026-11-25".parse().expect("a day");
        assert_eq!(Step::Week.start(day).to_string(), "2026-11-23");
        assert_eq!(Step::Month.label(Step::Month.start(day)), "Nov 2026");
        assert_eq!(Step::Day.label(day), "Wed 25 Nov");
    }
}
