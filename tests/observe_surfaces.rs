//! What other places than a terminal hand on, from homes and system roots made for the purpose.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrockup::observe::client::Origin;
use bedrockup::observe::launch::Fate;
use bedrockup::observe::surfaces::editors::Level;
use bedrockup::observe::surfaces::services::{ServiceKind, StartsClient};
use bedrockup::observe::wrappers::WrapperKind;
use bedrockup::observe::{self, Machine, Options};
use bedrockup::version::Version;
use bedrockup::world::{Clock, Env, Terminal, User, World};

const SWITCH: &str = "CLAUDE_CODE_USE_BEDROCK";
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
        self.0.path().canonicalize().expect("a home").join(name)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        self
    }

    fn program(&self, name: &str, text: &str) -> &Self {
        self.file(name, text);
        std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        self
    }

    fn world(&self, shell: &str) -> World {
        let env: Env = [("PATH", format!("{}:/usr/bin:/bin", self.at("bin").display()))].into_iter().collect();
        std::fs::create_dir_all(self.at("work")).expect("a directory");
        World {
            env,
            home: self.at(""),
            directory: self.at("work"),
            system_root: self.at("root"),
            user: User {
                uid: nix::unistd::geteuid().as_raw(),
                gid: 0,
                name: Some("ada".into()),
                home: Some(self.at("")),
                shell: Some(shell.into()),
            },
            terminal: Terminal::default(),
            clock: Clock::Fixed("2026-11-24T00:00:00Z".parse().expect("a time")),
        }
    }
}

async fn look(world: &World, options: &Options) -> Machine {
    let mut machine = observe::machine(world, options).await;
    machine.surround(observe::surroundings(world).await);
    machine
}

#[tokio::test]
async fn settings_of_editors_in_all_their_places() {
    let home = Home::new();
    let right =
        "{ // mine\n\"claudeCode.environmentVariables\": [{\"name\": \"AWS_REGION\", \"value\": \"us-east-1\"},],\n}";
    home.file(".config/Code/User/settings.json", right)
        .file(".config/Code/User/profiles/1a2b/settings.json", right)
        .file(".vscode-server/data/Machine/settings.json", right)
        .file(".config/Cursor/User/settings.json", "{\"editor.fontSize\": 12}")
        .file(".config/Windsurf/User/settings.json", "{\"claudeCode.useTerminal\": tru")
        .file("work/.vscode/settings.json", right);
    let machine = look(&home.world("/bin/bash"), &FILES_ONLY).await;
    let found: Vec<(&str, Level, bool)> =
        machine.surfaces.editors.iter().map(|file| (file.editor, file.level, file.keys.is_ok())).collect();
    assert_eq!(
        found,
        [
            ("Visual Studio Code", Level::User, true),
            ("Visual Studio Code", Level::Profile, true),
            ("Visual Studio Code", Level::Remote, true),
            ("Windsurf", Level::User, false),
            ("Visual Studio Code", Level::Workspace, true),
        ],
        "files that say nothing about the extension are left out"
    );
    let keys = machine.surfaces.editors[0].keys.as_ref().expect("read");
    assert_eq!((keys.environment["AWS_REGION"].line, keys.environment_line), (2, Some(2)));
}

