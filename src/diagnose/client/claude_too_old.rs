//! `claude-too-old`: the client is older than what this setup uses.

use super::versions::{Row, Seen, model_family, rows};
use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity};
use crate::resolve::{CredentialKind, ProfileRoute, Role, Source, data};
use crate::variables;
use crate::version::Version;

/// The client is older than what this setup uses.
pub const KIND: Kind = Kind {
    name: "claude-too-old",
    layer: Layer::Client,
    severity: Severity::Error,
    title: "Claude Code is older than what this setup uses",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

A setting has no effect, or calls fail in a way that nobody else meets: `Could not load credentials from any providers` with `aws login`, the
wrong region although `~/.aws/config` names the right one, `400 invalid beta flag`, `thinking.type.enabled is not supported`, `Extra inputs are
not permitted`, or `Auto mode is unavailable`.

## Why

Claude Code learned these things one after another. bedrockup compares the version that runs with the first one that has what this setup
uses. A version that is merely old is no finding.

## Fix

    claude update

## Check

`claude --version` shows at least the version named.
";

/// How a row counts here. A model that only a tier is pinned to is an error too, once it answers; it stands behind the errors
/// that every session meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The model does not answer either, or nobody asked it.
    Note,
    /// What is missing is missed, and nothing fails.
    Warning,
    /// What is missing is used in sessions that choose it.
    Chosen,
    /// What is missing is used.
    Error,
}

fn detect(case: &Case<'_>) -> Vec<Found> {
    let (Some(running), Some(version)) = (case.machine.client.running(), case.machine.client.version()) else {
        return Vec::new();
    };
    let missing = missing(case, version);
    let Some((first, _, weight)) = missing.first() else { return Vec::new() };
    let needed = missing.iter().map(|(row, ..)| row.least_version).max().unwrap_or(first.least_version);
    let mut found = Found::new(format!(
        "claude {version} is older than what this setup uses: {} needs {}.",
        first.feature, first.least_version
    ))
    .severity(match weight {
        Weight::Note => Severity::Note,
        Weight::Warning => Severity::Warning,
        Weight::Chosen | Weight::Error => Severity::Error,
    })
    .evidence(running.path.display().to_string(), format!("version {version}"));
    for (row, what, _) in &missing {
        found = found.evidence(
            what.clone(),
            format!("{}: from {} on; before: {} ({})", row.feature, row.least_version, row.without_it, row.source),
        );
    }
    // The default of such a client is an id that this region does not have; the update cures that too.
    let small = case.models.iter().find(|model| model.role == Role::Haiku && model.source == Source::ClientDefault);
    if *weight == Weight::Error && small.is_some() && data::fixed_small_prefix(version).is_some() {
        found = found.explains("small-model-unavailable");
    }
    if *weight == Weight::Chosen {
        found = found.last();
    }
    vec![found.fix(Fix::command(format!("Update Claude Code to {needed} or newer."), "claude update"))]
}

/// What this setup uses and a client of this version does not have, the worst first.
pub fn missing(case: &Case<'_>, version: Version) -> Vec<(&'static Row, String, Weight)> {
    let mut missing: Vec<(&Row, String, Weight)> = rows()
        .iter()
        .filter(|row| version < row.least_version)
        .filter_map(|row| seen(case, &row.seen).map(|(what, weight)| (row, what, weight)))
        .collect();
    missing.sort_by_key(|(row, _, weight)| std::cmp::Reverse((*weight, row.least_version)));
    missing
}

/// The client that runs is too old for something that this setup uses.
pub fn holds(case: &Case<'_>) -> bool {
    detect(case).iter().any(|found| found.severity != Some(Severity::Note))
}

