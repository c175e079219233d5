//! Running sessions of the real client, as `observe::sessions`, `why --pid` and `doctor --pid` see them.

pub(crate) mod bed;

use bedrockup::observe::Machine;
use bedrockup::observe::sessions;
use bedrockup::observe::settings::Scope;
use bedrockup::resolve::{Provider, Route, Source, resolve};
use serde_json::Value;

use self::bed::{Running, call_of, hanging, interactive, sandbox, world};
use crate::support::claude_client::{ClaudeClient, VERSION};
use crate::support::fake_aws::account::GOOD_KEY;
use crate::support::sandbox::Sandbox;

const USE_BEDROCK: &str = "CLAUDE_CODE_USE_BEDROCK";

/// The route of a session by its own facts: those of the machine that asks are other ones.
fn route(session: &sessions::Session) -> Route {
    resolve(&session.machine(&Machine::empty(jiff::Timestamp::UNIX_EPOCH, "/elsewhere", "/elsewhere")))
}

fn switch_source(route: &Route) -> &Source {
    &route.variable(USE_BEDROCK).and_then(|variable| variable.winner.as_ref()).expect("a switch").source
}

#[test]
fn an_interactive_session_is_listed_with_all_that_is_known_of_it() {
    let aws = hanging(1);
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let running = interactive(&sandbox);
    let call = call_of(&aws);

    let [session] = sessions::observe(&world(&sandbox)).expect("a /proc").try_into().expect("one session");
    assert_eq!(session.pid, running.pid());
    assert_eq!(session.directory, Some(sandbox.path("project").canonicalize().expect("a directory")));
    assert_eq!(session.version.map(|version| version.to_string()).as_deref(), Some(VERSION));
    assert_eq!((session.kind.as_deref(), session.entrypoint.as_deref()), (Some("interactive"), Some("cli")));
    // The id under which AWS sees it.
    let user: Value = serde_json::from_str(call["metadata"]["user_id"].as_str().expect("an id")).expect("JSON");
    assert_eq!(session.session_id.as_deref(), user["session_id"].as_str());
    assert!(session.started.is_some_and(|started| started <= jiff::Timestamp::now()), "{:?}", session.started);
    let environment = session.environment.as_ref().expect("an environment");
    assert_eq!((environment.get(USE_BEDROCK), environment.get("AWS_ACCESS_KEY_ID")), (Some("1"), Some(GOOD_KEY.0)));
    assert_eq!(route(&session).provider, Provider::Bedrock);

    // Its entry in the register stays after this; it is not taken for a session.
    running.kill();
    assert!(sandbox.path(format!(".claude/sessions/{}.json", session.pid)).exists());
    assert!(sessions::observe(&world(&sandbox)).expect("a /proc").is_empty());
    assert!(sessions::one(&world(&sandbox), session.pid).is_err_and(|reason| reason.contains("no process")));
}

