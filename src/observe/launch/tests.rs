//! What becomes of variables on the way to the client.

use super::*;
use crate::shell::ShellKind;

fn script(text: &str) -> Launch {
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    of_lines(&lines, ShellKind::Bash, Starts::Wrapped).expect("it starts something")
}

const SWITCH: &str = "CLAUDE_CODE_USE_BEDROCK";

/// `lost LINE`, `kept`, `set VALUE`; with `?` where it may not happen.
fn fate(launch: &Launch, name: &str) -> String {
    let sure = |line: &Line| if line.conditional { "?" } else { "" };
    match launch.fate(name) {
        Fate::Kept => "kept".to_owned(),
        Fate::Set(value, at) => format!("set {}{}", value.unwrap_or("something"), sure(at)),
        Fate::Lost(at) => format!("lost {}{}", at.number, sure(at)),
    }
}

#[test]
fn an_emptied_environment() {
    for (text, expected) in [
        ("#!/bin/sh\nexec env -i HOME=\"$HOME\" PATH=\"$PATH\" /opt/claude.real \"$@\"\n", "lost 2"),
        ("exec env - HOME=$HOME claude $@", "lost 1"),
        ("env --ignore-environment claude \"$@\"", "lost 1"),
        ("exec -c /opt/claude \"$@\"", "lost 1"),
        ("sudo -u other claude \"$@\"", "lost 1"),
        ("sudo -E claude \"$@\"", "kept"),
        ("sudo --preserve-env=CLAUDE_CODE_USE_BEDROCK claude \"$@\"", "kept"),
        ("env -i CLAUDE_CODE_USE_BEDROCK=\"$CLAUDE_CODE_USE_BEDROCK\" claude \"$@\"", "set something"),
        ("env -i ${CLAUDE_CODE_USE_BEDROCK:+CLAUDE_CODE_USE_BEDROCK=1} A=1 claude \"$@\"", "set something"),
        ("env -i CLAUDE_CODE_USE_BEDROCK=1 \\\n  HOME=$HOME \\\n  claude \"$@\"", "set 1"),
        ("docker run --rm -it -e AWS_REGION image claude \"$@\"", "lost 1"),
        ("docker run --rm -it -e CLAUDE_CODE_USE_BEDROCK image claude \"$@\"", "kept"),
        ("docker run --rm -it --env-file .env image claude \"$@\"", "kept"),
    ] {
        assert_eq!(fate(&script(text), SWITCH), expected, "{text}");
    }
}

#[test]
fn filters() {
    for (text, expected) in [
        ("env -i $(env | grep -E '^(HOME|PATH|TERM)=') claude \"$@\"", "lost 1"),
        ("env -i $(env | grep -v ^CLAUDE_) claude \"$@\"", "lost 1"),
        ("env -i $(env | grep -v '^AWS_') claude \"$@\"", "kept"),
        ("env -i $(env | grep -E '^(HOME|CLAUDE_)') claude \"$@\"", "kept"),
        ("unset ${!CLAUDE_@}\nexec claude \"$@\"", "lost 1"),
        ("unset $(env | grep ^CLAUDE | cut -d= -f1); exec claude \"$@\"", "lost 1"),
        ("for name in $(compgen -e CLAUDE_); do\n  unset \"$name\"\ndone\nexec claude \"$@\"", "lost 2"),
        ("for name in $(env | cut -d= -f1 | grep ^AWS_); do unset $name; done\nclaude \"$@\"", "kept"),
    ] {
        assert_eq!(fate(&script(text), SWITCH), expected, "{text}");
    }
}

