//! Versions of the `claude` client: three numbers.

use std::fmt;
use std::str::FromStr;

/// A version such as `2.1.330`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl FromStr for Version {
    type Err = ();

    /// Reads `2.1.330`, and the client's own `2.1.330 (Claude Code)`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let first = text.split_whitespace().next().ok_or(())?;
        let mut parts = first.split(['.', '-', '+']).map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Ok(Self(major, minor, patch)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_what_the_client_prints() {
        assert_eq!("2.1.330 (Claude Code)\n".parse(), Ok(Version(2, 1, 330)));
        assert_eq!("1.0.0-beta.3".parse(), Ok(Version(1, 0, 0)));
        assert_eq!("".parse::<Version>(), Err(()));
        assert_eq!("error: unknown option".parse::<Version>(), Err(()));
        assert!(Version(2, 1, 41) < Version(2, 1, 330));
    }
}