#[test]
fn a_run_that_only_its_directory_routes_is_told_though_its_environment_says_otherwise() {
    let aws = hanging(1);
    let project = format!(r#"{{"env":{{"{USE_BEDROCK}":"1","AWS_REGION":"us-east-1"}}}}"#);
    let sandbox = sandbox(&aws).file("project/.claude/settings.json", project);
    let running = Running::run(&mut ClaudeClient::get().command(&sandbox), &["-p", "hi"]);
    call_of(&aws);
    let session = sessions::one(&world(&sandbox), running.pid()).expect("a session");
    assert_eq!(session.entrypoint.as_deref(), Some("sdk-cli"));
    assert_eq!(session.environment.as_ref().map(|environment| environment.get(USE_BEDROCK)), Ok(None));
    let route = route(&session);
    assert_eq!(route.provider, Provider::Bedrock, "as the call that the fake saw");
    assert!(matches!(switch_source(&route), Source::Settings { scope: Scope::Project, .. }));
}

#[test]
fn what_the_command_line_gives_beats_the_directory_and_what_it_leaves_out_is_not_read() {
    let aws = hanging(2);
    let off = format!(r#"{{"env":{{"{USE_BEDROCK}":"0","AWS_REGION":"us-west-2"}}}}"#);
    let on = format!(r#"{{"env":{{"{USE_BEDROCK}":"1"}}}}"#);
    let sandbox = sandbox(&aws)
        .bedrock("us-east-1")
        .file("project/.claude/settings.json", off)
        .file("project/given.json", on.as_str());
    let client = ClaudeClient::get();
    let look = |running: &Running| sessions::one(&world(&sandbox), running.pid()).expect("a session");

    let given = Running::run(&mut client.command(&sandbox), &["-p", "hi", "--settings", "given.json"]);
    let regions = |count| {
        let log = aws.log().wait_until(bed::LIMIT, |log| bed::turns(log).count() == count);
        bed::turns(&log).map(|entry| entry.region.clone()).collect::<Vec<_>>()
    };
    assert_eq!(regions(1), ["us-west-2"]);
    let told = route(&look(&given));
    assert_eq!((told.provider.clone(), told.region.name.as_str()), (Provider::Bedrock, "us-west-2"));
    assert!(matches!(switch_source(&told), Source::Settings { scope: Scope::Flag, .. }));

    let restricted = Running::run(&mut client.command(&sandbox), &["-p", "hi", "--setting-sources", "user"]);
    assert_eq!(regions(2), ["us-west-2", "us-east-1"]);
    let told = route(&look(&restricted));
    assert_eq!((told.provider, told.region.name.as_str()), (Provider::Bedrock, "us-east-1"));
}

#[test]
fn of_npms_wrapper_and_its_child_the_child_is_the_session() {
    let aws = hanging(1);
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let wrapper = Running::run(&mut ClaudeClient::get().through_wrapper(&sandbox), &["-p", "hi"]);
    call_of(&aws);
    let [session] = sessions::observe(&world(&sandbox)).expect("a /proc").try_into().expect("one session");
    assert_ne!(session.pid, wrapper.pid());
    assert_eq!(route(&session).provider, Provider::Bedrock);
    let reason = sessions::one(&world(&sandbox), wrapper.pid()).expect_err("the wrapper is no session");
    assert!(reason.contains("is `node`, not Claude Code"), "{reason}");
}

#[test]
fn why_and_doctor_answer_for_the_session_and_say_what_a_new_one_would_have_otherwise() {
    let aws = hanging(1);
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let running = interactive(&sandbox);
    call_of(&aws);
    let pid = running.pid().to_string();
    let now = sandbox.env("AWS_REGION", "eu-west-1").unset(USE_BEDROCK).file("elsewhere/keep", "").cd("elsewhere");

    let page = now.run(["why", "--pid", &pid]).exits(0).out();
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.starts_with(&format!("Session {pid} in ~/project, started ")), "{page}");
    assert!(flat.contains("sends its requests to Amazon Bedrock."), "{page}");
    let stale = format!("This session still has another {USE_BEDROCK}, AWS_REGION than a new one here would:");
    assert!(flat.contains(&stale) && flat.contains("`claude --continue`"), "{page}");
    assert!(!page.contains(GOOD_KEY.1), "{page}");

    let document = now.run(["why", "--pid", &pid, "--json"]).exits(0).json();
    assert_eq!(document["route"]["region"]["value"], "us-east-1");
    assert_eq!(document["session"]["pid"], running.pid());
    assert_eq!(document["session"]["differs"], serde_json::json!([USE_BEDROCK, "AWS_REGION"]));
    let region = now.run(["why", "AWS_REGION", "--pid", &pid]).exits(0).out();
    assert!(region.contains("= us-east-1") && region.contains("another AWS_REGION than"), "{region}");
    let key = now.run(["why", "AWS_ACCESS_KEY_ID", "--pid", &pid]).exits(0).out();
    assert!(!key.contains("another"), "{key}");

    let doctor = now.run(["doctor", "--pid", &pid, "--json"]).exits(0).json();
    // The models answer, and a new session would have been another one.
    assert_eq!((doctor["pid"].as_u64(), doctor["verdict"].as_str()), (Some(running.pid().into()), Some("degraded")));
    assert!(doctor["findings"].as_array().is_some_and(|all| all[0]["name"] == "session-has-old-settings"), "{doctor}");
    assert_eq!(doctor["route"]["region"]["value"], "us-east-1");
    assert!(doctor["directory"].as_str().is_some_and(|directory| directory.ends_with("/project")), "{doctor}");
}

#[test]
fn a_process_that_is_no_session_is_refused_with_those_that_are() {
    let aws = hanging(1);
    let sandbox = sandbox(&aws).bedrock("us-east-1");
    let own = std::process::id().to_string();
    let refused = sandbox.run(["why", "--pid", &own]).exits(2).err();
    assert!(refused.contains("not Claude Code; no session is running."), "{refused}");
    let running = Running::run(&mut ClaudeClient::get().command(&sandbox), &["-p", "hi"]);
    call_of(&aws);
    let refused = sandbox.run(["doctor", "--pid", &own]).exits(2).err();
    assert!(refused.contains(&format!("running sessions: {} in ~/project.", running.pid())), "{refused}");
    let sandbox = Sandbox::new();
    let refused = sandbox.run(["doctor", "--pid", &running.pid().to_string()]).exits(2).err();
    assert!(refused.contains("another home"), "{refused}");
}
