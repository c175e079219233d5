//! `doctor`: looks at this machine, asks AWS everything at once, and says the first true cause.

mod fix;
mod sign_in;
mod transcripts;

use std::time::Duration;

use super::{Outcome, in_directory, running_session};
use crate::ask;
use crate::aws::answer::{Answers, Asked, CheckStatus};
use crate::aws::trust::Extra;
use crate::cli::DoctorArgs;
use crate::diagnose::{self, Case, Verdict, catalogue};
use crate::exit::Exit;
use crate::observe::rc_files::{BlockState, RcState};
use crate::observe::sessions::Session;
use crate::observe::{self, Machine};
use crate::report::doctor::DoctorReport;
use crate::report::progress::Watch;
use crate::report::{self, Style};
use crate::resolve::{self, Route};
use crate::world::World;

/// Looks, asks, and reports.
pub async fn run(world: &World, args: &DoctorArgs, style: Style) -> Outcome {
    if let Some(unknown) = args.only.iter().find(|name| catalogue::by_name(name).is_none()) {
        let message = format!("no finding is named `{}`; `bedrockup explain` lists them all.", report::tame(unknown));
        return Outcome::failed(Exit::Usage, message);
    }
    let session = match args.pid {
        None => None,
        Some(pid) => match running_session(world, pid).await {
            Ok(session) => Some(session),
            Err(outcome) => return outcome,
        },
    };
    if args.yes && !(args.fix || args.undo) {
        return Outcome::failed(Exit::Usage, "--yes belongs to --fix or --undo: doctor alone asks nothing.");
    }
    let there = match session.as_ref().map(|session| session.directory.clone()) {
        Some(directory) => World { directory: directory.unwrap_or_else(|| world.directory.clone()), ..world.clone() },
        None => match in_directory(world, args.directory.as_deref()) {
            Ok(world) => world,
            Err(outcome) => return outcome,
        },
    };
    match (args.fix, args.undo) {
        (true, _) => return Box::pin(fix::run(&there, args, style)).await,
        (_, true) => return fix::undo(&there, args, style),
        _ => {}
    }
    let watch = Watch::on_terminal(world, !args.json);
    let report = examine(&there, session.as_ref(), args, &watch).await;
    watch.finish();
    let exit = exit_of(report.verdict);
    let out = if args.json {
        report::json_text(&report::doctor::json(&report))
    } else {
        report::doctor::text(&report, style)
    };
    Outcome { out, messages: Vec::new(), exit }
}

/// The exit code of a verdict.
fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Healthy | Verdict::Degraded => Exit::Well,
        Verdict::Broken => Exit::Problem,
        Verdict::Unknown => Exit::CouldNotTell,
    }
}

/// Everything that doctor finds out, as one value.
pub async fn examine(world: &World, session: Option<&Session>, args: &DoctorArgs, watch: &Watch) -> DoctorReport {
    let asking = async {
        match session {
            Some(session) => facts_of_session(world, session, args, watch).await,
            None => facts(world, args, watch).await,
        }
    };
    // A running client may have been given a place of its own for its transcripts.
    let seen = session.filter(|session| session.environment.is_ok()).map(|session| session.world(world));
    let reading = transcripts::read(seen.as_ref().unwrap_or(world), shell_limit(args.timeout));
    let ((machine, route, answers), (proof, reading)) = tokio::join!(Box::pin(asking), reading);
    let models = match answers.profiles.got() {
        Some(profiles) => resolve::models::with_profiles(&route, &machine, profiles),
        None => route.models.clone(),
    };
    let case = Case { machine: &machine, route: &route, models: &models, answers: &answers, proof: &proof };
    let (mut findings, crashed) = diagnose::diagnose(&case);
    if !args.only.is_empty() {
        findings.retain(|finding| args.only.iter().any(|name| name == finding.name));
    }
    let verdict = diagnose::verdict(&case, &findings);
    let mut checks = observe::checks(&machine);
    checks.push(reading);
    checks.extend(answers.log.iter().cloned());
    checks.extend(crashed.into_iter().map(detection_crashed));
    let pid = session.map(|session| session.pid);
    DoctorReport { version: env!("CARGO_PKG_VERSION"), pid, machine, route, models, answers, verdict, findings, checks }
}

