//! Values that go into files which every shell executes: checked by grammar before anything else sees them.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

static REGION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$").ok());

static MODEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let id = r"(?:[a-z0-9-]+\.)*[a-z0-9-]+\.[a-z0-9][A-Za-z0-9._:-]*";
    let anthropic = r"claude-[a-z0-9][a-z0-9.@-]*";
    let arn = r"arn:aws[a-z-]*:(?:bedrock|sagemaker):[a-z0-9-]*:[0-9]{0,12}:[a-z-]+/[A-Za-z0-9][A-Za-z0-9._:/-]*";
    Regex::new(&format!(r"^(?:{id}|{anthropic}|{arn})(?:\[1m\])?$")).ok()
});

/// A value that is not what it should be. One line that says what was given, what is expected, and an example.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Not the shape of a region.
    #[error("{0} is not an AWS region; a region looks like us-east-1")]
    Region(String),
    /// Not a profile name.
    #[error("{0} cannot be a profile name: {1}")]
    Profile(String, &'static str),
    /// Not a model id.
    #[error(
        "{0} is not a Bedrock model id; an id looks like us.anthropic.claude-sonnet-4-5-20250929-v1:0, or is an ARN"
    )]
    Model(String),
}

/// An AWS region by its shape (`us-east-1`, `us-gov-west-1`); whether it exists is asked elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// The name of a profile of the AWS configuration: any printable characters, at least one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(String);

/// A Bedrock model id, inference profile id, Anthropic id (`claude-…`) or ARN, with an optional `[1m]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(String);

impl FromStr for Region {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match &*REGION {
            Some(shape) if text.len() <= 32 && shape.is_match(text) => Ok(Self(text.to_owned())),
            _ => Err(InvalidValue::Region(shown(text))),
        }
    }
}

impl FromStr for ProfileName {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let problem = if text.trim().is_empty() {
            "it is empty"
        } else if text.chars().any(is_unprintable) {
            "it holds a control character"
        } else if text.len() > 1024 {
            "it is longer than 1024 bytes"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(InvalidValue::Profile(shown(text), problem))
    }
}

impl FromStr for ModelId {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match &*MODEL {
            Some(shape) if text.len() <= 2048 && shape.is_match(text) => Ok(Self(text.to_owned())),
            _ => Err(InvalidValue::Model(shown(text))),
        }
    }
}

/// Control characters, and the two separators that editors and shells take for the end of a line.
fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// A value as an error message shows it: escaped, at most a line long.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", short.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\""))
}

macro_rules! as_text {
    ($($name:ident),*) => { $(
        impl $name {
            /// The value as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )* };
}

as_text!(Region, ProfileName, ModelId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_a_shape() {
        for good in [
            "us-east-1",
            "us-gov-west-1",
            "us-isob-east-1",
            "ap-southeast-7",
            "eusc-de-east-1",
            "cn-north-1",
            "mx-central-1",
        ] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "us-east",
            "us-east-1a",
            "US-EAST-1",
            "us_east_1",
            "us-east-1; rm -rf ~",
            "us-east-1\n",
            " us-east-1",
            "$(id)",
            "global",
        ] {
            let error = bad.parse::<Region>().unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn profiles_hold_anything_printable() {
        for good in ["default", "it's $HOME", "a b", "ünï 漢字 🎉", "!!", "\\", "`id`", "-x"] {
            assert_eq!(good.parse::<ProfileName>().map(|name| name.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "  ", "a\nb", "a\rb", "a\0b", "\u{1b}[31m", "a\tb", "\u{85}", "a\u{2028}b"] {
            let error = bad.parse::<ProfileName>().unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
            assert!(!error.contains('\u{1b}'));
        }
    }

    #[test]
    fn models_are_ids_or_arns() {
        for good in [
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "global.anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]",
            "claude-sonnet-4-5",
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
            "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        ] {
            assert!(good.parse::<ModelId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "opus",
            "us.anthropic.x; id",
            "arn:aws:s3:::bucket",
            "a b.c",
            "us.anthropic.claude$HOME",
            "x.y\n",
            "'.'",
        ] {
            assert!(bad.parse::<ModelId>().is_err(), "{bad}");
        }
    }
}