/// What shows that the setup uses a feature, and how much that counts.
fn seen(case: &Case<'_>, feature: &Seen) -> Option<(String, Weight)> {
    let route = case.route;
    let value = |name: &str| route.value(name).map(|_| (format!("{name} is set"), Weight::Error));
    let key = |name: &str| {
        let file = case
            .machine
            .settings
            .iter()
            .find(|file| file.settings().is_some_and(|settings| settings.keys.contains_key(name)))?;
        Some((format!("`{name}` in {}", file.scope.name()), Weight::Error))
    };
    match feature {
        Seen::Any => Some(("every use of Bedrock".to_owned(), Weight::Error)),
        Seen::BearerToken => (route.credentials.kind == CredentialKind::BearerToken)
            .then(|| (format!("{} is set", variables::BEARER_TOKEN), Weight::Error)),
        Seen::CredentialHelper => {
            let helper = |read: fn(&crate::observe::settings::Settings) -> bool| {
                case.machine.settings.iter().any(|file| file.settings().is_some_and(read))
            };
            helper(|settings| settings.aws_auth_refresh.is_some() || settings.aws_credential_export.is_some())
                .then(|| ("`awsAuthRefresh` or `awsCredentialExport` in a settings file".to_owned(), Weight::Error))
        }
        Seen::LoginSession => {
            let CredentialKind::Profile { name, leads_to: ProfileRoute::Login { .. } } = &route.credentials.kind else {
                return None;
            };
            Some((format!("the profile {name} has login_session"), Weight::Error))
        }
        // The model calls go to the right host; the list and the counts are missed, and nothing fails.
        Seen::BaseUrl => value(variables::BASE_URL).map(|(what, _)| (what, Weight::Warning)),
        Seen::ModelOverrides => key("modelOverrides"),
        Seen::OneHourCache => {
            let name = "ENABLE_PROMPT_CACHING_1H";
            route.value(name).is_some_and(variables::is_truthy).then(|| (format!("{name} is on"), Weight::Error))
        }
        Seen::AutoMode => {
            let mode = case.machine.settings.iter().find_map(|file| file.settings()?.default_mode.as_deref());
            (mode == Some("auto")).then(|| ("`permissions.defaultMode` is `auto`".to_owned(), Weight::Error))
        }
        // The resolver judges by the version: an old client does not read the files.
        Seen::RegionInAwsFiles => {
            let region = case.machine.aws.profiles.get(&route.profile)?.get("region")?;
            let wins = matches!(route.region.source, Source::AwsFile { .. } | Source::ClientDefault);
            (wins && region != "us-east-1")
                .then(|| (format!("region {region} of the profile {} alone", route.profile), Weight::Error))
        }
        Seen::GovCloudUnpinned => {
            let unpinned = case.models.iter().any(|model| model.source == Source::ClientDefault);
            (route.region.name.starts_with("us-gov-") && unpinned)
                .then(|| ("GovCloud, models not pinned".to_owned(), Weight::Error))
        }
        Seen::RegionPrefix => value(variables::REGION_PREFIX),
        Seen::SsoThroughProxy => {
            let sso =
                matches!(&route.credentials.kind, CredentialKind::Profile { leads_to: ProfileRoute::Sso { .. }, .. });
            let refresh = case
                .machine
                .settings
                .iter()
                .any(|file| file.settings().is_some_and(|settings| settings.aws_auth_refresh.is_some()));
            (sso && refresh && route.value("HTTPS_PROXY").is_some())
                .then(|| ("HTTPS_PROXY, an SSO profile and `awsAuthRefresh`".to_owned(), Weight::Error))
        }
        Seen::Model(family) => model(case, family),
    }
}

