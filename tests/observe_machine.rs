//! The whole of the local facts, from homes made for the purpose and programs that play the client.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrockup::aws::answer::CheckStatus;
use bedrockup::observe::client::AuthStatus;
use bedrockup::observe::rc_files::{BlockState, Effect, RcState};
use bedrockup::observe::settings::{Scope, SettingsState, WhyUnread};
use bedrockup::observe::{self, Machine, Options};
use bedrockup::shell::ShellKind;
use bedrockup::version::Version;
use bedrockup::world::{Clock, Env, Terminal, User, World};

/// Nothing is started.
const FILES_ONLY: Options = Options { start_shells: false, start_client: false, limit: Duration::ZERO };
/// Everything; generous, since the machine may be busy.
const ALL: Options = Options { start_shells: true, start_client: true, limit: Duration::from_secs(60) };

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn at(&self, name: &str) -> PathBuf {
        // Temporary directories lie behind a link on some systems.
        self.0.path().canonicalize().expect("a home").join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        path
    }

    fn link(&self, name: &str, to: &Path) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        symlink(to, path).expect("a link");
    }

    /// A world with bash as its login shell, and no system-wide files.
    fn world(&self, directory: &str) -> World {
        let env: Env = [("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display()))].into_iter().collect();
        World {
            env,
            home: self.at(""),
            directory: self.at(directory),
            system_root: self.at("root"),
            user: User { uid: 0, gid: 0, name: Some("ada".into()), home: None, shell: Some("/bin/bash".into()) },
            terminal: Terminal::default(),
            clock: Clock::Fixed("2026-11-24T00:00:00Z".parse().expect("a time")),
        }
    }
}

async fn look(world: &World, options: &Options) -> Machine {
    observe::machine(world, options).await
}

#[tokio::test]
async fn an_empty_home_is_full_of_facts() {
    let home = Home::new();
    let machine = look(&home.world(""), &FILES_ONLY).await;
    assert_eq!(machine.login_shell.map(|shell| (shell.kind, shell.from)), Some((ShellKind::Bash, "password database")));
    assert!(machine.shells.is_empty() && machine.client.auth_status.is_none());
    let bashrc = machine.rc_files.iter().find(|file| file.path.ends_with(".bashrc")).expect("listed though missing");
    assert_eq!((bashrc.shell, &bashrc.state), (ShellKind::Bash, &RcState::Missing));
    let scopes: Vec<Scope> = machine.settings.iter().map(|file| file.scope).collect();
    assert_eq!(
        scopes,
        [Scope::Managed, Scope::Local, Scope::User, Scope::State],
        "in the home, the project's file is the user's"
    );
    assert!(machine.settings.iter().all(|file| file.state == SettingsState::Missing));
    assert!(machine.log.iter().all(|check| check.status == CheckStatus::Passed), "{:?}", machine.log);
    assert_eq!(std::fs::read_dir(home.at("")).expect("a home").count(), 0, "looking leaves nothing behind");
}

#[test]
fn a_login_shell_that_nobody_works_in_falls_to_the_variable() {
    let home = Home::new();
    for (shell, variable, expected) in [
        (Some("/usr/sbin/nologin"), Some("/usr/bin/fish"), Some((ShellKind::Fish, "$SHELL"))),
        (Some("/bin/false"), None, None),
        (None, Some("/opt/odd-shell"), None),
        (Some("/bin/zsh"), Some("/usr/bin/fish"), Some((ShellKind::Zsh, "password database"))),
    ] {
        let mut world = home.world("");
        world.user.shell = shell.map(PathBuf::from);
        if let Some(variable) = variable {
            world.env.set("SHELL", variable);
        }
        assert_eq!(observe::login_shell(&world).map(|shell| (shell.kind, shell.from)), expected);
    }
}

#[tokio::test]
async fn rc_files_say_who_sets_what_and_what_ends_them() {
    let home = Home::new();
    let text = "[ -z \"$PS1\" ] && return\nAWS_REGION=us-west-2\n# >>> bedrockup >>>\nexport CLAUDE_CODE_USE_BEDROCK=1\n\
                export AWS_REGION=us-east-1\n# <<< bedrockup <<<\nunset AWS_REGION\n";
    let path = home.file(".bashrc", text);
    home.file(".zshrc", "# >>> bedrockup >>>\n");
    home.file("root/etc/profile.d/aws.sh", "export AWS_PROFILE=shared\n");
    let machine = look(&home.world(""), &FILES_ONLY).await;
    let state = |path: &Path| machine.rc_files.iter().find(|file| file.path == path).map(|file| &file.state);
    let Some(RcState::Read {
        block: BlockState::Whole { first_line, last_line, values, lines, edited, claude_only },
        assignments,
    }) = state(&path)
    else {
        panic!("{:?}", state(&path));
    };
    assert_eq!((*first_line, *last_line, *claude_only), (3, 6, false));
    assert_eq!((lines["CLAUDE_CODE_USE_BEDROCK"], lines["AWS_REGION"]), (4, 5));
    assert!(*edited, "it lacks the line that says what it is");
    assert_eq!((values["CLAUDE_CODE_USE_BEDROCK"].as_str(), values["AWS_REGION"].as_str()), ("1", "us-east-1"));
    let found: Vec<(usize, Effect)> = assignments.iter().map(|found| (found.line, found.effect)).collect();
    assert_eq!(found, [(2, Effect::SetOnly), (7, Effect::Unset)], "not those of the block");
    assert_eq!(machine.guards.len(), 1);
    assert_eq!((&machine.guards[0].path, machine.guards[0].line), (&path, 1));
    assert!(
        matches!(state(&home.at(".zshrc")), Some(RcState::Read { block: BlockState::Damaged(lines), .. }) if lines[0].0 == 1)
    );
    assert!(
        matches!(state(&home.at("root/etc/profile.d/aws.sh")), Some(RcState::Read { assignments, .. }) if assignments.len() == 1)
    );
}

#[tokio::test]
async fn settings_come_strongest_first() {
    let home = Home::new();
    let env = |value: &str| format!("{{\"env\":{{\"AWS_REGION\":\"{value}\"}}}}");
    home.file("root/etc/claude-code/managed-settings.json", &env("managed"));
    home.file("root/etc/claude-code/managed-settings.d/10-a.json", &env("first-drop-in"));
    home.file("root/etc/claude-code/managed-settings.d/20-b.json", &env("second-drop-in"));
    home.file("root/etc/claude-code/managed-settings.d/.hidden.json", &env("hidden"));
    home.file("repo/.git/HEAD", "");
    home.file("repo/.claude/settings.local.json", &env("root-local"));
    home.file("repo/sub/.claude/settings.local.json", &env("local"));
    home.file("repo/.claude/settings.json", &env("of-the-parent"));
    home.file("repo/sub/.claude/settings.json", &env("project"));
    home.file(".claude/settings.json", &env("user"));
    home.file(".claude/settings.json.bak", &env("backup"));
    home.file(".claude.json", &env("state"));
    let world = home.world("repo/sub");
    let machine = look(&world, &FILES_ONLY).await;
    let values = |machine: &Machine| -> Vec<String> {
        let values = machine.settings.iter().filter_map(|file| Some(file.settings()?.env["AWS_REGION"].value.clone()));
        values.collect()
    };
    if cfg!(not(target_os = "macos")) {
        let expected =
            ["second-drop-in", "first-drop-in", "managed", "root-local", "local", "project", "user", "state"];
        assert_eq!(values(&machine), expected);
    }
    assert_eq!(machine.unread_settings.iter().map(|file| file.why).collect::<Vec<_>>(), [WhyUnread::Backup]);

    home.file("other/settings.json", &env("moved"));
    let mut moved = world.clone();
    moved.env.set("CLAUDE_CONFIG_DIR", home.at("other").to_string_lossy());
    let machine = look(&moved, &FILES_ONLY).await;
    assert!(values(&machine).ends_with(&["project".to_owned(), "moved".to_owned()]), "{:?}", values(&machine));
    assert_eq!(machine.unread_settings[0].why, WhyUnread::OtherConfigDir);
}

#[tokio::test]
async fn a_linked_working_tree_reads_the_local_settings_of_the_main_one() {
    let home = Home::new();
    home.file("main/.git/HEAD", "");
    home.file("main/.git/worktrees/side/commondir", "../..\n");
    home.file("side/.git", &format!("gitdir: {}\n", home.at("main/.git/worktrees/side").display()));
    let machine = look(&home.world("side"), &FILES_ONLY).await;
    let local: Vec<&PathBuf> =
        machine.settings.iter().filter(|file| file.scope == Scope::Local).map(|file| &file.path).collect();
    assert_eq!(local, [&home.at("main/.claude/settings.local.json"), &home.at("side/.claude/settings.local.json")]);
}

#[tokio::test]
async fn versions_are_read_without_starting_anything() {
    let home = Home::new();
    let native = home.program(".local/share/claude/versions/2.1.330", "#!/bin/sh\ntouch \"$HOME/started\"\n");
    home.link("bin/claude", &native);
    home.link(".local/bin/claude", &native);
    home.program(".npm-global/lib/node_modules/@anthropic-ai/claude-code/cli.js", "#!/bin/sh\n");
    home.file(
        ".npm-global/lib/node_modules/@anthropic-ai/claude-code/package.json",
        "{\"name\":\"@anthropic-ai/claude-code\",\"version\":\"1.0.100\"}",
    );
    home.link(".npm-global/bin/claude", Path::new("../lib/node_modules/@anthropic-ai/claude-code/cli.js"));
    home.link(".bun/bin/claude", Path::new("nowhere"));
    home.file(".volta/bin/claude", "text");
    for name in ["2.0.53-linux-x64", "2.1.300"] {
        home.file(&format!(".vscode/extensions/anthropic.claude-code-{name}/package.json"), "{}");
    }
    home.file(".claude/settings.json", "{}");
    let machine = look(&home.world(""), &FILES_ONLY).await;
    let client = machine.client;
    let name = |path: &Path| path.strip_prefix(home.at("")).expect("in the home").display().to_string();
    let installs: Vec<(String, bool, Result<Version, String>)> =
        client.installs.iter().map(|install| (name(&install.path), install.on_path, install.version.clone())).collect();
    let expected = [
        ("bin/claude".to_owned(), true, Ok(Version(2, 1, 330))),
        (".npm-global/bin/claude".to_owned(), false, Ok(Version(1, 0, 100))),
        (".bun/bin/claude".to_owned(), false, Err("it is a link that leads nowhere".to_owned())),
        (".volta/bin/claude".to_owned(), false, Err("it is not executable".to_owned())),
    ];
    assert_eq!(installs[..3], expected[..3]);
    // Root may execute nothing without an execute bit either.
    assert_eq!(installs[3], expected[3]);
    assert_eq!(client.version(), Some(Version(2, 1, 330)));
    assert_eq!(client.traces, [home.at(".claude"), home.at(".local/share/claude")]);
    let bundled: Vec<(&str, Version)> = client.bundled.iter().map(|found| (found.editor, found.version)).collect();
    assert_eq!(bundled, [(".vscode", Version(2, 1, 300)), (".vscode", Version(2, 0, 53))]);
    assert!(!home.at("started").exists());
}

/// A client that answers like the real one by its environment, makes its files at the first start, and counts its starts.
const CLIENT: &str = r#"#!/bin/sh
[ -e "$HOME/.claude.json" ] || { mkdir -p "$HOME/.claude/backups"; echo '{}' >"$HOME/.claude.json"; : >"$HOME/.claude/backups/.claude.json.backup.1"; }
case "$*" in
--version) echo "VERSION (Claude Code)" ;;
"auth status") echo "a notice"; [ "$CLAUDE_CODE_USE_BEDROCK" = 1 ] && echo '{"loggedIn":true,"apiProvider":"bedrock"}' || { echo '{"apiProvider":"firstParty"}'; exit 1; } ;;
*) echo "a billed request" >>"$HOME/billed" ;;
esac
"#;

