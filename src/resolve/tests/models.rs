//! Models per role: pins, aliases, defaults of versions, prefixes, the region's list.

use super::Facts;
use crate::aws::answer::InferenceProfile;
use crate::observe::settings::Scope;
use crate::resolve::{Model, Role, Source, with_profiles};
use crate::variables::{
    HAIKU_MODEL, MODEL, OPUS_MODEL, REGION, REGION_PREFIX, SMALL_FAST_MODEL, SMALL_FAST_MODEL_REGION, SONNET_MODEL,
    SUBAGENT_MODEL,
};
use crate::version::Version;

const OPUS: &str = "anthropic.claude-opus-5-5";
const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

fn model(facts: &Facts, role: Role) -> Model {
    facts.route().models.into_iter().find(|model| model.role == role).expect("every role has a model")
}

fn main_id(facts: &Facts) -> String {
    model(facts, Role::Main).id
}

fn profile(id: &str) -> InferenceProfile {
    InferenceProfile {
        id: id.to_owned(),
        arn: format!("arn:aws:bedrock:us-east-1:1:inference-profile/{id}"),
        model_arns: Vec::new(),
        status: "ACTIVE".to_owned(),
        application: false,
    }
}

#[test]
fn nothing_pinned_is_the_present_default() {
    let facts = Facts::new();
    let ids: Vec<String> = facts.route().models.into_iter().map(|model| model.id).collect();
    assert_eq!(ids, [format!("us.{OPUS}"), format!("us.{OPUS}"), format!("us.{SONNET}"), format!("us.{HAIKU}")]);
    assert!(
        facts.route().models.iter().all(|model| model.source == Source::ClientDefault && model.pinned_by.is_none())
    );
}

#[test]
fn prefixes_by_region_as_written() {
    let table = [
        ("us-west-2", "us"),
        ("eu-west-1", "eu"),
        ("ap-northeast-1", "apac"),
        ("us-gov-west-1", "us-gov"),
        ("ca-central-1", "global"),
        ("sa-east-1", "global"),
        ("me-south-1", "global"),
        ("il-central-1", "global"),
        ("af-south-1", "global"),
        ("US-EAST-1", "global"),
    ];
    for (region, prefix) in table {
        assert_eq!(main_id(&Facts::env(&[(REGION, region)])), format!("{prefix}.{OPUS}"), "{region}");
    }
}

#[test]
fn the_prefix_variable_counts_from_2_1_224_and_not_in_govcloud() {
    let id = |region, version| main_id(&Facts::env(&[(REGION, region), (REGION_PREFIX, "global")]).version(version));
    assert!(id("us-east-1", Version(2, 1, 330)).starts_with("global."));
    assert!(id("us-east-1", Version(2, 1, 223)).starts_with("us."));
    assert!(id("us-gov-west-1", Version(2, 1, 330)).starts_with("us-gov."));
    assert!(main_id(&Facts::env(&[(REGION_PREFIX, " global")])).starts_with("global."));
    for ignored in ["mars", "Global"] {
        assert!(main_id(&Facts::env(&[(REGION_PREFIX, ignored)])).starts_with("us."), "{ignored:?}");
    }
}

#[test]
fn defaults_move_with_versions() {
    let main = |version| main_id(&Facts::new().version(version));
    assert_eq!(main(Version(2, 1, 206)), format!("us.{SONNET}"));
    assert_eq!(main(Version(2, 1, 207)), "us.anthropic.claude-opus-4-8");
    assert_eq!(main(Version(2, 1, 219)), "us.anthropic.claude-opus-5");
    assert_eq!(main(Version(2, 1, 330)), format!("us.{OPUS}"));
    assert_eq!(main(Version(3, 0, 0)), format!("us.{OPUS}"));
    assert_eq!(main(Version(2, 0, 77)), format!("global.{SONNET}"));
    let small = |version| model(&Facts::env(&[(REGION, "eu-west-1")]).version(version), Role::Haiku).id;
    assert_eq!(small(Version(2, 0, 77)), "us.anthropic.claude-3-5-haiku-20241022-v1:0");
    assert_eq!(small(Version(2, 1, 141)), format!("eu.{HAIKU}"));
    assert!(main_id(&Facts::env(&[(REGION, "us-gov-west-1")]).version(Version(2, 1, 173))).starts_with("global."));
}

