//! All observers together: everything at once, each bounded, and none able to hide the others.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::{Instant, timeout};

use super::rc_files::BlockState;
use super::rc_files::RcState;
use super::settings::{Scope, SettingsFile};
use super::shells::{FreshShell, ShellOutcome};
use super::{
    Machine, ReceiptFacts, aws_files, client, directory_files, file, helpers, host, login_shell, rc_files, sessions,
    settings, shells, wrappers,
};
use crate::aws::answer::{Asked, CheckStatus};
use crate::shell::Mode;
use crate::variables;
use crate::world::{Env, World};

/// Files that take longer lie on a disk that does not answer.
const FILES: Duration = Duration::from_secs(3);

/// What may be started to find the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Start fresh shells of the login shell's kind.
    pub start_shells: bool,
    /// Start `claude --version` where the disk does not tell the version.
    pub start_client: bool,
    /// How long each started program may take: shells first, the client after them.
    pub limit: Duration,
}

/// The facts about this machine, seen from the world's directory.
///
/// An observer that crashes or does not end leaves its facts empty and says so in [`checks`].
pub async fn machine(world: &World, options: &Options) -> Machine {
    // Boxed and nameless: this future is deep and large, and those of callers would hold it.
    let gathered: Pin<Box<dyn Future<Output = Machine> + '_>> = Box::pin(gather(world, options));
    gathered.await
}

async fn gather(world: &World, options: &Options) -> Machine {
    let mut machine = Machine::empty(world.now(), &world.home, &world.directory);
    machine.environment = world.env.clone();
    machine.login_shell = login_shell(world);
    let login = machine.login_shell.as_ref().map(|shell| shell.kind);
    let directory = machine.directory.clone();

    let ((rc, rc_log), (found, settings_log), (receipt, receipt_log), fresh) = tokio::join!(
        from_files("rc-files", world, move |world| {
            let found = rc_files::observe(world, login, &shells::installed(world));
            (found, directory_files::observe(world, &directory))
        }),
        from_files("settings", world, |world| (settings::observe(world), settings::unread(world))),
        from_files("receipt", world, receipt),
        fresh_shells(world, &machine, options),
    );
    let (rc, beside) = rc.unwrap_or_default();
    (machine.rc_files, machine.guards) = (rc.files, rc.guards);
    (machine.moved, machine.directory_files) = (rc.moved, beside);
    (machine.settings, machine.unread_settings) = found.unwrap_or_default();
    machine.receipt = receipt.flatten();
    machine.log = vec![rc_log, settings_log, receipt_log];
    if let Some((shells, log)) = fresh {
        machine.shells = shells;
        machine.log.push(log);
    }

    machine.wrappers = wrappers::of_shell(world, &machine);
    give_settings(world, &mut machine.settings, &machine.wrappers).await;
    // Both need what was found before: where the files are said to be, and the search path of a new terminal.
    let environment = aws_environment(&machine);
    let (files, paths) = (machine.settings.clone(), search_paths(world, &machine));
    let rc_files = machine.rc_files.iter().map(|file| file.path.clone());
    let texts: Vec<PathBuf> = rc_files.chain(files.iter().map(|file| file.path.clone())).collect();
    let own = machine.rc_files.iter().filter(|file| Some(file.shell) == login);
    let start_up: Vec<PathBuf> = own.map(|file| file.path.clone()).collect();
    // Where only a first guess is wanted, what lies elsewhere is not waited for.
    let follows = login.filter(|_| !options.limit.is_zero());
    let ((aws, aws_log), (sourced, sourced_log), (helpers, helpers_log), (client, client_log)) = tokio::join!(
        from_files("aws-files", world, move |world| aws_files::observe(world, &environment)),
        from_files("sourced-files", world, move |world| {
            follows.map(|shell| rc_files::sourced(world, shell, &start_up)).unwrap_or_default()
        }),
        from_files("helpers", world, move |world| {
            let exposed = texts.into_iter().filter(|path| file::others_can_read(path)).collect::<Vec<_>>();
            (helpers::observe(world, &files, &paths), host::observe(world, &paths), exposed)
        }),
        from_client(world, &machine, options),
    );
    machine.aws = aws.unwrap_or_default();
    machine.sourced = sourced.unwrap_or_default();
    (machine.helpers, machine.host, machine.exposed) = helpers.unwrap_or_default();
    machine.client = client;
    let script = wrappers::of_script(machine.client.running());
    if machine.settings.iter().all(|file| file.scope != Scope::Flag) {
        give_settings(world, &mut machine.settings, script.as_slice()).await;
    }
    machine.wrappers.extend(script);
    machine.log.extend([aws_log, sourced_log, helpers_log, client_log]);
    machine
}

