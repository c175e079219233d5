//! Fresh shells: the real ones, each in a home of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrockup::observe::shells::{self, FreshShell, ShellOutcome};
use bedrockup::shell::{Mode, ShellKind};
use bedrockup::world::{Clock, Env, Terminal, User, World};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::support::tools;

/// Generous: seven test programs may share two cores.
const LIMIT: Duration = Duration::from_secs(60);

/// A world whose home is `home`, with a routing variable in its environment that no fresh shell may see.
fn world(home: &Path) -> World {
    let mut env: Env =
        [("AWS_REGION", "from-the-asking-process"), ("DISABLE_PROMPT_CACHING", "1")].into_iter().collect();
    env.set("PATH", std::env::var("PATH").expect("a PATH"));
    World {
        env,
        home: home.to_owned(),
        directory: home.to_owned(),
        system_root: PathBuf::from("/"),
        user: User { uid: 0, gid: 0, name: Some("somebody".into()), home: Some(home.to_owned()), shell: None },
        terminal: Terminal::default(),
        clock: Clock::System,
    }
}

/// A home with these files.
fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    home
}

/// Everything in a directory: path to contents (`None`: a directory).
fn tree(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(&next).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path.clone());
                found.insert(path, None);
            } else {
                found.insert(path.clone(), Some(std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found
}

/// Starts one kind in all modes; `None` for PowerShell where there is none: no archive that tests can reach has it.
async fn start(kind: ShellKind, home: &Path, limit: Duration) -> Option<Vec<FreshShell>> {
    let found = match kind {
        ShellKind::Nushell => Some(tools::nushell()),
        _ => kind.programs().iter().find_map(|name| which::which(name).ok()),
    };
    if found.is_none() && kind == ShellKind::PowerShell {
        return None;
    }
    let program = found.unwrap_or_else(|| panic!("{kind} is not installed; ./test.sh installs what the tests need"));
    Some(shells::fresh(&world(home), &[(kind, program)], &Mode::ALL, limit).await)
}

/// The value of a variable per mode; `-` where the shell reported and has none.
fn values<'a>(shells: &'a [FreshShell], name: &str) -> Vec<&'a str> {
    let value = |shell: &'a FreshShell| match &shell.outcome {
        ShellOutcome::Reported { environment, .. } => environment.get(name).unwrap_or("-"),
        ShellOutcome::NoSuchMode => "no such mode",
        ShellOutcome::EndedEarly { .. } => "ended early",
        ShellOutcome::TimedOut => "timed out",
        ShellOutcome::NotStarted(_) => "not started",
    };
    shells.iter().map(value).collect()
}

/// Each start-up file sets a variable of its own; which of them arrive says which files each mode reads.
async fn reads(kind: ShellKind, files: &[(&str, &str)], expected: &[(&str, [&str; 3])]) {
    let home = home(files);
    let before = tree(home.path());
    let Some(shells) = start(kind, home.path(), LIMIT).await else {
        return;
    };
    for (name, wanted) in expected {
        assert_eq!(values(&shells, name), wanted, "{kind}: {name}: {shells:#?}");
    }
    for shell in shells.iter().filter_map(FreshShell::environment) {
        assert_eq!(shell.get("AWS_REGION"), None, "{kind} saw the asking process");
        assert_eq!(shell.get("DISABLE_PROMPT_CACHING"), None);
        assert_eq!(shell.get("BEDROCKUP_PROBE_ID"), None);
        assert_eq!(shell.get("HOME"), home.path().to_str());
        assert_eq!(shell.get("LOGNAME"), Some("somebody"));
        assert_eq!(shell.get("HISTFILE"), None);
    }
    assert_eq!(tree(home.path()), before, "{kind} left something behind");
}

#[tokio::test]
async fn bash() {
    let files = [
        (".bashrc", "echo noise; export RC=1\nexport LINES_IN_IT='a\nb=c'\nPLAIN=1\n"),
        (".bash_profile", "printf more-noise; export PROFILE=2; export PROBED=$BEDROCKUP_PROBE\n"),
    ];
    let expected = [
        ("RC", ["1", "-", "-"]),
        ("PROFILE", ["-", "2", "2"]),
        ("LINES_IN_IT", ["a\nb=c", "-", "-"]),
        ("PLAIN", ["-", "-", "-"]),
        ("PROBED", ["-", "1", "1"]),
    ];
    reads(ShellKind::Bash, &files, &expected).await;
}

