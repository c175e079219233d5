//! `iam`: prints the least that a policy must allow, for Claude Code and for each command of ours.
//!
//! With AWS at hand it names the profiles and models that are really in use; else it has the general form, and says so. The policy
//! is a document of IAM's own, to be attached as it is: it has no `schema`, also with `--json`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;
use crate::ask;
use crate::aws::answer::{Answer, Answers, Identity};
use crate::cli::{IamArgs, PolicyFor};
use crate::diagnose::proof::Proof;
use crate::diagnose::{Case, statement};
use crate::exit::Exit;
use crate::observe::{self, Machine};
use crate::report;
use crate::resolve::{self, CredentialKind, ProfileRoute, Route};
use crate::value::Region;
use crate::variables;
use crate::world::World;

/// How long AWS is asked for the profiles in use.
const LIMIT: Duration = Duration::from_secs(5);

/// What stands in a template for the profiles and models in use.
const MODELS: [&str; 3] = [
    "arn:aws:bedrock:*:*:inference-profile/*",
    "arn:aws:bedrock:*:*:application-inference-profile/*",
    "arn:aws:bedrock:*::foundation-model/anthropic.*",
];
const CALLER: &str = "arn:aws:iam::*:user/${aws:username}";

/// The policy for one or several purposes, as JSON that can be attached as it is.
pub async fn run(world: &World, args: &IamArgs) -> Outcome {
    let region = match args.region.as_deref().map(str::parse::<Region>).transpose() {
        Ok(region) => region,
        Err(error) => return Outcome::failed(Exit::Usage, format!("--region: {error}")),
    };
    let (filling, message) = if args.offline {
        (Filling::default(), "general form (--offline): it names no profile and no region.".to_owned())
    } else {
        in_use(world, region.as_ref()).await
    };
    match policy(&args.purposes, &filling) {
        Ok(policy) => Outcome { messages: vec![message], ..Outcome::well(report::json_text(&policy)) },
        Err(error) => Outcome::failed(Exit::Problem, format!("a policy template is broken: {error}")),
    }
}

/// What is put into the templates. Empty: the general form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filling {
    /// ARNs of the profiles in use, and of each model that they route to.
    models: BTreeSet<String>,
    /// The user or role that the simulator is asked about.
    principals: Vec<String>,
    /// Calls go through Mantle.
    mantle: bool,
    /// A Bedrock API key is used.
    api_key: bool,
    partition: Option<&'static str>,
}

/// Asks AWS which profiles are in use, and says what came of it.
async fn in_use(world: &World, region: Option<&Region>) -> (Filling, String) {
    let options = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let mut machine = observe::machine(world, &options).await;
    if let Some(region) = region {
        machine.environment.set(variables::REGION, region.as_str());
    }
    let mut route = resolve::resolve(&machine);
    if let Some(region) = region {
        // Also where a settings file names another one.
        region.as_str().clone_into(&mut route.region.name);
        region.as_str().clone_into(&mut route.region.as_written);
        route.endpoints = resolve::endpoints::resolve(
            &route.effective,
            &route.variables,
            region.as_str(),
            resolve::client_version(&machine),
        );
    }
    let options = ask::Options { timeout: LIMIT, probe: false };
    let answers = Box::pin(ask::ask(world, &machine, &route, options, &|_| {})).await;
    let filling = filling(&machine, &route, &answers);
    let where_ = &route.region.name;
    let message = match &answers.profiles {
        Answer::Got(_) if !filling.models.is_empty() => {
            format!("filled in with the profiles in use and the models that {where_} routes them to.")
        }
        Answer::Got(_) => format!("general form: no model in use is in the list of {where_}."),
        other => {
            let why = match other {
                Answer::Refused(refusal) => {
                    format!("AWS refused the list of profiles ({} {})", refusal.status, refusal.code)
                }
                Answer::Unreachable(failure) => format!("{} could not be reached", failure.host),
                Answer::NotAsked(reason) => reason.clone(),
                _ => "the list of profiles did not come in time".to_owned(),
            };
            format!("general form: {why}.")
        }
    };
    (filling, message)
}

