//! Money in whole picodollars: sums are exact, and only what is shown is rounded, once.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

/// Picodollars of one dollar.
const DOLLAR: u128 = 1_000_000_000_000;

/// The price of one token in picodollars, which is the price of a million tokens in microdollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// An amount of dollars, exact to the picodollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u128);

/// What something costs: between `low` and `high`, which are the same where the price is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Cost {
    /// The least.
    pub low: Money,
    /// The most.
    pub high: Money,
}

impl Rate {
    /// The price of so many tokens.
    pub fn times(self, tokens: u64) -> Money {
        Money(u128::from(self.0) * u128::from(tokens))
    }

    /// `12.5`: dollars per million tokens, without needless zeros.
    pub fn per_million(self) -> String {
        let (whole, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let text = format!("{whole}.{rest:06}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// The rate times `numerator / denominator`, if that is a whole number of picodollars.
    pub fn scaled(self, numerator: u64, denominator: u64) -> Option<Self> {
        let product = self.0.checked_mul(numerator)?;
        (denominator != 0 && product % denominator == 0).then(|| Self(product / denominator))
    }

    /// Whether it is more than so many times the other.
    pub fn is_beyond(self, other: Self, times: u64) -> bool {
        self.0 > other.0.saturating_mul(times)
    }

    /// Whether it costs nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl FromStr for Rate {
    type Err = String;

    /// Reads dollars per million tokens: `5`, `0.125`, `3.0000000000`; at most six places that are not zero.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{}` is no price in dollars per million tokens", text.escape_debug());
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let places = places.trim_end_matches('0');
        if whole.is_empty() || whole.len() > 9 || !digits(whole) || !digits(places) || places.len() > 6 {
            return Err(wrong());
        }
        format!("{whole}{places:0<6}").parse().map(Self).map_err(|_| wrong())
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of trillionths of a dollar.
    pub fn from_trillionths(trillionths: u128) -> Self {
        Self(trillionths)
    }

    /// Whole microdollars, rounded half up.
    pub fn micros(self) -> u128 {
        self.0.saturating_add(500_000) / 1_000_000
    }

    /// Whole cents, rounded half up.
    pub fn cents(self) -> u128 {
        self.0.saturating_add(DOLLAR / 200) / (DOLLAR / 100)
    }

    /// Dollars for a document, rounded to a millionth.
    #[expect(clippy::cast_precision_loss, reason = "exact below nine thousand million dollars")]
    pub fn dollars(self) -> f64 {
        self.micros() as f64 / 1e6
    }

    /// What is left after `other` is taken away, or nothing.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The amount times `numerator / denominator`, cut to whole picodollars.
    pub fn scaled(self, numerator: u64, denominator: u64) -> Self {
        Self(self.0 * u128::from(numerator) / u128::from(denominator.max(1)))
    }

    /// This amount as a share of `whole`, where that is not nothing.
    #[expect(clippy::cast_precision_loss, reason = "a share is shown with two places")]
    pub fn share(self, whole: Self) -> Option<f64> {
        (whole.0 > 0).then(|| self.0 as f64 / whole.0 as f64)
    }
}

impl fmt::Display for Money {
    /// `$1,234.56`; an amount that rounds to no cent is `<$0.01`, since it is not nothing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.cents();
        let text = if cents == 0 && self.0 > 0 {
            "<$0.01".to_owned()
        } else {
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        };
        formatter.pad(&text)
    }
}

/// A number with a comma between thousands.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Cost {
    /// A cost that is known.
    pub fn exact(money: Money) -> Self {
        Self { low: money, high: money }
    }

    /// Whether the price is known.
    pub fn is_exact(self) -> bool {
        self.low == self.high
    }

    /// The smallest range that holds both.
    pub fn or(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

impl fmt::Display for Cost {
    /// `$12.30`, or `$12.30 to $13.53` where the cents differ.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low.cents() == self.high.cents() {
            self.high.fmt(formatter)
        } else {
            formatter.pad(&format!("{} to {}", self.low, self.high))
        }
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> Rate {
        text.parse().expect(text)
    }

    #[test]
    fn rates_are_read_as_they_are_written_and_nothing_else_is_one() {
        assert_eq!(rate("0.1375").times(8), Money(1_100_000));
        assert_eq!(rate("3.0000000000"), rate("3"));
        assert_eq!(rate("12.50").per_million(), "12.5");
        assert_eq!(rate("0.000001").per_million(), "0.000001");
        for wrong in ["", "-1", "1e3", "1.0000001", ".5", "1,5", "NaN", "1 ", "99999999999999999999"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
        assert_eq!(rate("2").scaled(11, 10), Some(rate("2.2")));
        assert_eq!(rate("0.000001").scaled(11, 10), None, "no price between picodollars is invented");
    }

    #[test]
    fn amounts_are_rounded_once_where_they_are_shown() {
        assert_eq!(Money(1_234_565_000_000_000).to_string(), "$1,234.57", "half a cent goes up");
        assert_eq!(Money(1).to_string(), "<$0.01", "little is not nothing");
        assert_eq!(Money::ZERO.to_string(), "$0.00");
        assert_eq!(Money(1_500_000).micros(), 2);
        assert_eq!(format!("{:>8}", Money(DOLLAR)), "   $1.00");
        let range = Cost { low: Money(DOLLAR), high: Money(DOLLAR + DOLLAR / 10) };
        assert_eq!(range.to_string(), "$1.00 to $1.10");
        assert_eq!((grouped(1_234_567), grouped(999)), ("1,234,567".to_owned(), "999".to_owned()));
    }

    proptest! {
        #[test]
        fn the_price_of_a_sum_is_the_sum_of_prices(micros in 0u64..1_000_000_000, parts in prop::collection::vec(0u64..10_000_000_000, 0..20)) {
            let rate = Rate(micros);
            let apart: Money = parts.iter().map(|tokens| rate.times(*tokens)).sum();
            prop_assert_eq!(apart, rate.times(parts.iter().sum()));
        }

        #[test]
        fn a_rate_survives_being_written_and_read(micros in 0u64..1_000_000_000_000) {
            prop_assert_eq!(rate(&Rate(micros).per_million()), Rate(micros));
        }
    }
}