#[tokio::test]
async fn zsh() {
    let files = [
        (".zshenv", "export ENVFILE=1; export ZDOTDIR=$HOME/dots\n"),
        ("dots/.zshrc", "export RC=2; autoload -Uz compinit && compinit -u -d $HOME/.zcompdump\n"),
        ("dots/.zprofile", "export PROFILE=3\n"),
        ("dots/.zlogin", "export LOGIN=4\n"),
    ];
    let expected = [
        ("ENVFILE", ["1", "1", "1"]),
        ("RC", ["2", "2", "-"]),
        ("PROFILE", ["-", "3", "3"]),
        ("LOGIN", ["-", "4", "4"]),
    ];
    reads(ShellKind::Zsh, &files, &expected).await;
}

#[tokio::test]
async fn zsh_without_files_asks_nobody() {
    reads(ShellKind::Zsh, &[], &[("TERM", ["dumb", "dumb", "dumb"])]).await;
}

#[tokio::test]
async fn fish() {
    let files = [
        (".config/fish/config.fish", "set -gx RC 1; set -g PLAIN 1; status is-login; and set -gx LOGIN 1\n"),
        (".config/fish/conf.d/a.fish", "set -gx CONFD 2\n"),
    ];
    let expected = [
        ("RC", ["1", "1", "1"]),
        ("CONFD", ["2", "2", "2"]),
        ("LOGIN", ["-", "1", "1"]),
        ("PLAIN", ["-", "-", "-"]),
        ("fish_history", ["-", "-", "-"]),
    ];
    reads(ShellKind::Fish, &files, &expected).await;
}

#[tokio::test]
async fn posix_shells_read_profile_at_login() {
    for kind in [ShellKind::Sh, ShellKind::Ksh, ShellKind::Mksh] {
        reads(kind, &[(".profile", "export PROFILE=1\n")], &[("PROFILE", ["-", "1", "1"])]).await;
    }
}

#[tokio::test]
async fn ksh_mksh_and_yash_have_rc_files_of_their_own() {
    reads(ShellKind::Ksh, &[(".kshrc", "export RC=1\n")], &[("RC", ["1", "1", "-"])]).await;
    reads(ShellKind::Mksh, &[(".mkshrc", "export RC=1\n")], &[("RC", ["1", "1", "-"])]).await;
    let files = [(".yashrc", "export RC=1\n"), (".yash_profile", "export PROFILE=2\n")];
    reads(ShellKind::Yash, &files, &[("RC", ["1", "1", "-"]), ("PROFILE", ["-", "2", "2"])]).await;
}

#[tokio::test]
async fn c_shells() {
    let files =
        [(".cshrc", "setenv RC 1\nset PLAIN = 1\nif ($?prompt) setenv PROMPTED 1\n"), (".login", "setenv LOGIN 2\n")];
    for kind in [ShellKind::Tcsh, ShellKind::Csh] {
        let expected = [
            ("RC", ["1", "1", "no such mode"]),
            ("LOGIN", ["-", "2", "no such mode"]),
            ("PLAIN", ["-", "-", "no such mode"]),
        ];
        reads(kind, &files, &expected).await;
    }
}

#[tokio::test]
async fn nushell() {
    let files = [
        (".config/nushell/env.nu", "$env.ENVFILE = '1'\n"),
        (".config/nushell/config.nu", "$env.RC = '2'\nlet PLAIN = '1'\n"),
        (".config/nushell/login.nu", "$env.LOGIN = '3'\n"),
    ];
    let expected =
        [("ENVFILE", ["1", "1", "1"]), ("RC", ["2", "2", "2"]), ("LOGIN", ["-", "3", "3"]), ("PLAIN", ["-", "-", "-"])];
    reads(ShellKind::Nushell, &files, &expected).await;
    reads(ShellKind::Nushell, &[], &[("RC", ["-", "-", "-"])]).await;
}

