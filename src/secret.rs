//! A string that never shows itself.

/// A secret: it can be used, and never be printed, logged or serialized by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for the one place that signs with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a character of it is of a kind (a quote, a blank), without showing it.
    pub fn holds(&self, kind: impl FnMut(char) -> bool) -> bool {
        self.0.contains(kind)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
