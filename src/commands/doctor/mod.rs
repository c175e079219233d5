//! `doctor`: looks at this machine, asks AWS everything at once, and says the first true cause.

mod checks;

use std::time::Duration;

use super::Outcome;
use crate::ask;
use crate::aws::answer::Answers;
use crate::cli::DoctorArgs;
use crate::diagnose::{self, Case, Verdict, catalogue};
use crate::exit::Exit;
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
    let mut world = world.clone();
    if let Some(directory) = &args.directory {
        let directory = world.directory.join(directory);
        if !directory.is_dir() {
            return Outcome::failed(Exit::Usage, format!("{} is no directory.", directory.display()));
        }
        world.directory = directory;
    }
    let watch = Watch::on_terminal(&world, !args.json);
    let report = examine(&world, args, &watch).await;
    watch.finish();
    let exit = match report.verdict {
        Verdict::Healthy | Verdict::Degraded => Exit::Well,
        Verdict::Broken => Exit::Problem,
        Verdict::Unknown => Exit::CouldNotTell,
    };
    let out = if args.json {
        report::json_text(&report::doctor::json(&report))
    } else {
        report::doctor::text(&report, style)
    };
    Outcome { out, messages: Vec::new(), exit }
}

/// Everything that doctor finds out, as one value.
pub async fn examine(world: &World, args: &DoctorArgs, watch: &Watch) -> DoctorReport {
    let (machine, route, answers, took) = facts(world, args, watch).await;
    let models = match answers.profiles.got() {
        Some(profiles) => resolve::models::with_profiles(&route, &machine, profiles),
        None => route.models.clone(),
    };
    let case = Case { machine: &machine, route: &route, models: &models, answers: &answers };
    let (mut findings, crashed) = diagnose::diagnose(&case);
    if !args.only.is_empty() {
        findings.retain(|finding| args.only.iter().any(|name| name == finding.name));
    }
    let verdict = diagnose::verdict(&case, &findings);
    let mut checks = checks::local(&machine, took);
    checks.extend(answers.log.iter().cloned());
    checks.extend(crashed.into_iter().map(checks::crashed));
    DoctorReport { version: env!("CARGO_PKG_VERSION"), machine, route, models, answers, verdict, findings, checks }
}

/// Looks at this machine and asks AWS, at the same time where that is possible.
async fn facts(world: &World, args: &DoctorArgs, watch: &Watch) -> (Machine, Route, Answers, Duration) {
    let started = tokio::time::Instant::now();
    let files_only = observe::Options { start_shells: false, ask_client: false, limit: Duration::ZERO };
    let everything = observe::Options { start_shells: true, ask_client: true, limit: shell_limit(args.timeout) };
    if args.offline {
        let machine = observe::machine(world, &everything).await;
        let route = resolve::resolve(&machine);
        return (machine, route, Answers::not_asked("--offline"), started.elapsed());
    }
    let options = ask::Options { timeout: args.timeout, probe: !args.no_probe };
    let note = |event| watch.note(event);
    // The files alone nearly always tell the route. Fresh shells take their time in other people's rc files, so AWS is
    // asked meanwhile; where the shells change the route after all, it is asked again.
    let guess = observe::machine(world, &files_only).await;
    let guessed = resolve::resolve(&guess);
    let look = async {
        let machine = observe::machine(world, &everything).await;
        (machine, started.elapsed())
    };
    let ((machine, took), answers) = tokio::join!(look, ask::ask(world, &guess, &guessed, options, &note));
    let route = resolve::resolve(&machine);
    if asks_the_same(&route, &guessed) {
        return (machine, route, answers, took);
    }
    let left = args.timeout.saturating_sub(started.elapsed()).max(Duration::from_secs(1));
    let answers = ask::ask(world, &machine, &route, ask::Options { timeout: left, ..options }, &note).await;
    (machine, route, answers, took)
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
