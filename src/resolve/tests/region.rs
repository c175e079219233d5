//! Facts 1.4 and the hosts that follow from the region.

use super::Facts;
use crate::observe::settings::Scope;
use crate::resolve::Source;
use crate::variables::{BASE_URL, DEFAULT_REGION, REGION};
use crate::version::Version;

#[test]
fn regions_as_the_client_was_seen_to_choose_them() {
    let config = |facts: Facts| facts.profile("default", &[("region", "eu-central-1")]);
    let table: [(Facts, &str, usize); 14] = [
        (Facts::new(), "us-east-1", 0),
        (Facts::env(&[(DEFAULT_REGION, "eu-west-1")]), "eu-west-1", 0),
        (Facts::env(&[(DEFAULT_REGION, "eu-west-1"), (REGION, "us-west-2")]), "us-west-2", 0),
        (config(Facts::new()), "eu-central-1", 0),
        (config(Facts::env(&[(REGION, "")])), "eu-central-1", 0),
        (config(Facts::env(&[(REGION, "  ")])), "eu-central-1", 0),
        (Facts::env(&[(REGION, " us-west-2 ")]), "us-west-2", 0),
        (config(Facts::env(&[(REGION, "us_east_1")])), "eu-central-1", 1),
        (Facts::env(&[(REGION, "useast1"), (DEFAULT_REGION, "us/east")]), "us-east-1", 2),
        (Facts::env(&[(REGION, "us-east-1a")]), "us-east-1a", 0),
        (Facts::env(&[(REGION, "us-east-99")]), "us-east-99", 0),
        (Facts::env(&[(REGION, "moon-base-1")]), "moon-base-1", 0),
        (Facts::env(&[(REGION, "US-EAST-1")]), "us-east-1", 0),
        (Facts::env(&[(REGION, "us-east-1")]).settings(Scope::User, &[(REGION, "eu-west-1")]), "eu-west-1", 0),
    ];
    for (facts, expected, skipped) in table {
        let region = facts.route().region;
        assert_eq!((region.name.as_str(), region.skipped.len()), (expected, skipped), "{:?}", facts.0.environment);
    }
    assert_eq!(Facts::env(&[(REGION, "US-EAST-1")]).route().region.as_written, "US-EAST-1");
}

#[test]
fn tools_of_aws_look_where_the_environment_and_the_aws_files_say() {
    let tools = |facts: Facts| super::super::region_of_tools(&facts.0, &facts.route());
    let settings = |facts: Facts| facts.settings(Scope::User, &[(REGION, "us-east-1")]);
    assert_eq!(tools(Facts::env(&[(REGION, "us-east-1")])), None);
    assert_eq!(tools(settings(Facts::env(&[(REGION, "us-west-2")]))).as_deref(), Some("us-west-2"));
    assert_eq!(
        tools(settings(Facts::new().profile("default", &[("region", "us-west-2")]))).as_deref(),
        Some("us-west-2")
    );
    let old = Facts::env(&[(REGION, "us-east-1"), (DEFAULT_REGION, "us-west-2")]);
    assert_eq!(tools(old).as_deref(), Some("us-west-2"), "an old tool knows this one alone");
    let (typo, china) = (Facts::env(&[(REGION, "useast1")]), Facts::env(&[(REGION, "cn-north-1")]));
    assert_eq!((tools(settings(typo)), tools(settings(china))), (None, None));
}

#[test]
fn aws_files_count_from_2_1_172_and_for_the_chosen_profile() {
    let facts =
        |version| Facts::env(&[("AWS_PROFILE", "work")]).profile("work", &[("region", "eu-west-3")]).version(version);
    assert_eq!(facts(Version(2, 1, 171)).route().region.source, Source::ClientDefault);
    let region = facts(Version(2, 1, 172)).route().region;
    let source = Source::AwsFile { path: "/home/u/.aws/config".into(), profile: "work".to_owned() };
    assert_eq!((region.name.as_str(), region.source), ("eu-west-3", source));
}

#[test]
fn before_2_1_232_a_malformed_region_went_into_the_url() {
    let facts = Facts::env(&[(REGION, "us_east_1")]).version(Version(2, 1, 231));
    assert_eq!(facts.route().endpoints.runtime, "https://bedrock-runtime.us_east_1.amazonaws.com");
}

#[test]
fn hosts() {
    let route = |pairs: &[(&str, &str)]| Facts::env(pairs).route().endpoints;
    let plain = route(&[(REGION, "eu-west-1")]);
    assert_eq!(plain.runtime, "https://bedrock-runtime.eu-west-1.amazonaws.com");
    assert_eq!(plain.control, "https://bedrock.eu-west-1.amazonaws.com");
    assert_eq!(plain.sts, "https://sts.eu-west-1.amazonaws.com");
    assert_eq!(route(&[(REGION, "cn-north-1")]).runtime, "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");

    let base = route(&[(BASE_URL, "http://gw:8080/x/"), ("AWS_ENDPOINT_URL", "http://e:1/")]);
    assert_eq!(
        (base.runtime.as_str(), base.control.as_str(), base.sts.as_str()),
        ("http://gw:8080/x", "http://gw:8080/x", "http://e:1")
    );
    assert_eq!(base.base_url.map(|setting| setting.value).as_deref(), Some("http://gw:8080/x/"));

    let ignored = route(&[("AWS_ENDPOINT_URL", "http://e:1"), ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://r:2")]);
    assert_eq!(
        (ignored.runtime.as_str(), ignored.control.as_str()),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", "http://e:1")
    );
    let own = route(&[
        ("AWS_ENDPOINT_URL", "http://e:1"),
        ("AWS_ENDPOINT_URL_BEDROCK", "http://b:3"),
        ("AWS_ENDPOINT_URL_STS", "http://s:4"),
    ]);
    assert_eq!((own.control.as_str(), own.sts.as_str()), ("http://b:3", "http://s:4"));

    let fips = route(&[("AWS_USE_FIPS_ENDPOINT", "true")]);
    assert_eq!(fips.runtime, "https://bedrock-runtime.us-east-1.amazonaws.com");
    assert_eq!(fips.control, "https://bedrock-fips.us-east-1.amazonaws.com");
    assert_eq!(route(&[(BASE_URL, " http://gw:8080 ")]).runtime, "http://gw:8080");
    for unset in ["", " "] {
        let endpoints = route(&[(BASE_URL, unset)]);
        assert_eq!((endpoints.base_url, endpoints.runtime), (None, plain.runtime.replace("eu-west-1", "us-east-1")));
    }
}