#[test]
fn pins_and_their_order() {
    let settings_model = |facts: Facts, value: &str| {
        facts.settings_file(Scope::User, |settings| settings.model = Some(value.to_owned()))
    };
    let pinned = settings_model(Facts::env(&[(MODEL, "us.anthropic.claude-opus-5")]), "haiku");
    let main = model(&pinned, Role::Main);
    assert_eq!((main.id.as_str(), main.pinned_by), ("us.anthropic.claude-opus-5", Some(MODEL)));
    assert_eq!(main.source, Source::Environment { place: None });

    let by_settings = settings_model(Facts::new(), "eu.anthropic.claude-opus-5[1m]");
    let main = model(&by_settings, Role::Main);
    assert_eq!((main.id.as_str(), main.pinned_by), ("eu.anthropic.claude-opus-5", Some("model")));

    let sonnet = Facts::env(&[(SONNET_MODEL, "us.anthropic.claude-sonnet-5")]);
    let main = model(&sonnet, Role::Main);
    assert_eq!((main.id.as_str(), main.pinned_by), ("us.anthropic.claude-sonnet-5", Some(SONNET_MODEL)));
    let both =
        Facts::env(&[(SONNET_MODEL, "us.anthropic.claude-sonnet-5"), (OPUS_MODEL, "us.anthropic.claude-opus-5")]);
    assert_eq!(main_id(&both), "us.anthropic.claude-opus-5");
}

#[test]
fn the_small_model_has_a_deprecated_name() {
    let old = Facts::env(&[(SMALL_FAST_MODEL, "us.anthropic.claude-haiku-5-5")]);
    assert_eq!(model(&old, Role::Haiku).pinned_by, Some(SMALL_FAST_MODEL));
    let both = Facts::env(&[(SMALL_FAST_MODEL, "a"), (HAIKU_MODEL, "b")]);
    assert_eq!(model(&both, Role::Haiku).id, "b");
    let word = Facts::env(&[(SMALL_FAST_MODEL, "a"), (MODEL, "haiku")]);
    assert_eq!(main_id(&word), format!("us.{HAIKU}"));
}

#[test]
fn words_for_tiers() {
    let pins = [(OPUS_MODEL, "p.opus"), (SONNET_MODEL, "p.sonnet"), (HAIKU_MODEL, "p.haiku")];
    for (word, id) in [
        ("opus", "p.opus"),
        ("best", "p.opus"),
        ("Opus[1m]", "p.opus"),
        ("sonnet", "p.sonnet"),
        ("opusplan", "p.sonnet"),
        ("haiku", "p.haiku"),
        // No word in a variable: sent as it is.
        ("default", "default"),
        ("fable", "us.anthropic.claude-fable-5-2"),
    ] {
        let mut env = pins.to_vec();
        env.push((MODEL, word));
        assert_eq!(main_id(&Facts::env(&env)), id, "{word}");
    }
    // A pin may be a word itself.
    let word = model(&Facts::env(&[(OPUS_MODEL, "sonnet"), (SONNET_MODEL, "opus")]), Role::Opus);
    assert_eq!((word.id, word.pinned_by), (format!("us.{SONNET}"), Some(OPUS_MODEL)));
    let unpinned = model(&Facts::env(&[(MODEL, "sonnet")]), Role::Main);
    assert_eq!(
        (unpinned.id, unpinned.source, unpinned.pinned_by),
        (format!("us.{SONNET}"), Source::ClientDefault, None)
    );
}

#[test]
fn first_party_names_are_mapped_from_2_1_200() {
    let facts =
        |version| Facts::env(&[(MODEL, "claude-sonnet-4-5-20250929[1m]"), (REGION, "eu-west-1")]).version(version);
    let mapped = model(&facts(Version(2, 1, 200)), Role::Main);
    assert_eq!((mapped.id, mapped.pinned_by), (format!("eu.{SONNET}"), Some(MODEL)));
    assert_eq!(main_id(&facts(Version(2, 1, 199))), "claude-sonnet-4-5-20250929");
    // Short names are not mapped.
    for name in ["gpt-9", "claude-sonnet-4-5"] {
        assert_eq!(main_id(&Facts::env(&[(MODEL, name)])), name);
    }
}

#[test]
fn overrides_replace_defaults_and_first_party_names() {
    let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc";
    let overriding = |facts: Facts| {
        facts.settings_file(Scope::User, |settings| {
            settings.model_overrides.insert("claude-opus-5-5".to_owned(), arn.to_owned());
            settings.keys.insert("modelOverrides".to_owned(), 9);
        })
    };
    for facts in [overriding(Facts::new()), overriding(Facts::env(&[(MODEL, "claude-opus-5-5")]))] {
        let main = model(&facts, Role::Main);
        assert_eq!((main.id.as_str(), main.pinned_by), (arn, Some("modelOverrides")));
        assert!(matches!(main.source, Source::Settings { scope: Scope::User, ref place } if place.line == 9));
    }
    assert_ne!(main_id(&overriding(Facts::new().version(Version(2, 1, 72)))), arn);
}