#[test]
fn single_variables() {
    for (text, expected) in [
        ("env -u CLAUDE_CODE_USE_BEDROCK claude", "lost 1"),
        ("env -uCLAUDE_CODE_USE_BEDROCK --unset=A claude", "lost 1"),
        ("env --unset=CLAUDE_CODE_USE_BEDROCK claude", "lost 1"),
        ("CLAUDE_CODE_USE_BEDROCK=0 claude", "set 0"),
        ("unset CLAUDE_CODE_USE_BEDROCK; exec claude.real \"$@\"", "lost 1"),
        ("export CLAUDE_CODE_USE_BEDROCK=1\nexec claude.real \"$@\"", "set 1"),
        ("[ -n \"$CI\" ] && unset CLAUDE_CODE_USE_BEDROCK\nexec claude.real \"$@\"", "lost 1?"),
        ("if [ -n \"$CI\" ]; then\n  unset CLAUDE_CODE_USE_BEDROCK\nfi\nexec claude.real \"$@\"", "lost 2?"),
        ("exec claude.real \"$@\"\nunset CLAUDE_CODE_USE_BEDROCK", "kept"),
        ("A=1 CLAUDE_CODE_USE_BEDROCK=1 echo claude\nclaude \"$@\"", "kept"),
        ("exec claude --model opus \"$@\"", "kept"),
        ("sh -c 'env -u CLAUDE_CODE_USE_BEDROCK claude'", "lost 1"),
        ("docker run --rm -it -v $PWD:/w -w /w ghcr.io/corp/claude:latest", "lost 1"),
        ("podman run -e CLAUDE_CODE_USE_BEDROCK -v ~/.claude:/root/.claude tools claude", "kept"),
    ] {
        assert_eq!(fate(&script(text), SWITCH), expected, "{text}");
    }
}

#[test]
fn what_is_set_for_certain() {
    let launch = script("export AWS_PROFILE=a\nif x; then export AWS_REGION=b; fi\nAWS_PROFILE=c claude \"$@\"");
    let sets: Vec<_> = launch.sets().into_iter().map(|(name, value, at)| (name, value, at.number)).collect();
    assert_eq!(sets, [("AWS_PROFILE", "c", 3)]);
    let secret = script("AWS_SECRET_ACCESS_KEY=hidden-value claude \"$@\"");
    assert!(!format!("{secret:?}").contains("hidden-value"), "{secret:?}");
}

#[test]
fn starts_of_the_client() {
    for line in [
        "claude -p hi",
        "/usr/bin/env bash -lc 'claude -p hi'",
        "cd /srv && claude -p hi >>log 2>&1",
        "timeout 60 /home/ada/.local/bin/claude -p hi",
        "npx -y @anthropic-ai/claude-code -p hi",
        "/opt/board/board --agent claude",
        "/opt/board/board --agent=/opt/claude/claude",
    ] {
        assert!(of_command(line, Starts::Named).is_some(), "{line}");
    }
    for line in
        ["echo claude", "rsync /home/ada/claude backup:", "/usr/bin/claude-desktop", "exec board \"$@\"", "cd claude"]
    {
        assert!(of_command(line, Starts::Named).is_none(), "{line}");
    }
    let login = of_command("bash -lc 'claude -p hi'", Starts::Named).expect("it starts it");
    assert!(login.reads_shell_files);
    let sourced = of_command(". $HOME/.profile; claude -p hi", Starts::Named).expect("it starts it");
    assert!(sourced.reads_shell_files);
    assert!(!of_command("/bin/sh -c 'claude -p hi'", Starts::Named).expect("it starts it").reads_shell_files);
}

#[test]
fn other_languages() {
    let python = "#!/usr/bin/env python3\nimport os\nos.environ.pop(\"CLAUDE_CODE_USE_BEDROCK\", None)\nos.execv('/opt/claude', [])\n";
    assert_eq!(fate(&script(python), SWITCH), "lost 3");
    let python = "#!/usr/bin/python3\nenv = {k: v for k, v in os.environ.items() if not k.startswith('CLAUDE_')}\n";
    assert_eq!(fate(&script(python), SWITCH), "lost 2");
    let node =
        "#!/usr/bin/env node\ndelete process.env.CLAUDE_CODE_USE_BEDROCK;\nprocess.env.AWS_REGION = 'eu-west-1';\n";
    assert_eq!(fate(&script(node), SWITCH), "lost 2");
    assert_eq!(fate(&script(node), "AWS_REGION"), "set eu-west-1");
}

#[test]
fn settings_that_the_client_is_given() {
    let given = |line: &str| of_command(line, Starts::Wrapped).expect("it starts the client").settings;
    assert_eq!(given("claude --settings ~/.claude/max.json").as_deref(), Some("~/.claude/max.json"));
    assert_eq!(given("env A=1 claude --settings=\"$HOME/x.json\" -p hi").as_deref(), Some("$HOME/x.json"));
    assert_eq!(given("claude --settings a.json --settings b.json").as_deref(), Some("b.json"));
    assert_eq!(given("claude --settings-of-mine x"), None);
}
