//! JSON whose fields may be missing or of any type: what is not as expected is not there, and never an error.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A value that is read where it has the expected shape, and passed over where it has another.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Loose<T> {
    /// As expected.
    Read(T),
    /// Anything else.
    Other(IgnoredAny),
}

impl<T> Default for Loose<T> {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl<T> Loose<T> {
    /// The value, if it was as expected.
    pub fn read(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

impl<T: Default> Loose<T> {
    /// The value, or an empty one.
    pub fn or_empty(self) -> T {
        self.read().unwrap_or_default()
    }
}

/// A list of which only the members are kept that are as expected.
pub type LooseList<T> = Loose<Vec<Loose<T>>>;

impl<T> LooseList<T> {
    /// The members that were as expected.
    pub fn members(self) -> impl Iterator<Item = T> {
        self.read().into_iter().flatten().filter_map(Loose::read)
    }
}

/// A text with something in it.
pub fn text(value: Loose<String>) -> Option<String> {
    value.read().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Shape {
        text: Loose<String>,
        inner: Loose<Inner>,
        list: LooseList<Inner>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner {
        number: Loose<u64>,
    }

    #[test]
    fn what_has_another_shape_is_not_there_and_the_rest_is() {
        let read = |text: &str| serde_json::from_str::<Shape>(text).expect("an object");
        let good =
            read(r#"{"text":"a","inner":{"number":1,"more":[{}]},"list":[{"number":2},"odd",null,{"number":3}]}"#);
        assert_eq!(text(good.text).as_deref(), Some("a"));
        assert_eq!(good.inner.or_empty().number.read(), Some(1));
        assert_eq!(good.list.members().filter_map(|inner| inner.number.read()).collect::<Vec<_>>(), [2, 3]);
        for odd in [r#"{"text":["a"],"inner":"x","list":{}}"#, r#"{"text":null,"inner":7,"list":null}"#, "{}"] {
            let odd = read(odd);
            assert_eq!((text(odd.text), odd.inner.or_empty().number.read()), (None, None));
            assert_eq!(odd.list.members().count(), 0);
        }
    }
}