#[tokio::test]
async fn units_with_drop_ins_files_and_scripts() {
    let home = Home::new();
    let unit = |command: &str, more: &str| format!("[Unit]\nDescription=x\n[Service]\n{more}ExecStart={command}\n");
    home.file(
        ".config/systemd/user/a-plain.service",
        &unit("/usr/bin/env claude -p hi", "Environment=PATH=/usr/bin \"HOME=/home/x\"\n"),
    )
    .file(".config/systemd/user/b-drop-in.service", &unit("claude \\\n  -p hi", ""))
    .file(".config/systemd/user/b-drop-in.service.d/env.conf", "[Service]\nEnvironment=CLAUDE_CODE_USE_BEDROCK=1\n")
    .file(".config/systemd/user/c-file.service", &unit("claude", "EnvironmentFile=-%h/service.env\n"))
    .file("service.env", "# mine\nAWS_REGION=\"eu-west-1\"\nAWS_BEARER_TOKEN_BEDROCK=hidden-value\n")
    .file(".config/systemd/user/d-script.service", &unit("%h/tools/board --port 1", ""))
    .file("tools/board", "#!/bin/sh\ncd /srv || exit\nexport AWS_REGION=us-east-1\nexec claude -p hi\n")
    .file(".config/systemd/user/e-app.service", &unit("/usr/bin/npx vibe-kanban@latest", ""))
    .file(".config/systemd/user/f-other.service", &unit("/usr/bin/rsync -a /home/x/claude backup:", ""))
    .file("root/etc/systemd/system/ours.service", &unit("claude", "User=ada\n"))
    .file("root/etc/systemd/system/other.service", &unit("claude", "User=somebody\n"))
    .file(".config/environment.d/10-aws.conf", "AWS_PROFILE=work\nEDITOR=vi\n");
    let machine = look(&home.world("/bin/bash"), &FILES_ONLY).await;
    let services = &machine.surfaces.services;
    let names: Vec<(&str, ServiceKind, usize)> =
        services.iter().map(|service| (service.name.as_str(), service.kind, service.line)).collect();
    assert_eq!(
        names,
        [
            ("a-plain.service", ServiceKind::UserUnit, 5),
            ("b-drop-in.service", ServiceKind::UserUnit, 4),
            ("c-file.service", ServiceKind::UserUnit, 5),
            ("d-script.service", ServiceKind::UserUnit, 4),
            ("e-app.service", ServiceKind::UserUnit, 4),
            ("ours.service", ServiceKind::SystemUnit, 5),
        ]
    );
    assert_eq!(services[0].environment["HOME"].value, "/home/x");
    assert_eq!(services[1].value(SWITCH), Some("1"));
    assert_eq!(services[2].value("AWS_REGION"), Some("eu-west-1"));
    assert!(!format!("{services:?}").contains("hidden-value"));
    assert_eq!(services[3].starts, StartsClient::InScript(home.at("tools/board")));
    assert_eq!(services[3].value("AWS_REGION"), Some("us-east-1"));
    assert!(matches!(&services[4].starts, StartsClient::App(name, _) if name == "Vibe Kanban"));
    assert_eq!(machine.surfaces.session.get("AWS_PROFILE"), Some("work"));
}

#[tokio::test]
async fn lines_of_cron_and_what_stands_above_them() {
    let home = Home::new();
    home.file(
        "root/var/spool/cron/crontabs/ada",
        "# m h dom mon dow\nAWS_REGION = us-east-1\n*/5 * * * * cd /srv && claude -p hi >>log 2>&1\n@daily bash -lc 'claude -p hi'\n0 1 * * * backup claude-notes\n",
    )
    .file("root/etc/cron.d/team", "0 1 * * * ada claude -p hi\n0 1 * * * root claude -p hi\n");
    let machine = look(&home.world("/bin/bash"), &FILES_ONLY).await;
    let found: Vec<(usize, bool)> =
        machine.surfaces.services.iter().map(|service| (service.line, service.reads_more)).collect();
    assert_eq!(found, [(3, false), (4, true), (1, false)]);
    assert_eq!(machine.surfaces.services[0].value("AWS_REGION"), Some("us-east-1"));
}

#[tokio::test]
async fn walls_and_what_is_beyond_them() {
    let home = Home::new();
    home.file("root/.dockerenv", "")
        .file("root/proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n")
        .file("root/mnt/c/Users/ada/.aws/config", "[default]\n")
        .file("root/mnt/c/Users/Public/notes", "")
        .file("work/.devcontainer/devcontainer.json", "{\n\"remoteEnv\": {\"AWS_PROFILE\": \"${localEnv:AWS_PROFILE}\", \"A\": \"b\"},\n\"mounts\": [\"source=${localEnv:HOME}/.aws,target=/root/.aws,type=bind\"],\n}");
    let mut world = home.world("/bin/bash");
    world.env.set("REMOTE_CONTAINERS", "true");
    let machine = look(&world, &FILES_ONLY).await;
    let boundary = &machine.surfaces.boundary;
    assert_eq!((boundary.workspace.len(), boundary.container.len(), boundary.wsl.len()), (1, 1, 1), "{boundary:?}");
    assert_eq!(boundary.aws_elsewhere, [home.at("root/mnt/c/Users/ada/.aws")]);
    let keys = machine.surfaces.dev_containers[0].keys.as_ref().expect("read");
    assert_eq!((keys.mounts_line, keys.mounts_aws), (Some(3), true));
    assert_eq!(keys.environment.keys().collect::<Vec<_>>(), ["AWS_PROFILE"]);

    let plain = look(&Home::new().world("/bin/bash"), &FILES_ONLY).await.surfaces.boundary;
    assert_eq!(plain, observe::surfaces::boundary::Boundary::default(), "signs are those of the world's root");
}