/// Puts in the settings that wrappers name on the command line. The file may lie on a disk that does not answer.
async fn give_settings(world: &World, files: &mut Vec<SettingsFile>, wrappers: &[wrappers::Wrapper]) {
    if wrappers.iter().all(|wrapper| wrapper.launch.settings.is_none()) {
        return;
    }
    let wrappers = wrappers.to_vec();
    let (given, _) = from_files("settings", world, move |world| wrappers::settings(world, &wrappers)).await;
    sessions::insert_flags(files, given.flatten().into_iter().collect());
}

/// What was looked at, for the list of checks.
pub fn checks(machine: &Machine) -> Vec<Asked> {
    machine.log.clone()
}

/// Runs an observer of files on a thread of its own, where a disk that does not answer holds up nobody.
pub(super) async fn from_files<T: Send + 'static>(
    name: &str,
    world: &World,
    observe: impl FnOnce(&World) -> T + Send + 'static,
) -> (Option<T>, Asked) {
    let started = Instant::now();
    let world = world.clone();
    let task = tokio::task::spawn_blocking(move || observe(&world));
    let (facts, status, reason) = match timeout(FILES, task).await {
        Ok(Ok(facts)) => (Some(facts), CheckStatus::Passed, None),
        Ok(Err(_)) => (None, CheckStatus::Crashed, Some("this is a defect of bedrockup".to_owned())),
        Err(_) => (None, CheckStatus::TimedOut, Some("the files could not be read in time".to_owned())),
    };
    (facts, asked(name, status, started, reason))
}

fn asked(name: &str, status: CheckStatus, started: Instant, reason: Option<String>) -> Asked {
    let milliseconds = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    Asked { name: name.to_owned(), status, milliseconds, reason }
}

/// Starts the login shell in all modes, if that is wanted and it is known.
async fn fresh_shells(world: &World, machine: &Machine, options: &Options) -> Option<(Vec<FreshShell>, Asked)> {
    let login = machine.login_shell.as_ref().filter(|_| options.start_shells && !options.limit.is_zero())?;
    let started = Instant::now();
    let programs = [(login.kind, login.program.clone())];
    let shells = shells::fresh(world, &programs, &Mode::ALL, options.limit);
    let Ok(shells) = AssertUnwindSafe(shells).catch_unwind().await else {
        let reason = Some("this is a defect of bedrockup".to_owned());
        return Some((Vec::new(), asked("fresh-shells", CheckStatus::Crashed, started, reason)));
    };
    let in_words = |shell: &FreshShell| {
        let what = match &shell.outcome {
            ShellOutcome::TimedOut => "did not end in time".to_owned(),
            ShellOutcome::EndedEarly { .. } => "ended before it was ready".to_owned(),
            ShellOutcome::NotStarted(reason) => format!("could not be started: {reason}"),
            ShellOutcome::Reported { .. } | ShellOutcome::NoSuchMode => return None,
        };
        Some(format!("{} {} {what}", shell.kind, shell.mode.name()))
    };
    let failed: Vec<String> = shells.iter().filter_map(in_words).collect();
    let status = match () {
        () if failed.is_empty() => CheckStatus::Passed,
        () if shells.iter().any(|shell| shell.outcome == ShellOutcome::TimedOut) => CheckStatus::TimedOut,
        () => CheckStatus::Failed,
    };
    let reason = (!failed.is_empty()).then(|| failed.join("; "));
    Some((shells, asked("fresh-shells", status, started, reason)))
}

/// The client: installs by the search path of a new terminal, then by ours; and its own answer about the route.
async fn from_client(world: &World, machine: &Machine, options: &Options) -> (client::Client, Asked) {
    let started = Instant::now();
    let fresh = new_terminal(machine);
    let paths: Vec<&str> = [fresh, Some(&world.env)].into_iter().flatten().filter_map(|env| env.get("PATH")).collect();
    let environment = client_environment(world, machine, fresh);
    let limit = if options.start_client { options.limit } else { Duration::ZERO };
    let first = wrappers::aliased(world, &machine.wrappers).filter(|program| program.exists());
    let looking = client::observe(world, first.as_deref(), &paths, &environment, limit);
    match AssertUnwindSafe(looking).catch_unwind().await {
        Ok(client) => (client, asked("client", CheckStatus::Passed, started, None)),
        Err(_) => {
            let reason = Some("this is a defect of bedrockup".to_owned());
            (client::Client::default(), asked("client", CheckStatus::Crashed, started, reason))
        }
    }
}

