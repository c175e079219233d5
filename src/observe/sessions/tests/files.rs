//! The files that apply to a session.

use super::*;

#[test]
fn settings_of_its_directory_and_of_its_command_line_apply_in_their_order() {
    let bed = Bed::new();
    let switch = |value: &str| format!("{{\"env\":{{\"CLAUDE_CODE_USE_BEDROCK\":\"{value}\"}}}}");
    bed.start(&bed.process(7));
    assert_eq!(provider(&bed.one(7).expect("a session")), Provider::Bedrock);
    bed.write("home/project/.claude/settings.local.json", &switch("0"));
    assert_eq!(provider(&bed.one(7).expect("a session")), Provider::FirstParty, "what environ alone would not tell");
    bed.write("home/project/given.json", &switch("1"));
    bed.start(&Fake { words: vec!["claude", "--settings", "given.json", "--model", "sonnet"], ..bed.process(8) });
    let given = bed.one(8).expect("a session");
    assert_eq!(provider(&given), Provider::Bedrock);
    let flags: Vec<_> = given.settings.iter().filter(|file| file.scope == Scope::Flag).map(|file| &file.path).collect();
    assert_eq!(flags, [Path::new("--model"), &bed.at("home/project/given.json")]);
    assert!(given.settings.is_sorted_by_key(|file| file.scope), "strongest first: {:?}", given.settings);
    let route = resolve(&given.machine(&Machine::empty(Timestamp::UNIX_EPOCH, "/", "/")));
    assert!(route.models[0].id.contains("sonnet"), "{:?}", route.models);
    bed.write("root/etc/claude-code/managed-settings.json", &switch("0"));
    let managed = bed.one(8).expect("a session");
    assert_eq!((provider(&managed), managed.settings[0].scope), (Provider::FirstParty, Scope::Managed));
}

#[test]
fn flags_that_leave_settings_out_are_honoured() {
    let bed = Bed::new();
    bed.write("home/project/.claude/settings.json", r#"{"env":{"CLAUDE_CODE_USE_BEDROCK":"0"}}"#);
    bed.start(&Fake { words: vec!["claude", "--setting-sources", "user"], ..bed.process(7) });
    bed.start(&Fake { words: vec!["claude", "--restricted"], ..bed.process(8) });
    bed.start(&Fake { words: vec!["claude", "--setting-sources=user,project"], ..bed.process(9) });
    let told: Vec<Provider> = bed.sessions().iter().map(provider).collect();
    assert_eq!(told, [Provider::Bedrock, Provider::Bedrock, Provider::FirstParty]);
    let mut new = Machine::empty(Timestamp::UNIX_EPOCH, bed.at("home"), bed.at("home/project"));
    new.settings = bed.one(9).expect("a session").settings;
    let same = bed.one(7).expect("a session").machine(&new).as_of_now.expect("what a new client would find");
    assert!(same.settings.iter().all(|file| file.scope != Scope::Project), "{:?}", same.settings);
}

#[test]
fn its_own_configuration_directory_and_aws_files_are_read() {
    let bed = Bed::new();
    let moved = bed.at("moved").display().to_string();
    let home = bed.at("home").display().to_string();
    let named = format!(r#"{{"env":{{"AWS_CONFIG_FILE":"{moved}/aws"}}}}"#);
    bed.write("moved/settings.json", &named);
    bed.write("moved/aws", "[profile elsewhere]\nregion = eu-west-1\n");
    let environ = Some(vec![("HOME", format!("{home}/")), ("CLAUDE_CONFIG_DIR", moved)]);
    bed.start(&Fake { exe: "/odd/claude".into(), environ, ..bed.process(7) });
    bed.register(7, serde_json::json!({}));
    assert!(bed.one(7).is_err(), "the register of another configuration directory says nothing about it");
    let entry = std::fs::read_to_string(bed.at("home/.claude/sessions/7.json")).expect("an entry");
    bed.write("moved/sessions/7.json", &entry);
    let session = bed.one(7).expect("a session");
    assert!(session.aws.profiles.contains_key("elsewhere"), "{:?}", session.aws);
    let user = session.settings.iter().find(|file| file.scope == Scope::User).expect("user settings");
    assert!(matches!(user.state, SettingsState::Read(_)) && user.path == bed.at("moved/settings.json"));
}