#[tokio::test]
async fn apps_by_what_their_processes_were_started_with() {
    let home = Home::new();
    let process = |number: u32, name: &str, arguments: &str, environment: &str| {
        home.file(&format!("root/proc/{number}/comm"), &format!("{name}\n"))
            .file(&format!("root/proc/{number}/cmdline"), arguments)
            .file(&format!("root/proc/{number}/environ"), environment);
    };
    let own = format!("HOME={}\0PATH=/usr/bin\0AWS_REGION=us-east-1\0", home.at("").display()).replace("/\0", "\0");
    process(10, "code", "/usr/share/code/code\0--unity-launch\0", &own);
    process(11, "code", "/usr/share/code/code\0", "HOME=/home/another\0CLAUDE_CODE_USE_BEDROCK=1\0");
    process(12, "node", "node\0/home/x/.cursor-server/bin/1/out/server-main.js\0", &own);
    process(13, "tmux: server", "tmux\0", &own);
    process(14, "java", "/opt/idea/jbr/bin/java\0-Didea.home\0", &own);
    process(15, "idea", "/opt/idea/bin/idea\0", &own);
    let mut world = home.world("/bin/bash");
    world.home = PathBuf::from(home.at("").to_string_lossy().trim_end_matches('/'));
    world.env.set("TMUX", "/tmp/tmux-1000/default,13,0");
    assert!(look(&world, &FILES_ONLY).await.surfaces.apps.is_empty(), "without an integration nobody is looked at");
    home.file(".vscode/extensions/anthropic.claude-code-2.1.330/package.json", "{}")
        .file(".vscode/extensions/anthropic.claude-code-2.1.300/package.json", "{}")
        .file(".vscode/extensions/.obsolete", "{\"anthropic.claude-code-2.1.330\": true}")
        .file(".cursor-server/extensions/anthropic.claude-code-2.1.330-linux-x64/package.json", "{}")
        .file(".local/share/JetBrains/IntelliJIdea2026.1/claude-code-jetbrains-plugin/lib/x.jar", "");
    let machine = look(&world, &FILES_ONLY).await;
    let apps: Vec<(&str, usize)> = machine.surfaces.apps.iter().map(|app| (app.name, app.environments.len())).collect();
    assert_eq!(apps, [("Visual Studio Code", 1), ("Cursor", 1), ("JetBrains IDE", 1)]);
    let code = &machine.surfaces.apps[0];
    assert!(code.has("AWS_REGION") && !code.has(SWITCH) && !code.has("PATH"));
    assert_eq!(machine.surfaces.multiplexer.as_ref().and_then(|env| env.get("AWS_REGION")), Some("us-east-1"));
    let bundled: Vec<Version> = machine.client.bundled.iter().map(|bundled| bundled.version).collect();
    assert_eq!(bundled, [Version(2, 1, 300), Version(2, 1, 330)], "an extension that was given up does not run");
}

#[tokio::test]
async fn installs_of_every_origin_and_the_one_that_an_alias_names() {
    let home = Home::new();
    let says = |version: &str| format!("#!/bin/sh\necho '{version} (Claude Code)'\n");
    home.program("bin/claude", &says("2.1.330"))
        .program("elsewhere/claude", &says("2.1.100"))
        .program(".bun/bin/claude", &says("2.1.1"))
        .program(".asdf/shims/claude", &says("2.1.2"))
        .program(".nvm/versions/node/v22.1.0/bin/claude", &says("2.1.3"))
        .program(".volta/bin/claude", "#!/bin/sh\nexit 1\n")
        .file(
            ".volta/tools/image/packages/@anthropic-ai/claude-code/lib/node_modules/@anthropic-ai/claude-code/package.json",
            "{\"name\":\"@anthropic-ai/claude-code\",\"version\":\"2.1.4\"}",
        )
        .file(".bashrc", "alias ll='ls -l'\nalias claude='~/elsewhere/claude --verbose'\n");
    let machine = look(&home.world("/bin/bash"), &ALL).await;
    let running = machine.client.running().expect("one runs");
    assert_eq!((&running.path, running.version.clone()), (&home.at("elsewhere/claude"), Ok(Version(2, 1, 100))));
    let of = |origin: Origin| machine.client.installs.iter().find(|install| install.origin == origin);
    for (origin, version) in [
        (Origin::Bun, Version(2, 1, 1)),
        (Origin::Asdf, Version(2, 1, 2)),
        (Origin::Npm, Version(2, 1, 3)),
        (Origin::Volta, Version(2, 1, 4)),
    ] {
        assert_eq!(of(origin).map(|install| install.version.clone()), Some(Ok(version)), "{origin:?}");
    }
    assert_eq!(machine.wrappers[0].kind, WrapperKind::Alias);
    assert_eq!(machine.wrappers[0].place, Some((home.at(".bashrc"), 2)));
}

