//! A world in a sandbox, and fresh shells in a copy of its home.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bedrockup::change::setup::{self, Wanted, Where};
use bedrockup::change::{self, Applied, Refusal, uninstall};
use bedrockup::shell::render::Scope;
use bedrockup::shell::{Mode, ShellKind};
use bedrockup::world::{Clock, Env, Terminal, User, World};

use crate::support::sandbox::{Node, Sandbox};
use crate::support::{process, tools};

/// How long one shell may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The world of a sandbox, with further environment variables.
pub fn world(sandbox: &Sandbox, env: &[(&str, &str)]) -> World {
    let mut variables: Env = env.iter().copied().collect();
    variables.set("HOME", sandbox.home().to_string_lossy());
    World {
        env: variables,
        home: sandbox.home(),
        directory: sandbox.home(),
        system_root: sandbox.home().join("no-system"),
        user: User {
            uid: nix::unistd::geteuid().as_raw(),
            gid: nix::unistd::getegid().as_raw(),
            name: None,
            home: Some(sandbox.home()),
            shell: None,
        },
        terminal: Terminal::default(),
        clock: Clock::System,
    }
}

/// `us-east-1` for some shells, nothing else.
pub fn wanted(shells: &[ShellKind]) -> Wanted {
    Wanted {
        region: "us-east-1".parse().expect("a region"),
        profile: None,
        pins: BTreeMap::new(),
        shells: shells.to_vec(),
        rc_file: None,
        target: Where::Rc,
        scope: Scope::Export,
    }
}

/// Runs a setup, and asserts that a second one finds nothing to do.
#[track_caller]
pub fn set_up(world: &World, wanted: &Wanted) -> Applied {
    let plan = setup::plan(world, wanted).unwrap_or_else(|refusal| panic!("refused: {refusal}"));
    let applied = change::apply(world, &plan).unwrap_or_else(|refusal| panic!("refused: {refusal}"));
    let again = setup::plan(world, wanted).unwrap_or_else(|refusal| panic!("refused again: {refusal}"));
    assert!(again.is_empty(), "the second run would change {}", again.diff(|path| path.display().to_string()));
    applied
}

/// Runs an uninstall.
pub fn uninstall(world: &World) -> Result<Applied, Refusal> {
    change::apply(world, &uninstall::plan(world)?)
}

/// Runs setup and uninstall, and asserts that the home is what it was.
#[track_caller]
pub fn there_and_back(sandbox: &Sandbox, world: &World, wanted: &Wanted) {
    let before = sandbox.tree();
    set_up(world, wanted);
    assert_ne!(sandbox.tree(), before, "setup changed nothing");
    uninstall(world).unwrap_or_else(|refusal| panic!("uninstall refused: {refusal}"));
    assert_trees(&before, &sandbox.tree());
}

/// Compares two homes, naming the first difference.
#[track_caller]
pub fn assert_trees(before: &BTreeMap<PathBuf, Node>, after: &BTreeMap<PathBuf, Node>) {
    for path in before.keys().chain(after.keys()) {
        assert_eq!(before.get(path), after.get(path), "{}", path.display());
    }
}

/// The files of a home that hold a block, relative to it.
pub fn blocks(sandbox: &Sandbox) -> Vec<String> {
    let holds = |node: &Node| matches!(node, Node::File(_, bytes) if String::from_utf8_lossy(bytes).contains(">>> bedrockup >>>"));
    let files = sandbox.tree().into_iter().filter(|(_, node)| holds(node));
    let names = files.map(|(path, _)| path.to_string_lossy().into_owned());
    names.filter(|path| !path.contains("state/bedrockup")).collect()
}

/// What runs a shell in a mode; the command it is to run is `command`.
pub fn shell(sandbox: &Sandbox, kind: ShellKind, mode: Mode, command: &str) -> Command {
    let path = sandbox.path_also_nu(kind);
    // A shell of its own session: an interactive one would otherwise take the terminal that the tests run in.
    let mut shell = sandbox.program("/usr/bin/setsid");
    shell.arg("--wait");
    let arguments: Vec<&str> = match (kind, mode) {
        (ShellKind::Tcsh | ShellKind::Csh, Mode::Interactive) => vec!["-i", "-c", command],
        (ShellKind::Tcsh | ShellKind::Csh, _) => vec!["-c", command],
        (ShellKind::Elvish, _) => vec!["-i"],
        (ShellKind::Nushell, Mode::Interactive) => vec!["-i", "-e", command],
        (ShellKind::Nushell, Mode::Login) => vec!["-l", "-i", "-e", command],
        (_, Mode::Interactive) => vec!["-i", "-c", command],
        (_, Mode::Login) => vec!["-l", "-i", "-c", command],
        (_, Mode::LoginCommand) => vec!["-l", "-c", command],
    };
    shell.arg(path).args(arguments);
    shell
}

impl Sandbox {
    fn path_also_nu(&self, kind: ShellKind) -> PathBuf {
        match kind {
            ShellKind::Nushell => tools::nushell(),
            ShellKind::Csh => "/usr/bin/bsd-csh".into(),
            _ => Path::new("/usr/bin").join(kind.programs()[0]),
        }
    }
}

/// The environment that a child of a fresh shell has. The shell runs in a copy of the home, since some leave files.
pub fn seen(sandbox: &Sandbox, env: &[(&str, &str)], kind: ShellKind, mode: Mode) -> BTreeMap<String, String> {
    let command = match kind {
        ShellKind::Nushell => "^/usr/bin/env -0; exit",
        _ => "/usr/bin/env -0",
    };
    let out = run_in_copy(sandbox, env, kind, mode, command);
    let pairs = out.split(|byte| *byte == 0).filter_map(|pair| {
        let text = String::from_utf8_lossy(pair);
        text.split_once('=').map(|(name, value)| (name.trim_start().to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// What a command prints in a fresh shell that runs in a copy of the home.
pub fn run_in_copy(sandbox: &Sandbox, env: &[(&str, &str)], kind: ShellKind, mode: Mode, command: &str) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a temporary directory");
    let copy = place.path().join("home");
    process::run(Command::new("/bin/cp").arg("-a").arg(sandbox.home()).arg(&copy), LIMIT).exits(0);
    let mut shell = shell(sandbox, kind, mode, command);
    shell.env("HOME", &copy).current_dir(&copy);
    let (old, new) = (sandbox.home().to_string_lossy().into_owned(), copy.to_string_lossy().into_owned());
    for (name, value) in env {
        shell.env(name, value.replace(&old, &new));
    }
    if kind == ShellKind::Elvish {
        let script = place.path().join("stdin");
        std::fs::write(&script, format!("{command}\n")).expect("a file in a temporary directory");
        shell.stdin(std::fs::File::open(&script).expect("a file that was just written"));
    }
    process::run(&mut shell, LIMIT).stdout
}