/// The whole machine, and the client asked.
async fn confirmed(world: &World) -> Machine {
    let mut machine = look(world, &ALL).await;
    observe::confirm(world, &mut machine, ALL.limit).await;
    machine
}

#[tokio::test]
async fn the_client_is_asked_in_the_environment_of_a_new_terminal() {
    let home = Home::new();
    home.program("tools/claude", &CLIENT.replace("VERSION", "2.1.330"));
    // Only a new terminal has the directory on its PATH, and the switch.
    home.file(".bashrc", "export PATH=\"$HOME/tools:$PATH\" CLAUDE_CODE_USE_BEDROCK=1\n");
    let world = home.world("");
    let machine = confirmed(&world).await;
    assert_eq!(machine.client.version(), Some(Version(2, 1, 330)), "{:?}", machine.client);
    assert_eq!(machine.client.auth_status, Some(AuthStatus::Provider("bedrock".to_owned())));
    assert_eq!(machine.shells.len(), 3);
    assert!(!home.at(".claude.json").exists() && !home.at(".claude").exists(), "its first start left files behind");

    let mut off = world.clone();
    off.env.set("CLAUDE_CODE_USE_BEDROCK", "0");
    let machine = confirmed(&off).await;
    assert_eq!(
        machine.client.auth_status,
        Some(AuthStatus::Provider("firstParty".to_owned())),
        "this process has the last word"
    );
}