/// What stands before the client in a new terminal of this shell.
async fn wrapped(shell: &str, file: &str, text: &str) -> Machine {
    let home = Home::new();
    home.program("bin/claude", "#!/bin/sh\necho '2.1.330 (Claude Code)'\n").file(file, text);
    let program = which::which(shell).unwrap_or_else(|_| panic!("{shell} is not installed"));
    let mut machine = look(&home.world(&program.to_string_lossy()), &ALL).await;
    for wrapper in &mut machine.wrappers {
        if let Some((path, _)) = &mut wrapper.place {
            *path = path.strip_prefix(home.at("")).expect("in the home").to_owned();
        }
    }
    machine
}

#[tokio::test]
async fn every_shell_tells_its_own_claude() {
    let alias = "# mine\nalias claude='env -u CLAUDE_CODE_USE_BEDROCK claude'\n";
    let function = "claude() {\n  # why\n  env -u CLAUDE_CODE_USE_BEDROCK claude \"$@\"\n}\n";
    let fish = "function claude\n    env -u CLAUDE_CODE_USE_BEDROCK claude $argv\nend\n";
    for (shell, file, text, kind, line) in [
        ("bash", ".bashrc", alias, WrapperKind::Alias, 2),
        ("bash", ".bashrc", function, WrapperKind::Function, 1),
        ("zsh", ".zshrc", alias, WrapperKind::Alias, 2),
        ("zsh", ".zshrc", function, WrapperKind::Function, 1),
        ("mksh", ".mkshrc", alias, WrapperKind::Alias, 2),
        ("mksh", ".mkshrc", function, WrapperKind::Function, 1),
        ("fish", ".config/fish/config.fish", alias, WrapperKind::Alias, 2),
        ("fish", ".config/fish/functions/claude.fish", fish, WrapperKind::Function, 1),
        ("tcsh", ".cshrc", "alias claude 'env -u CLAUDE_CODE_USE_BEDROCK claude'\n", WrapperKind::Alias, 1),
    ] {
        let machine = wrapped(shell, file, text).await;
        let [wrapper] = machine.wrappers.as_slice() else { panic!("{shell}: {text}: {:?}", machine.wrappers) };
        assert_eq!((wrapper.kind, &wrapper.place), (kind, &Some((PathBuf::from(file), line))), "{shell}: {text}");
        assert!(matches!(wrapper.launch.fate(SWITCH), Fate::Lost(at) if !at.conditional), "{shell}: {wrapper:?}");
        let asked = machine.shells.iter().all(|shell| shell.environment().is_none_or(|env| env.get("HOME").is_some()));
        assert!(asked, "{shell}: the environment is told as before");
    }
}

#[tokio::test]
async fn a_function_that_zsh_reads_when_it_is_called() {
    let home = Home::new();
    home.program("bin/claude", "#!/bin/sh\necho '2.1.330 (Claude Code)'\n")
        .file(".zshrc", "fpath=(~/functions $fpath)\nautoload -Uz claude\n")
        .file("functions/claude", "# why\nunset CLAUDE_CODE_USE_BEDROCK\ntouch ~/called\ncommand claude \"$@\"\n");
    let program = which::which("zsh").expect("zsh is installed");
    let machine = look(&home.world(&program.to_string_lossy()), &ALL).await;
    let [wrapper] = machine.wrappers.as_slice() else { panic!("{:?}", machine.wrappers) };
    assert_eq!((wrapper.kind, &wrapper.place), (WrapperKind::Function, &Some((home.at("functions/claude"), 1))));
    assert!(matches!(wrapper.launch.fate(SWITCH), Fate::Lost(at) if at.number == 2), "{wrapper:?}");
    assert!(!home.at("called").exists(), "it was read and not called");
    // A file of that name in the path of functions, which nobody asked for, is no function.
    home.file(".zshrc", "fpath=(~/functions $fpath)\n");
    assert!(look(&home.world(&program.to_string_lossy()), &ALL).await.wrappers.is_empty());
}

