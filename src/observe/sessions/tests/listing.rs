//! What is listed, what is not, and what it is then.

use super::*;

#[test]
fn a_session_is_told_by_its_process_and_the_register_together() {
    let bed = Bed::new();
    bed.start(&bed.process(7));
    bed.register(7, serde_json::json!({}));
    let [session] = bed.sessions().try_into().expect("one session");
    assert_eq!(
        (session.pid, session.session_id.as_deref(), session.name.as_deref()),
        (7, Some("0ed90814"), Some("project-c4"))
    );
    assert_eq!((session.kind.as_deref(), session.entrypoint.as_deref()), (Some("interactive"), Some("cli")));
    assert_eq!(session.status.as_deref(), Some("idle"));
    assert_eq!(session.version, Some(Version(2, 1, 331)), "the register's word counts for more than the path");
    assert_eq!(session.directory, Some(bed.at("home/project")));
    assert_eq!(session.started.map(|moment| moment.as_millisecond()), Some((BOOT + 100) * 1000 + 70));
    assert_eq!(session.environment.as_ref().ok().and_then(|env| env.get("CLAUDE_CODE_USE_BEDROCK")), Some("1"));
    assert_eq!(provider(&session), Provider::Bedrock);
}

#[test]
fn without_a_register_the_place_of_the_program_tells() {
    let bed = Bed::new();
    bed.start(&Fake { name: "2.1.330", ..bed.process(7) });
    bed.write(
        "npm/@anthropic-ai/claude-code/package.json",
        r#"{"name":"@anthropic-ai/claude-code","version":"2.1.200"}"#,
    );
    let exe = bed.at("npm/@anthropic-ai/claude-code/bin/claude.exe").display().to_string();
    bed.start(&Fake { name: "claude.exe", exe: exe.clone(), ..bed.process(8) });
    // An update has put another version in its place.
    bed.start(&Fake { exe: format!("{exe} (deleted)"), ..bed.process(9) });
    bed.start(&Fake { exe: format!("{NATIVE} (deleted)"), ..bed.process(10) });
    bed.start(&Fake { exe: "/usr/bin/node".into(), words: vec!["claude", "", "", ""], ..bed.process(11) });
    let told: Vec<_> =
        bed.sessions().iter().map(|session| (session.pid, session.version, session.flags_known)).collect();
    let (native, npm) = (Some(Version(2, 1, 330)), Some(Version(2, 1, 200)));
    assert_eq!(told, [(7, native, true), (8, npm, true), (9, None, true), (10, native, true), (11, None, false)]);
}

#[test]
fn a_native_client_that_somebody_put_elsewhere() {
    let bed = Bed::new();
    for (pid, exe) in [
        (7, "/opt/claude/2.1.330"),
        (8, "/opt/claude-code/2.1.330/claude"),
        (9, "/opt/claude-2.1.330/claude"),
        (10, "/opt/claude-code/bin/claude"),
    ] {
        bed.start(&Fake { exe: exe.to_owned(), ..bed.process(pid) });
    }
    // What `claude` starts for this process.
    bed.write("tools/claude", "#!/bin/sh\n");
    let program = bed.at("tools/claude");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    let program = program.canonicalize().expect("a file");
    let path = program.parent().expect("a directory").display().to_string();
    let environ = Some(vec![("HOME", bed.at("home").display().to_string()), ("PATH", path)]);
    bed.start(&Fake { exe: program.display().to_string(), environ, ..bed.process(11) });
    // Others of that name or place.
    bed.start(&Fake { exe: program.display().to_string(), ..bed.process(12) });
    bed.start(&Fake { name: "claude-helper", exe: "/opt/claude/rg".to_owned(), ..bed.process(13) });
    bed.start(&Fake { exe: "/opt/claude-desktop/claude-desktop".to_owned(), ..bed.process(14) });
    let told: Vec<_> = bed.sessions().iter().map(|session| (session.pid, session.version)).collect();
    let version = Some(Version(2, 1, 330));
    assert_eq!(told, [(7, version), (8, version), (9, version), (10, None), (11, None)]);
}