/// A pinned model that is newer than the client: an error where the model itself answers.
fn model(case: &Case<'_>, family: &str) -> Option<(String, Weight)> {
    let pinned =
        case.models.iter().filter(|model| model.pinned_by.is_some() && model_family(&model.id) == Some(family));
    pinned
        .map(|model| {
            let answers = case.answers.model(&model.id).is_some_and(|answers| answers.stream.got().is_some());
            let weight = match (answers, model.role) {
                (false, _) => Weight::Note,
                (true, Role::Main) => Weight::Error,
                (true, _) => Weight::Chosen,
            };
            (format!("{} model {}", model.role.name(), model.id), weight)
        })
        .max_by_key(|(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use crate::aws::answer::{Answer, ModelAnswers};
    use crate::diagnose::Severity;
    use crate::diagnose::testing::{OPUS, SONNET, Scene, answering, refusal};
    use crate::observe::settings::{Scope, Settings};
    use crate::resolve::{self, Role};
    use crate::variables;
    use crate::version::Version;

    #[test]
    fn auto_mode_on_an_old_client() {
        let mut scene = Scene::healthy();
        scene.settings(Scope::User, Settings { default_mode: Some("auto".to_owned()), ..Settings::default() });
        scene.client(Version(2, 1, 200));
        let finding = scene.expect_first("claude-too-old");
        assert_eq!(finding.fixes[0].command.as_deref(), Some("claude update"));
        assert!(finding.fixes[0].text.contains("2.1.207"), "{finding:?}");
        scene.client(Version(2, 1, 207));
        scene.expect_absent("claude-too-old");
    }

    #[test]
    fn a_model_that_is_newer_than_the_client() {
        let mut scene = Scene::healthy();
        scene.client(Version(2, 1, 100));
        assert_eq!(scene.expect_first("claude-too-old").severity, Severity::Error);
        // What every session meets comes before what those meet that choose the model.
        let mut other = Scene::healthy();
        other.client(Version(2, 1, 100));
        other.model(SONNET).stream = Answer::Refused(refusal(418, "TeapotException", "I'm a teapot."));
        other.expect_first("aws-refused");
        scene.set(variables::MODEL, OPUS);
        assert_eq!(scene.expect_first("claude-too-old").severity, Severity::Error);
        scene.refuse_models(&refusal(403, "AccessDeniedException", "no"));
        assert_eq!(scene.expect("claude-too-old").severity, Severity::Note);
    }

    #[test]
    fn its_fixed_small_model_is_a_consequence() {
        let mut scene = Scene::healthy();
        scene.client(Version(2, 1, 100));
        scene.set(variables::MODEL, OPUS);
        scene.unset(variables::HAIKU_MODEL);
        let said = refusal(400, "ValidationException", "The provided model identifier is invalid.");
        let route = resolve::resolve(&scene.machine);
        let small = route.models.iter().find(|model| model.role == Role::Haiku).expect("a small model").id.clone();
        scene.answers.models.push(ModelAnswers { stream: Answer::Refused(said), ..answering(&small) });
        assert_eq!(scene.expect_first("claude-too-old").severity, Severity::Error);
        assert_eq!(scene.expect("small-model-unavailable").because_of, Some("claude-too-old"));
        scene.unset(variables::MODEL);
        scene.expect_first("small-model-unavailable");
    }

    #[test]
    fn a_region_that_only_the_aws_files_have() {
        let mut scene = Scene::healthy();
        scene.unset(variables::REGION);
        scene.forget_block();
        scene.set(variables::USE_BEDROCK, "1");
        let profile = scene.machine.aws.profiles.get_mut("default").expect("the scene has it");
        profile.properties.insert("region".to_owned(), "eu-central-1".to_owned());
        scene.client(Version(2, 1, 160));
        assert!(scene.expect("claude-too-old").evidence.iter().any(|evidence| evidence.place.contains("eu-central-1")));
    }

    #[test]
    fn a_research_preview_is_too_old_for_anything() {
        let mut scene = Scene::healthy();
        scene.client(Version(0, 2, 9));
        scene.expect_first("claude-too-old");
    }

    #[test]
    fn old_alone_is_no_finding() {
        let mut scene = Scene::healthy();
        scene.client(Version(2, 1, 154));
        scene.expect_absent("claude-too-old");
    }

    #[test]
    fn the_healthy_client_is_new_enough() {
        Scene::healthy().expect_absent("claude-too-old");
    }
}