fn filling(machine: &Machine, route: &Route, answers: &Answers) -> Filling {
    let listed = answers.profiles.got();
    let models = listed.map_or_else(|| route.models.clone(), |list| resolve::with_profiles(route, machine, list));
    let case = Case { machine, route, models: &models, answers, proof: Proof::nothing() };
    let (through_mantle, ids): (Vec<_>, Vec<_>) = models.iter().partition(|model| route.asks_mantle(&model.id));
    // Without the list the ARNs would be guesses.
    let ids = ids.iter().filter(|model| listed.is_some() && is_known(&case, &model.id));
    let caller = answers.identity.got().map(|identity: &Identity| identity.arn.as_str());
    Filling {
        models: ids.flat_map(|model| statement::resources(&case, &model.id)).collect(),
        principals: caller.map(|arn| crate::aws::iam::principals(arn, sso_region(route))).unwrap_or_default(),
        mantle: !through_mantle.is_empty(),
        api_key: route.credentials.kind == CredentialKind::BearerToken,
        partition: resolve::data::region(&route.region.name).map(|row| row.partition.as_str()),
    }
}

/// Where the caller signed in: the path of their role has it.
fn sso_region(route: &Route) -> Option<&str> {
    match &route.credentials.kind {
        CredentialKind::Profile { leads_to: ProfileRoute::Sso { region, .. }, .. } => Some(region),
        _ => None,
    }
}

/// The region knows the id: it lists it, the profile itself told, or it is a model that is called by itself.
fn is_known(case: &Case<'_>, id: &str) -> bool {
    statement::profile(case, id).is_some() || id.starts_with("anthropic.")
}