#[tokio::test]
async fn lines_of_a_function_are_those_of_its_file() {
    let fish = "# mine\nfunction claude\n    set -lx CLAUDE_CODE_USE_BEDROCK 0\n    command claude $argv\nend\n";
    let bash = "alias ll='ls'\nclaude() {\n  # why\n  env -u CLAUDE_CODE_USE_BEDROCK claude \"$@\"\n}\n";
    for (shell, file, text, line) in
        [("fish", ".config/fish/functions/claude.fish", fish, 3), ("bash", ".bashrc", bash, 4)]
    {
        let machine = wrapped(shell, file, text).await;
        let at = match machine.wrappers[0].launch.fate(SWITCH) {
            Fate::Lost(at) | Fate::Set(_, at) => at.number,
            Fate::Kept => panic!("{shell}: {:?}", machine.wrappers),
        };
        assert_eq!(at, line, "{shell}");
    }
}

#[tokio::test]
async fn a_mac_s_home_is_read_on_every_system() {
    let home = Home::new();
    let job = "<plist version=\"1.0\"><dict>\n<key>ProgramArguments</key><array><string>claude</string><string>-p</string>\
               </array>\n</dict></plist>\n";
    let settings = "{\"claudeCode.environmentVariables\": {\"CLAUDE_CODE_USE_BEDROCK\": \"1\"}}";
    home.file("Library/LaunchAgents/board.plist", job)
        .file("Library/Application Support/Code/User/settings.json", settings)
        .file("Library/Application Support/Cursor/User/settings.json", settings);
    let surfaces = look(&home.world("/bin/bash"), &FILES_ONLY).await.surfaces;
    assert_eq!(surfaces.services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>(), ["board"]);
    let editors: Vec<&str> = surfaces.editors.iter().map(|file| file.editor).collect();
    assert_eq!(editors, ["Visual Studio Code", "Cursor"]);
}

#[tokio::test]
async fn a_shell_that_ends_at_every_failure_still_tells_its_environment() {
    let machine = wrapped("bash", ".bashrc", "set -e\nexport AWS_REGION=us-east-1\n").await;
    let told = machine.shells.iter().filter_map(|shell| shell.environment()?.get("AWS_REGION"));
    assert_eq!(told.count(), 1);
    assert!(machine.wrappers.is_empty());
}

#[tokio::test]
async fn a_script_on_the_path_is_read() {
    let home = Home::new();
    home.program(
        "bin/claude",
        "#!/bin/sh\n# a plugin's\nexec env -i HOME=\"$HOME\" PATH=\"$PATH\" claude.real \"$@\"\n",
    )
    .program("bin/claude.real", "#!/bin/sh\necho '2.1.330 (Claude Code)'\n");
    let machine = look(&home.world("/bin/bash"), &ALL).await;
    assert_eq!(machine.client.version(), Some(Version(2, 1, 330)));
    let [wrapper] = machine.wrappers.as_slice() else { panic!("{:?}", machine.wrappers) };
    assert_eq!((wrapper.kind, &wrapper.place), (WrapperKind::Script, &Some((home.at("bin/claude"), 3))));
    assert!(matches!(wrapper.launch.fate(SWITCH), Fate::Lost(at) if at.number == 3));
}

#[tokio::test]
async fn owners_of_the_home_and_of_what_lies_in_it() {
    let home = Home::new();
    home.file(".aws/credentials", "[default]\n").file(".aws/sso/cache/a.json", "{}");
    let mut world = home.world("/bin/bash");
    assert_eq!(look(&world, &FILES_ONLY).await.owner.foreign, [], "all of it is ours");
    world.user.uid += 1;
    let owner = look(&world, &FILES_ONLY).await.owner;
    let names: Vec<&Path> =
        owner.foreign.iter().map(|file| file.path.strip_prefix(home.at("")).expect("in the home")).collect();
    assert!(names.contains(&Path::new(".aws/credentials")) && names.contains(&Path::new(".aws/sso/cache/a.json")));
    assert_eq!(owner.home_owner, Some(world.user.uid - 1));
}
