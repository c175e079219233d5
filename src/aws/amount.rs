//! Decimal numbers as AWS writes them in bills, exact to the twelfth place.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

/// Places that are kept; Cost Explorer writes up to ten.
const PLACES: usize = 12;
/// One whole.
const ONE: i128 = 1_000_000_000_000;

/// A decimal number: an amount of money, negative for a credit, or a quantity. Sums are exact, as sums of floats are not.
///
/// It is written in full, without rounding and without an exponent: `-0.0000012`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Millionths of a millionth.
    pub fn trillionths(self) -> i128 {
        self.0
    }

    /// Hundredths (cents), rounded half away from zero.
    pub fn hundredths(self) -> i128 {
        let half = ONE / 200 * self.0.signum();
        (self.0 + half) / (ONE / 100)
    }
}

impl FromStr for Amount {
    type Err = ();

    /// Reads `12.3456`, `-1`, `1.2E-7`; what is below the twelfth place is cut.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| ())?;
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{places}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(());
        }
        // Where the digits end, counted from the twelfth place.
        let length = i32::try_from(places.len()).map_err(|_| ())?;
        let shift = i32::try_from(PLACES)
            .map_err(|_| ())?
            .checked_add(exponent)
            .and_then(|end| end.checked_sub(length))
            .ok_or(())?;
        let kept = match usize::try_from(-i64::from(shift)) {
            Ok(cut) => all.get(..all.len().saturating_sub(cut)).unwrap_or_default(),
            Err(_) => &all,
        };
        let number: i128 = if kept.is_empty() { 0 } else { kept.parse().map_err(|_| ())? };
        let scale = 10_i128.checked_pow(u32::try_from(shift.max(0)).map_err(|_| ())?).ok_or(())?;
        let number = number.checked_mul(scale).ok_or(())?;
        Ok(Self(if negative { -number } else { number }))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, one) = (self.0.unsigned_abs(), ONE.unsigned_abs());
        let places = format!("{:0PLACES$}", size % one);
        let places = places.trim_end_matches('0');
        let dot = if places.is_empty() { "" } else { "." };
        formatter.pad_integral(self.0 >= 0, "", &format!("{}{dot}{places}", size / one))
    }
}

impl serde::Serialize for Amount {
    /// As text: a JSON number would be read as a float.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().expect(text)
    }

    #[test]
    fn amounts_of_bills_are_read_exactly_and_written_in_full() {
        for (text, written) in [
            ("12.3456789012", "12.3456789012"),
            ("0", "0"),
            ("-0.50", "-0.5"),
            ("1.2E-7", "0.00000012"),
            ("-4.0e+3", "-4000"),
            ("1E-40", "0"),
            ("0.0000000000019", "0.000000000001"),
            ("9999999999.99", "9999999999.99"),
            (" 7 ", "7"),
        ] {
            assert_eq!(amount(text).to_string(), written, "{text}");
        }
        for wrong in ["", "-", ".", "1,5", "NaN", "inf", "1e", "1e99999999999", "0x1", "1e300", "--1", "1 2"] {
            assert_eq!(wrong.parse::<Amount>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn cents_are_rounded_once_and_alike_on_both_sides_of_nothing() {
        let cents = |text| amount(text).hundredths();
        assert_eq!(
            [cents("0.005"), cents("-0.005"), cents("0.0049"), cents("1.999"), cents("-2")],
            [1, -1, 0, 200, -200]
        );
        let tenth: Amount = (0..10).map(|_| amount("0.1")).sum();
        assert_eq!(tenth, amount("1"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(number in -10_i128.pow(30)..10_i128.pow(30)) {
            prop_assert_eq!(amount(&Amount(number).to_string()), Amount(number));
        }

        #[test]
        fn no_text_is_too_odd_to_look_at(text in ".*", digits in "[0-9.eE+-]{0,40}") {
            let _ = (text.parse::<Amount>(), digits.parse::<Amount>());
        }
    }
}