#[test]
fn a_client_that_is_a_script() {
    let bed = Bed::new();
    let executable = |name: &str, text: &str| {
        bed.write(name, text);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(bed.at(name), mode).expect("a mode");
        bed.at(name).canonicalize().expect("a file").display().to_string()
    };
    let run = |pid: u32, script: String, more: &'static [&'static str]| {
        let path = Path::new(&script).parent().expect("a directory").display().to_string();
        let environ = Some(vec![("HOME", bed.at("home").display().to_string()), ("PATH", path)]);
        let words = [&["/usr/bin/python3", script.leak()], more].concat();
        bed.start(&Fake { exe: "/usr/bin/python3.12".to_owned(), words, environ, ..bed.process(pid) });
    };
    run(7, executable("one/claude", "#!/usr/bin/python3\nimport sys\n"), &["-p", "hi"]);
    run(8, executable("two/claude", "#!/bin/sh\nread line\n"), &[]);
    executable("home/.local/share/claude/versions/2.1.330", "#!/usr/bin/python3\n");
    std::fs::create_dir_all(bed.at("bin")).expect("a directory");
    symlink(bed.at("home/.local/share/claude/versions/2.1.330"), bed.at("bin/claude")).expect("a link");
    run(9, bed.at("bin/claude").display().to_string(), &[]);
    // What ends by itself, and what starts the client as a process of its own.
    run(10, executable("four/claude", "#!/usr/bin/python3\n"), &["--version"]);
    run(11, executable("five/claude", "#!/bin/sh\nexport AWS_REGION=x\n/opt/claude/claude \"$@\"\n"), &[]);
    run(12, executable("six/claude", "#!/usr/bin/python3\nimport subprocess\nsubprocess.call(['x'])\n"), &[]);
    // Another program of that name, which is not what `claude` starts there.
    let words = vec!["/usr/bin/python3", "/srv/monitor/claude"];
    bed.start(&Fake { exe: "/usr/bin/python3.12".to_owned(), words, ..bed.process(13) });
    let told: Vec<_> = bed.sessions().iter().map(|session| (session.pid, session.version)).collect();
    assert_eq!(told, [(7, None), (8, None), (9, Some(Version(2, 1, 330)))]);
}

#[test]
fn what_is_not_a_session_is_not_listed_and_says_what_it_is() {
    let bed = Bed::new();
    let foreign = bed.at("bin/claude").display().to_string();
    let other_home = vec![("HOME", bed.at("other").display().to_string())];
    bed.start(&Fake { exe: foreign.clone(), ..bed.process(2) });
    bed.start(&Fake { exe: "/usr/bin/bash".into(), ..bed.process(3) });
    bed.start(&Fake {
        name: "node",
        exe: "/usr/bin/node".into(),
        words: vec!["node", "cli-wrapper.cjs"],
        ..bed.process(4)
    });
    bed.start(&Fake { uid: 1001, ..bed.process(5) });
    bed.start(&Fake { environ: Some(other_home), ..bed.process(6) });
    bed.start(&Fake { state: 'Z', ..bed.process(7) });
    bed.start(&Fake { flags: 0x40_0040, ..bed.process(8) });
    bed.start(&Fake { words: vec!["claude", "auth", "status"], ..bed.process(9) });
    bed.start(&Fake { words: vec!["claude bg-pty-host", "--bg-pty-host", "x"], ..bed.process(10) });
    bed.start(&Fake { words: vec!["claude bg-spare", "--bg-spare", "x"], ..bed.process(11) });
    bed.register(11, serde_json::json!({"kind": "bg", "spare": true}));
    // What a killed session left behind, and a number that is in use again.
    bed.start(&Fake { exe: foreign, ..bed.process(12) });
    bed.register(12, serde_json::json!({"procStart": "42"}));
    assert_eq!(bed.sessions().iter().map(|session| session.pid).collect::<Vec<_>>(), [0; 0]);
    for (pid, said) in [
        (1, "no process 1"),
        (2, "is `claude`, not Claude Code"),
        (3, "not Claude Code"),
        (4, "is `node`, not Claude Code"),
        (5, "another user"),
        (6, "another home"),
        (7, "no process 7"),
        (8, "no process 8"),
        (9, "`auth`"),
        (10, "`claude bg-pty-host`"),
        (11, "ahead of a background session"),
        (12, "not Claude Code"),
    ] {
        let reason = bed.one(pid).expect_err("no session");
        assert!(reason.contains(said), "{pid}: {reason}");
    }
}

