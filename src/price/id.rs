//! What an id says by itself: the model, the profile, and how it routes. An id that does not say stays unknown.

use super::{Class, Routing};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The model in Anthropic's spelling: `claude-opus-5-5`, `claude-sonnet-4-5-20250929`.
    pub model: String,
    /// The profile or ARN, where one was asked for.
    pub profile: Option<String>,
    /// How it routes.
    pub routing: Routing,
}

/// The model of an id in Anthropic's spelling: without vendor, prefix, version and the client's `[1m]`.
pub fn model_name(id: &str) -> &str {
    let id = without_long_context(id.trim());
    let name = id.rsplit_once("anthropic.").map_or(id, |(_, name)| name);
    without_version(name)
}

/// Reads what was asked for, with the prefixes of profiles and the class of each. `answered` is the model that the answer names; it
/// decides where the id is opaque or missing.
pub fn read(requested: Option<&str>, answered: &str, prefix: impl Fn(&str) -> Option<Class>) -> Asked {
    let unknown = |profile: Option<&str>| Asked {
        model: model_name(answered).to_owned(),
        profile: profile.map(str::to_owned),
        routing: Routing::Unknown,
    };
    let Some(id) = requested.map(|id| without_long_context(id.trim())).filter(|id| !id.is_empty()) else {
        // An old transcript that keeps the id in the place of the model.
        return if answered.contains("anthropic.") { read(Some(answered), "", prefix) } else { unknown(None) };
    };
    if let Some(rest) = id.strip_prefix("arn:") {
        return arn(id, rest, answered, prefix);
    }
    let Some((before, _)) = id.rsplit_once("anthropic.") else {
        // A name of Anthropic's or a word: how it was sent is not said.
        return unknown(None);
    };
    let routing = match before.strip_suffix('.') {
        None => Routing::Known(Class::InRegion),
        Some(before) => prefix(before).map_or(Routing::Unknown, Routing::Known),
    };
    let profile = (!before.is_empty()).then(|| id.to_owned());
    Asked { model: model_name(id).to_owned(), profile, routing }
}

/// `rest` is what follows `arn:`: partition, service, region, account, kind and id.
fn arn(whole: &str, rest: &str, answered: &str, prefix: impl Fn(&str) -> Option<Class>) -> Asked {
    let gov = rest.starts_with("aws-us-gov:");
    let resource = rest.splitn(5, ':').nth(4).unwrap_or_default();
    let profile = Some(whole.to_owned());
    match resource.split_once('/') {
        Some(("inference-profile", id)) => Asked { profile, ..read(Some(id), answered, prefix) },
        Some(("foundation-model", id)) => {
            let class = if gov { Class::Gov } else { Class::InRegion };
            Asked { model: model_name(id).to_owned(), profile, routing: Routing::Known(class) }
        }
        Some(("application-inference-profile", _)) => {
            let routing = if gov { Routing::Known(Class::Gov) } else { Routing::Unknown };
            Asked { model: model_name(answered).to_owned(), profile, routing }
        }
        // Provisioned and imported models are billed by the hour.
        _ => Asked { model: whole.to_owned(), profile, routing: Routing::Unknown },
    }
}

fn without_long_context(id: &str) -> &str {
    let cut = id.len().saturating_sub("[1m]".len());
    if id.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case("[1m]")) { &id[..cut] } else { id }
}

/// Without `-v1`, `-v1:0` and the like.
fn without_version(name: &str) -> &str {
    let Some((before, version)) = name.rsplit_once("-v") else { return name };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = version.split_once(':').unwrap_or((version, "0"));
    if number(major) && number(minor) { before } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(prefix: &str) -> Option<Class> {
        match prefix {
            "global" => Some(Class::Global),
            "us" | "eu" => Some(Class::Geo),
            "us-gov" => Some(Class::Gov),
            _ => None,
        }
    }

    #[test]
    fn the_routing_class_is_read_from_the_id_as_asked_for() {
        let account = "arn:aws:bedrock:us-east-1:111122223333:";
        let sonnet = "claude-sonnet-4-5-20250929";
        let table = [
            ("us.anthropic.claude-opus-5-5", "claude-opus-5-5", Routing::Known(Class::Geo)),
            ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", sonnet, Routing::Known(Class::Global)),
            ("us-gov.anthropic.claude-sonnet-5", "claude-sonnet-5", Routing::Known(Class::Gov)),
            ("us.anthropic.claude-opus-4-6-v1[1m]", "claude-opus-4-6", Routing::Known(Class::Geo)),
            ("anthropic.claude-opus-5-5", "claude-opus-5-5", Routing::Known(Class::InRegion)),
            ("moon.anthropic.claude-opus-5-5", "claude-opus-5-5", Routing::Unknown),
            (
                &format!("{account}inference-profile/eu.anthropic.claude-opus-5"),
                "claude-opus-5",
                Routing::Known(Class::Geo),
            ),
            (
                "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x",
                "claude-x",
                Routing::Known(Class::InRegion),
            ),
            (&format!("{account}application-inference-profile/abc123"), "claude-answered", Routing::Unknown),
            (
                "arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:application-inference-profile/a",
                "claude-answered",
                Routing::Known(Class::Gov),
            ),
            ("sonnet", "claude-answered", Routing::Unknown),
        ];
        for (id, model, routing) in table {
            let asked = read(Some(id), "claude-answered", class);
            assert_eq!((asked.model.as_str(), asked.routing), (model, routing), "{id}");
        }
    }

    #[test]
    fn without_an_id_the_answer_names_the_model_and_nothing_names_the_routing() {
        let asked = read(None, "claude-opus-5-5", class);
        assert_eq!((asked.model.as_str(), asked.profile, asked.routing), ("claude-opus-5-5", None, Routing::Unknown));
        let asked = read(None, "eu.anthropic.claude-opus-5-5", class);
        assert_eq!(asked.routing, Routing::Known(Class::Geo), "the answer repeats the id");
    }

    #[test]
    fn a_provisioned_model_is_not_taken_for_one_that_is_billed_by_tokens() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
        assert_eq!(read(Some(arn), "claude-opus-5-5", class).model, arn);
    }
}