/// Asks the client itself which provider it would use here (`claude auth status`), and writes the answer into the facts.
pub async fn confirm(world: &World, machine: &mut Machine, limit: Duration) {
    let started = Instant::now();
    let environment = client_environment(world, machine, new_terminal(machine));
    let asking = client::auth_status(world, &machine.client, &environment, limit);
    let (answer, status, reason) = match AssertUnwindSafe(asking).catch_unwind().await {
        Ok(client::AuthStatus::Unknown(reason)) => {
            (client::AuthStatus::Unknown(reason.clone()), CheckStatus::Skipped, Some(reason))
        }
        Ok(answer) => (answer, CheckStatus::Passed, None),
        Err(_) => {
            let reason = "this is a defect of bedrockup".to_owned();
            (client::AuthStatus::Unknown(reason.clone()), CheckStatus::Crashed, Some(reason))
        }
    };
    machine.client.auth_status = Some(answer);
    machine.log.push(asked("auth-status", status, started, reason));
}

/// What a new terminal's shell reports: interactive, else login.
fn new_terminal(machine: &Machine) -> Option<&Env> {
    let reported = |mode| machine.shells.iter().find(|shell| shell.mode == mode)?.environment();
    reported(Mode::Interactive).or_else(|| reported(Mode::Login))
}

/// The environment in which the client is asked: a new terminal's, with what this process says about routing on top,
/// since the question is what happens here; a block for `claude` alone is on top of both.
fn client_environment(world: &World, machine: &Machine, fresh: Option<&Env>) -> Env {
    let mut environment = fresh.unwrap_or(&world.env).clone();
    for (name, value) in world.env.iter().filter(|(name, _)| rc_files::is_known(name)) {
        environment.set(name, value);
    }
    let login = machine.login_shell.as_ref().map(|shell| shell.kind);
    for file in machine.rc_files.iter().filter(|file| Some(file.shell) == login) {
        if let RcState::Read { block: BlockState::Whole { values, claude_only: true, .. }, .. } = &file.state {
            values.iter().for_each(|(name, value)| environment.set(name, value));
        }
    }
    environment
}

/// Where programs that the client starts are looked for: what settings files say, else a new terminal's and our own.
fn search_paths(world: &World, machine: &Machine) -> Vec<String> {
    if let Some(entry) = machine.settings.iter().find_map(|file| file.settings()?.env.get("PATH")) {
        return vec![entry.value.clone()];
    }
    let both = [new_terminal(machine), Some(&world.env)].into_iter().flatten();
    both.filter_map(|env| env.get("PATH").map(str::to_owned)).collect()
}

/// The environment that names the AWS files: this process's, else a new terminal's; settings beat both.
pub(super) fn aws_environment(machine: &Machine) -> Env {
    let mut environment = machine.environment.clone();
    let names = [
        variables::AWS_CONFIG_FILE,
        variables::AWS_CREDENTIALS_FILE,
        "AWS_LOGIN_CACHE_DIRECTORY",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ];
    for name in names {
        let in_settings = machine.settings.iter().find_map(|file| file.settings()?.env.get(name));
        let in_shell = || new_terminal(machine)?.get(name).filter(|_| machine.environment.get(name).is_none());
        if let Some(value) = in_settings.map(|entry| entry.value.as_str()).or_else(in_shell) {
            environment.set(name, value);
        }
    }
    environment
}

/// What the receipt of an earlier `setup` says.
fn receipt(world: &World) -> Option<ReceiptFacts> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Receipt {
        region: Option<String>,
        profile: Option<String>,
        written: Option<Timestamp>,
        files: Vec<Entry>,
        settings: Option<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        // Written as text where it is text.
        path: serde_json::Value,
    }
    let base = match world.env.non_empty("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(base) => base,
        None if cfg!(target_os = "macos") => world.home.join("Library/Application Support"),
        None => world.home.join(".local/state"),
    };
    let bytes = file::read(&base.join("bedrockup/receipt.json")).ok()??;
    let receipt: Receipt = serde_json::from_slice(&bytes).ok()?;
    let files = receipt.files.into_iter().chain(receipt.settings);
    let files: Vec<PathBuf> = files.filter_map(|entry| entry.path.as_str().map(PathBuf::from)).collect();
    // One that remembers repairs alone is no setup.
    let is_setup = !files.is_empty() || receipt.region.is_some() || receipt.profile.is_some();
    let Receipt { profile, region, written, .. } = receipt;
    is_setup.then_some(ReceiptFacts { files, profile, region, written })
}