#[test]
fn a_program_in_an_odd_place_is_known_by_the_register_or_by_its_key_which_is_not_opened() {
    let bed = Bed::new();
    let odd = || "/odd/claude".to_owned();
    bed.start(&Fake { exe: odd(), ..bed.process(7) });
    bed.register(7, serde_json::json!({}));
    bed.start(&Fake { exe: odd(), ..bed.process(8) });
    let key = format!("home/.claude/sessions/8.{}.key", "0a".repeat(32));
    bed.write(&key, "secret");
    // Another process's key, and one that was written before this process began.
    bed.start(&Fake { exe: odd(), ..bed.process(9) });
    let stale = bed.at(&format!("home/.claude/sessions/9.{}.key", "0b".repeat(32)));
    bed.write(stale.strip_prefix(bed.0.path()).expect("below").to_str().expect("text"), "secret");
    let before = std::time::UNIX_EPOCH + std::time::Duration::from_secs(BOOT as u64);
    let open = |path: &Path| std::fs::OpenOptions::new().write(true).open(path).expect("a file");
    open(&stale).set_modified(before).expect("a time");
    open(&bed.at(&key)).set_modified(before + std::time::Duration::from_secs(200)).expect("a time");
    assert_eq!(bed.sessions().iter().map(|session| session.pid).collect::<Vec<_>>(), [7, 8]);
}

#[test]
fn an_entry_without_procstart_counts_when_it_is_younger_than_the_process() {
    let bed = Bed::new();
    for (pid, written) in [(7, BOOT + 105), (8, BOOT + 50)] {
        bed.start(&Fake { exe: "/odd/program".into(), ..bed.process(pid) });
        bed.register(pid, serde_json::json!({"procStart": null, "startedAt": written * 1000}));
    }
    assert_eq!(bed.sessions().iter().map(|session| session.pid).collect::<Vec<_>>(), [7]);
}

#[test]
fn an_environment_that_cannot_be_read_is_said_and_the_session_is_listed_still() {
    let bed = Bed::new();
    bed.start(&Fake { environ: None, ..bed.process(7) });
    bed.register(7, serde_json::json!({}));
    bed.start(&Fake { environ: None, ..bed.process(8) });
    assert_eq!(bed.sessions().iter().map(|session| session.pid).collect::<Vec<_>>(), [7], "8 may be of another home");
    assert!(bed.one(8).is_err_and(|reason| reason.contains("of which home cannot be told")));
    let session = bed.one(7).expect("a session");
    assert_eq!(session.environment, Err("it is a directory".to_owned()));
    assert_eq!(session.directory, Some(bed.at("home/project")));
}

#[test]
fn a_background_session_does_not_show_the_environment_that_it_was_given() {
    let bed = Bed::new();
    bed.start(&Fake {
        name: "claude.exe",
        words: vec!["claude bg-spare", "--bg-spare", "/run/x.sock"],
        ..bed.process(7)
    });
    bed.register(7, serde_json::json!({"kind": "bg"}));
    let session = bed.one(7).expect("a session");
    assert!(session.environment.is_err_and(|reason| reason.contains("background session")));
    assert!(!session.flags_known);
    assert_eq!(session.started.map(|moment| moment.as_second()), Some(BOOT + 105), "its own start, not the process's");
}

#[test]
fn without_a_proc_that_is_said() {
    let bed = Bed::new();
    std::fs::remove_dir_all(bed.at("root/proc")).expect("gone");
    assert!(observe(&bed.world()).is_err_and(|reason| reason.contains("cannot be listed")));
    assert!(bed.one(7).is_err_and(|reason| reason.contains("cannot be looked at")));
}

#[test]
fn a_secret_is_in_no_debug() {
    let bed = Bed::new();
    let mut fake = bed.process(7);
    fake.environ.get_or_insert_default().push(("AWS_SECRET_ACCESS_KEY", "hidden-value".into()));
    fake.words = vec!["claude", "--settings", r#"{"env":{"AWS_BEARER_TOKEN_BEDROCK":"hidden-value"}}"#];
    bed.start(&fake);
    let session = bed.one(7).expect("a session");
    assert!(!format!("{session:?}").contains("hidden-value"));
}