fn policy(purposes: &[PolicyFor], filling: &Filling) -> serde_json::Result<Value> {
    let mut statements: Vec<Value> = Vec::new();
    for purpose in purposes {
        let template = match purpose {
            PolicyFor::Claude => include_str!("../../templates/iam/claude.json"),
            PolicyFor::Doctor => include_str!("../../templates/iam/doctor.json"),
            PolicyFor::Verify => include_str!("../../templates/iam/verify.json"),
            PolicyFor::Usage => include_str!("../../templates/iam/usage.json"),
            PolicyFor::Audit => continue,
        };
        for statement in serde_json::from_str::<Vec<Value>>(template)? {
            let Some(statement) = fill(statement, filling) else { continue };
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
        if *purpose == PolicyFor::Claude {
            statements.extend(of_the_route(filling));
        }
    }
    // Who audits reads, and calls nothing.
    if purposes.contains(&PolicyFor::Audit) {
        for purpose in [PolicyFor::Doctor, PolicyFor::Verify, PolicyFor::Usage] {
            let whole = policy(&[purpose], filling)?;
            let reading = whole["Statement"].as_array().into_iter().flatten().filter(|one| !calls(one)).cloned();
            statements.extend(
                reading.collect::<Vec<_>>().into_iter().filter(|one| !statements.contains(one)).collect::<Vec<_>>(),
            );
        }
    }
    Ok(json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// What this route needs beside the template.
fn of_the_route(filling: &Filling) -> Vec<Value> {
    let extra = |sid: &str, action: &str| json!({ "Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*" });
    let mantle = filling.mantle.then(|| extra("ClaudeCodeCallsMantle", "bedrock-mantle:CreateInference"));
    let api_key = filling.api_key.then(|| extra("ClaudeCodeUsesApiKey", "bedrock:CallWithBearerToken"));
    mantle.into_iter().chain(api_key).collect()
}

/// It allows calls of models.
fn calls(statement: &Value) -> bool {
    statement["Action"].to_string().contains("InvokeModel") || statement["Action"] == "bedrock:CountTokens"
}

/// `inference-profile`, `foundation-model`, …
fn kind(arn: &str) -> Option<&str> {
    arn.split('/').next()?.rsplit(':').next()
}

/// Puts what is in use in the place of what stands for it; each action keeps the kinds of resources that the template gives it.
/// `None` where nothing of these kinds is in use.
fn fill(mut statement: Value, filling: &Filling) -> Option<Value> {
    let resources: Vec<String> = match &statement["Resource"] {
        Value::String(one) => vec![one.clone()],
        list => list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    };
    let mut filled: Vec<String> = if resources == [CALLER] && !filling.principals.is_empty() {
        filling.principals.clone()
    } else if !filling.models.is_empty() && resources.iter().any(|one| MODELS.contains(&one.as_str())) {
        let fits = |arn: &&String| resources.iter().any(|general| kind(general) == kind(arn));
        filling.models.iter().filter(fits).cloned().collect()
    } else {
        resources
    };
    if let Some(partition) = filling.partition.filter(|partition| *partition != "aws") {
        for arn in &mut filled {
            *arn = arn.replacen("arn:aws:", &format!("arn:{partition}:"), 1);
        }
    }
    statement["Resource"] = match filled.as_slice() {
        [] => return None,
        [one] => json!(one),
        _ => json!(filled),
    };
    Some(statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [PolicyFor; 5] =
        [PolicyFor::Claude, PolicyFor::Doctor, PolicyFor::Verify, PolicyFor::Usage, PolicyFor::Audit];

    fn sids(policy: &Value) -> Vec<String> {
        let statements = policy["Statement"].as_array().expect("a list");
        statements.iter().map(|one| one["Sid"].as_str().expect("a Sid").to_owned()).collect()
    }

    #[test]
    fn every_template_is_a_list_of_statements_and_sids_stay_unique() {
        let policy = policy(&ALL, &Filling::default()).expect("templates parse");
        let statements = policy["Statement"].as_array().expect("a list");
        let unique: BTreeSet<_> = sids(&policy).into_iter().collect();
        assert_eq!(unique.len(), statements.len());
        assert!(statements.iter().all(|one| one["Effect"] == "Allow" && !one["Action"].is_null()));
    }

    #[test]
    fn the_clients_policy_covers_what_a_cross_region_call_is_checked_against() {
        let text = policy(&[PolicyFor::Claude], &Filling::default()).expect("templates parse").to_string();
        for part in MODELS.into_iter().chain(["InvokeModelWithResponseStream", "aws-marketplace:Subscribe"]) {
            assert!(text.contains(part), "{part}");
        }
    }

    #[test]
    fn who_audits_reads_everything_and_calls_nothing() {
        let policy = policy(&[PolicyFor::Audit], &Filling::default()).expect("templates parse");
        let reads = sids(&policy);
        for sid in [
            "DoctorLooks",
            "VerifyReadsTrail",
            "VerifyReadsMetrics",
            "VerifyReadsLogging",
            "UsageReadsBill",
            "UsageReadsPrices",
        ] {
            assert!(reads.iter().any(|one| one == sid), "{sid} is not among {reads:?}");
        }
        assert!(!policy.to_string().contains("InvokeModel\"") && !policy.to_string().contains("Subscribe"), "{policy}");
    }

    #[test]
    fn what_is_in_use_takes_the_place_of_the_general_form() {
        let profile =
            "arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.anthropic.claude-opus-4-8".to_owned();
        let model = "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-8".to_owned();
        let filling = Filling { models: [profile.clone(), model.clone()].into(), ..Filling::default() };
        let policy = policy(&[PolicyFor::Claude], &filling).expect("templates parse");
        let of = |sid: &str| {
            let statements = policy["Statement"].as_array().expect("a list");
            statements.iter().find(|one| one["Sid"] == sid).expect("the statement")["Resource"].clone()
        };
        assert_eq!(of("ClaudeCodeCallsModels"), json!([profile, model]));
        assert_eq!(of("ClaudeCodeReadsProfiles"), json!(profile));
        assert_eq!(of("ClaudeCodeCountsTokens"), json!(model));
        assert_eq!(of("ClaudeCodeListsProfiles"), "*");
    }

    #[test]
    fn another_partition_has_arns_of_its_own() {
        let filling = Filling { partition: Some("aws-us-gov"), ..Filling::default() };
        let text = policy(&[PolicyFor::Claude], &filling).expect("templates parse").to_string();
        assert!(text.contains("arn:aws-us-gov:bedrock:") && !text.contains("arn:aws:"), "{text}");
    }
}