#[tokio::test]
async fn an_old_client_is_never_asked() {
    let home = Home::new();
    home.program("bin/claude", &CLIENT.replace("VERSION", "2.0.77"));
    let machine = confirmed(&home.world("")).await;
    assert_eq!(machine.client.version(), Some(Version(2, 0, 77)));
    assert!(matches!(machine.client.auth_status, Some(AuthStatus::Unknown(reason)) if reason.contains("2.1.41")));
    assert!(!home.at("billed").exists(), "the words went out as a prompt");
}

#[tokio::test]
async fn broken_clients_are_facts_and_do_not_run_first() {
    let home = Home::new();
    home.program("bin/claude", "#!/bin/sh\necho 'cannot load libfoo' >&2\nexit 127\n");
    let machine = look(&home.world(""), &ALL).await;
    let version = &machine.client.running().expect("it is there").version;
    assert_eq!(version, &Err("`claude --version` failed with exit status 127: cannot load libfoo".to_owned()));

    home.program("bin/claude", "#!/bin/sh\nsleep 1000\n");
    let short = Options { start_shells: false, start_client: true, limit: Duration::from_millis(300) };
    let machine = look(&home.world(""), &short).await;
    let running = machine.client.running().expect("it is there");
    assert_eq!(running.version, Err("`claude --version` did not end in time".to_owned()));
}