#[tokio::test]
async fn elvish_has_one_mode() {
    let files = [(".config/elvish/rc.elv", "set-env RC 1\necho noise\n")];
    reads(ShellKind::Elvish, &files, &[("RC", ["1", "no such mode", "no such mode"])]).await;
    reads(ShellKind::Elvish, &[], &[("RC", ["-", "no such mode", "no such mode"])]).await;
}

#[tokio::test]
async fn xonsh() {
    let files = [(".config/xonsh/rc.xsh", "$RC = '1'\n"), (".xonshrc", "$HOMERC = '2'\n")];
    reads(ShellKind::Xonsh, &files, &[("HOMERC", ["2", "2", "2"])]).await;
    reads(ShellKind::Xonsh, &[], &[("RC", ["-", "-", "-"])]).await;
}

#[tokio::test]
async fn an_rc_file_that_exits_ends_early_and_says_what_it_said() {
    let home = home(&[(".bashrc", "echo why >&2; exit 3\n")]);
    let Some(shells) = start(ShellKind::Bash, home.path(), LIMIT).await else {
        return;
    };
    assert_eq!(shells[0].outcome, ShellOutcome::EndedEarly { status: Some(3), stderr: "why".into() });
    assert!(shells[1].environment().is_some(), "the other modes still answer");
}

/// A pipe that a start-up file opens with [`HOLD`], and all that it starts after that keeps open: it ends with the last of them.
struct Pipe(pipe::Receiver);

/// The line of a start-up file that opens the pipe.
const HOLD: &str = "exec 9> \"$HOME/alive\"; echo up >&9\n";

impl Pipe {
    fn of(home: &Path) -> Self {
        let path = home.join("alive");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success());
        Self(pipe::OpenOptions::new().open_receiver(&path).expect("a pipe to read"))
    }

    /// The start-up file has opened it.
    async fn is_held(&mut self) {
        self.0.readable().await.expect("the pipe can be waited for");
        self.0.read_exact(&mut [0; 3]).await.expect("the line of the start-up file");
    }

    /// Whether everything that held it ends; bounded, so that what still runs fails the test.
    async fn ends(mut self) -> bool {
        tokio::time::timeout(LIMIT, self.0.read_to_end(&mut Vec::new())).await.is_ok()
    }
}

#[tokio::test]
async fn a_shell_that_hangs_is_killed_with_all_it_started() {
    // One child in the background, one that leaves the session, and a shell that ignores polite signals.
    let rc = format!("{HOLD}trap '' TERM INT HUP; sleep 1000 & setsid sleep 1000 & sleep 1000\n");
    let home = home(&[(".bashrc", &rc)]);
    let mut pipe = Pipe::of(home.path());
    let Some(shells) = start(ShellKind::Bash, home.path(), Duration::from_millis(1500)).await else {
        return;
    };
    assert_eq!(shells[0].outcome, ShellOutcome::TimedOut);
    pipe.is_held().await;
    assert!(pipe.ends().await, "something still runs");
}

#[tokio::test]
async fn a_daemon_of_the_rc_file_does_not_outlive_a_good_answer() {
    let home = home(&[(".bashrc", &format!("{HOLD}setsid sleep 1000 >/dev/null 2>&1 & export RC=1\n"))]);
    let mut pipe = Pipe::of(home.path());
    let Some(shells) = start(ShellKind::Bash, home.path(), LIMIT).await else {
        return;
    };
    assert_eq!(values(&shells, "RC")[0], "1");
    pipe.is_held().await;
    assert!(pipe.ends().await);
}

#[tokio::test]
async fn giving_up_kills_the_shells() {
    let home = home(&[(".bashrc", &format!("{HOLD}sleep 1000\n"))]);
    let mut pipe = Pipe::of(home.path());
    tokio::select! {
        answer = start(ShellKind::Bash, home.path(), LIMIT) => assert!(answer.is_none(), "it cannot answer: {answer:?}"),
        () = pipe.is_held() => {}
    }
    assert!(pipe.ends().await);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_fact() {
    let home = home(&[]);
    let programs = [(ShellKind::Zsh, PathBuf::from("/no/such/zsh"))];
    let shells = shells::fresh(&world(home.path()), &programs, &[Mode::Interactive], LIMIT).await;
    assert!(
        matches!(&shells[0].outcome, ShellOutcome::NotStarted(reason) if reason.contains("no such file")),
        "{shells:?}"
    );
}