#[test]
fn the_list_of_the_region_decides_unpinned_ids() {
    let ids = |facts: &Facts, list: &[&str]| {
        let profiles: Vec<InferenceProfile> = list.iter().map(|id| profile(id)).collect();
        with_profiles(&facts.route(), &facts.0, &profiles).into_iter().map(|model| model.id).collect::<Vec<_>>()
    };
    let tokyo = Facts::env(&[(REGION, "ap-northeast-1"), (HAIKU_MODEL, "apac.pinned")]);
    let list = [&format!("global.{OPUS}") as &str, &format!("jp.{OPUS}"), &format!("apac.{SONNET}")];
    assert_eq!(ids(&tokyo, &list), [list[0], list[0], list[2], "apac.pinned"]);
    let japan = Facts::env(&[(REGION, "ap-northeast-1"), (REGION_PREFIX, "jp")]);
    assert_eq!(ids(&japan, &list)[..3], [list[1], list[1], list[2]]);
    // A model that the list lacks keeps the derived id: the probe will say why it is refused.
    assert_eq!(ids(&tokyo, &[])[0], format!("apac.{OPUS}"));
    let us = Facts::new();
    assert_eq!(ids(&us, &[&format!("global.{OPUS}"), &format!("us.{OPUS}")])[0], format!("us.{OPUS}"));
}

#[test]
fn the_default_model_variable_comes_between_settings_and_pins() {
    let env = [("ANTHROPIC_DEFAULT_MODEL", "us.default"), (SONNET_MODEL, "us.sonnet")];
    assert_eq!(main_id(&Facts::env(&env)), "us.default");
    assert_eq!(main_id(&Facts::env(&env).version(Version(2, 1, 235))), "us.sonnet");
    let settings =
        Facts::env(&env).settings_file(Scope::User, |settings| settings.model = Some("us.settings".to_owned()));
    assert_eq!(main_id(&settings), "us.settings");
}

#[test]
fn subagents_have_a_model_of_their_own_only_by_the_variable() {
    let of = |variables: &[(&str, &str)]| {
        let models = Facts::env(variables).route().models;
        models.into_iter().find(|model| model.role == Role::Subagent).map(|model| (model.id, model.pinned_by))
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[(SUBAGENT_MODEL, "inherit")]), None);
    assert_eq!(of(&[(SUBAGENT_MODEL, "")]), None);
    assert_eq!(of(&[(SUBAGENT_MODEL, "haiku")]), Some((format!("us.{HAIKU}"), None)));
    let id = format!("eu.{HAIKU}");
    assert_eq!(of(&[(SUBAGENT_MODEL, &id)]), Some((id.clone(), Some(SUBAGENT_MODEL))), "a prefix stays");
    let by = Some(SUBAGENT_MODEL);
    assert_eq!(of(&[(SUBAGENT_MODEL, HAIKU)]), Some((format!("us.{HAIKU}"), by)), "the prefix of the main model");
    let main = (MODEL, "global.anthropic.claude-opus-5-5");
    assert_eq!(of(&[main, (SUBAGENT_MODEL, "haiku")]), Some((format!("global.{HAIKU}"), by)));
    let arn = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc";
    assert_eq!(of(&[(SUBAGENT_MODEL, arn)]), Some((arn.to_owned(), by)));
}

#[test]
fn the_small_model_has_a_region_of_its_own_where_one_is_chosen() {
    let region = (SMALL_FAST_MODEL_REGION, "eu-west-1");
    let of = |variables: &[(&str, &str)]| {
        let small = Facts::env(variables).route().small;
        small.map(|small| (small.id, small.region.value, small.endpoints.runtime))
    };
    let there = |id: &str| {
        let host = "https://bedrock-runtime.eu-west-1.amazonaws.com";
        Some((id.to_owned(), "eu-west-1".to_owned(), host.to_owned()))
    };
    assert_eq!(of(&[region]), None, "no small model is chosen");
    assert_eq!(of(&[region, (HAIKU_MODEL, HAIKU)]), there(HAIKU));
    assert_eq!(of(&[region, (SMALL_FAST_MODEL, HAIKU)]), there(HAIKU));
    assert_eq!(of(&[region, (HAIKU_MODEL, "eu.a"), (SMALL_FAST_MODEL, HAIKU)]), there(HAIKU), "the deprecated one");
    assert_eq!(of(&[region, (HAIKU_MODEL, HAIKU), (MODEL, HAIKU)]), None, "the main model");
    assert_eq!(of(&[(SMALL_FAST_MODEL_REGION, "eu_west_1"), (HAIKU_MODEL, HAIKU)]), None, "not shaped like a region");
    assert_eq!(of(&[(SMALL_FAST_MODEL_REGION, "us-east-1"), (HAIKU_MODEL, HAIKU)]), None, "the same region");
}