/// Looks at this machine and asks AWS, at the same time where that is possible.
async fn facts(world: &World, args: &DoctorArgs, watch: &Watch) -> (Machine, Route, Answers) {
    let limit = shell_limit(args.timeout);
    let files_only = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let everything = observe::Options { start_shells: true, start_client: true, limit };
    if args.offline {
        let (mut machine, around) = tokio::join!(observe::machine(world, &everything), observe::surroundings(world));
        machine.surround(around);
        observe::confirm(world, &mut machine, limit).await;
        let route = resolve::resolve(&machine);
        // Files of certificates lie on this machine.
        let answers = Answers { ca_files: Extra::read(&route.trust).files, ..Answers::not_asked("--offline") };
        return (machine, route, answers);
    }
    let options = ask::Options { timeout: args.timeout, probe: !args.no_probe };
    let note = |event| watch.note(event);
    let started = tokio::time::Instant::now();
    // The files alone nearly always tell the route. Fresh shells take their time in other people's rc files, so AWS is
    // asked meanwhile; where the shells change the route after all, it is asked again.
    let mut guess = observe::machine(world, &files_only).await;
    expect_block(&mut guess);
    let guessed = resolve::resolve(&guess);
    let (mut machine, around, mut answers) = tokio::join!(
        // The client's own word costs a third of a second, beside questions that take longer.
        async {
            let mut machine = observe::machine(world, &everything).await;
            let left = args.timeout.saturating_sub(started.elapsed()).max(Duration::from_secs(1));
            observe::confirm(world, &mut machine, limit.min(left)).await;
            machine
        },
        observe::surroundings(world),
        // On the heap: one future of everything would be too deep for the compiler.
        Box::pin(ask::ask(world, &guess, &guessed, options, &note)),
    );
    machine.surround(around);
    let route = resolve::resolve(&machine);
    if !asks_the_same(&route, &guessed) {
        let left = args.timeout.saturating_sub(started.elapsed()).max(Duration::from_secs(1));
        answers = Box::pin(ask::ask(world, &machine, &route, ask::Options { timeout: left, ..options }, &note)).await;
    }
    (machine, route, answers)
}

/// Asks AWS what a running session asks: its route is what it was started with, and no shell changes that any more. What
/// they report is what a new session would have.
async fn facts_of_session(
    world: &World,
    session: &Session,
    args: &DoctorArgs,
    watch: &Watch,
) -> (Machine, Route, Answers) {
    let limit = shell_limit(args.timeout);
    let files_only = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let everything = observe::Options { start_shells: true, start_client: false, limit };
    let own = session.machine(&observe::machine(world, &files_only).await);
    let route = resolve::resolve(&own);
    let seen = session.world(world);
    let options = ask::Options { timeout: args.timeout, probe: !args.no_probe };
    let note = |event| watch.note(event);
    let asking = async {
        if args.offline {
            return Answers::not_asked("--offline");
        }
        Box::pin(ask::ask(&seen, &own, &route, options, &note)).await
    };
    let (now, answers) = tokio::join!(observe::machine(world, &everything), asking);
    (session.machine(&now), route, answers)
}

/// Gives a machine whose shells were not asked what they will most likely report: the values of the login shell's block.
fn expect_block(machine: &mut Machine) {
    let login = machine.login_shell.as_ref().map(|shell| shell.kind);
    for file in machine.rc_files.iter().filter(|file| Some(file.shell) == login) {
        let RcState::Read { block: BlockState::Whole { values, claude_only: false, .. }, .. } = &file.state else {
            continue;
        };
        for (name, value) in values {
            if machine.environment.get(name).is_none() {
                machine.environment.set(name, value);
            }
        }
    }
}

/// Fresh shells get a part of the whole time, and never more than people would wait for a prompt.
fn shell_limit(timeout: Duration) -> Duration {
    timeout.mul_f64(0.5).min(Duration::from_secs(4))
}

/// Two routes lead to the same questions.
fn asks_the_same(one: &Route, other: &Route) -> bool {
    one.region.name == other.region.name
        && one.credentials == other.credentials
        && one.endpoints == other.endpoints
        && one.models == other.models
        && one.effective == other.effective
}

/// A detection that crashed: a defect of ours, reported beside everything else.
fn detection_crashed((name, said): (&'static str, String)) -> Asked {
    Asked { name: format!("finding:{name}"), status: CheckStatus::Crashed, milliseconds: 0, reason: Some(said) }
}