#[tokio::test]
async fn slow_or_broken_shells_hide_nothing_else() {
    let home = Home::new();
    home.file(".bashrc", "sleep 1000\n");
    home.file(".aws/config", "[default]\nregion=eu-west-1\n");
    let options = Options { limit: Duration::from_millis(800), ..ALL };
    let machine = look(&home.world(""), &options).await;
    let shells = machine.log.iter().find(|check| check.name == "fresh-shells").expect("it is logged");
    assert_eq!(shells.status, CheckStatus::TimedOut);
    assert_eq!(machine.aws.profiles["default"].get("region"), Some("eu-west-1"));
    assert!(machine.shells.iter().any(|shell| shell.environment().is_some()), "login shells do not read that file");
}

#[tokio::test]
async fn files_of_the_aws_tools_may_be_named_in_settings() {
    let home = Home::new();
    let path = home.file("elsewhere", "[profile work]\nregion=eu-west-1\n");
    home.file(".claude/settings.json", &format!("{{\"env\":{{\"AWS_CONFIG_FILE\":\"{}\"}}}}", path.display()));
    home.file(
        ".local/state/bedrockup/receipt.json",
        "{\"region\":\"eu-west-1\",\"files\":[{\"path\":\"/home/ada/.bashrc\"}],\"new\":1}",
    );
    let machine = look(&home.world("work"), &FILES_ONLY).await;
    assert_eq!(machine.aws.config.path, path);
    assert!(machine.aws.profiles.contains_key("work"));
    let receipt = machine.receipt.expect("a receipt");
    assert_eq!(
        (receipt.region.as_deref(), receipt.files),
        (Some("eu-west-1"), vec![PathBuf::from("/home/ada/.bashrc")])
    );
}
