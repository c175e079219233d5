//! `setup`: asks what it must, shows the change, writes it, sees that new shells have it, and runs doctor.

mod inputs;
pub(super) mod models;
mod reach;
mod warnings;
mod wizard;

use std::collections::BTreeMap;
use std::time::Duration;

use inputs::Inputs;
use wizard::Wizard;

use super::{Outcome, doctor};
use crate::change::setup::{PresentSetup, Wanted};
use crate::change::{self, Plan, Refusal};
use crate::cli::{DoctorArgs, ScopeArg, SetupArgs};
use crate::exit::Exit;
use crate::observe::{self, Machine};
use crate::report::progress::Watch;
use crate::report::prompt::{Prompter, Stopped};
use crate::report::setup::{Reached, ReachedStatus, SetupReport, Status};
use crate::report::{self, Style};
use crate::resolve::data::{self, Claude};
use crate::shell::render::Scope;
use crate::shell::{ShellKind, files};
use crate::value::{ModelId, ProfileName, Region};
use crate::variables;
use crate::world::World;

/// Sets this machine up.
pub async fn run(world: &World, args: &SetupArgs, style: Style) -> Outcome {
    let inputs = match inputs::read(args, world) {
        Ok(inputs) => inputs,
        Err(message) => return Outcome::failed(Exit::Usage, message),
    };
    let asks = !args.yes && !args.dry_run && !args.json;
    if asks && !(world.terminal.stdin && world.terminal.stderr) {
        return Outcome::failed(
            Exit::Usage,
            "standard input is no terminal, so nothing can be asked; add --yes (and --region), or --dry-run to look first.",
        );
    }
    if args.json && !args.yes && !args.dry_run {
        return Outcome::failed(Exit::Usage, "--json asks nothing; add --yes to write, or --dry-run to look first.");
    }
    let prompter = asks.then(|| Prompter::new(style, style.colour()));
    match prepare(world, &inputs, prompter.as_ref()).await {
        Ok(prepared) => carry_out(world, args, prepared, prompter.as_ref(), style).await,
        Err(Ended::Stopped) => Outcome::failed(Exit::Interrupted, Stopped.to_string()),
        Err(Ended::Failed(exit, message)) => Outcome::failed(exit, message),
        Err(Ended::Refused(refusal)) => super::refused(&refusal, args.json.then_some(report::setup::SCHEMA)),
    }
}

/// How long a fresh shell may take to start: longer, and people would have mended it.
const SHELL_LIMIT: Duration = Duration::from_secs(5);

/// What is going to be done.
struct Prepared {
    wanted: Wanted,
    plan: Plan,
    warnings: Vec<String>,
}

/// Why nothing is done.
enum Ended {
    Stopped,
    Failed(Exit, String),
    Refused(Refusal),
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Chooses the values (by flag, by what is there, by question) and plans the change.
async fn prepare(world: &World, inputs: &Inputs, prompter: Option<&Prompter>) -> Result<Prepared, Ended> {
    // Refused before any question: nobody should answer five and then hear no.
    change::guard(world)?;
    let options = observe::Options { start_shells: false, start_client: false, limit: Duration::ZERO };
    let machine = observe::machine(world, &options).await;
    let mut wizard = prompter.map(Wizard::new);
    let shells = shells(world, inputs, &machine, wizard.as_mut())?;
    let present = change::setup::present(world, &shells);
    let before = |name: &str| present.as_ref().and_then(|present| present.content.values.get(name).cloned());
    let profile = match (&inputs.profile, wizard.as_mut()) {
        (Some(profile), _) => Some(profile.clone()),
        (None, Some(wizard)) => {
            let names: Vec<_> = machine.aws.profiles.keys().cloned().collect();
            let default =
                before(variables::PROFILE).or_else(|| world.env.non_empty(variables::PROFILE).map(str::to_owned));
            let chosen = wizard.profile(&names, default.as_deref())?;
            chosen.map(|name| name.parse().map_err(|error| usage(format!("profile: {error}")))).transpose()?
        }
        (None, None) => before(variables::PROFILE).and_then(|name| name.parse().ok()),
    };
    let region = region(world, inputs, &machine, before(variables::REGION), profile.as_ref(), wizard.as_mut())?;
    let values =
        [(variables::REGION, Some(region.as_str())), (variables::PROFILE, profile.as_ref().map(ProfileName::as_str))];
    let shared = if inputs.writes_rc() { warnings::other_tools(&machine, &values) } else { Vec::new() };
    let mut scope = inputs.scope;
    if let (Some(why), Some(wizard), ScopeArg::Export) = (shared.first(), wizard.as_mut(), scope) {
        scope = wizard.scope(why)?;
    }
    let kept = present.as_ref().map(pins_of).unwrap_or_default();
    let pins = pins(world, inputs, &machine, kept, &region, profile.as_ref(), wizard.as_mut()).await?;
    let wanted = Wanted {
        region,
        profile,
        pins,
        shells,
        rc_file: inputs.rc_file.clone(),
        target: inputs.target.into(),
        scope: scope.into(),
    };
    let mut warnings = if wanted.scope == Scope::Export { shared } else { Vec::new() };
    warnings.extend(warnings::about(world, &machine, &wanted));
    let plan = change::setup::plan(world, &wanted)?;
    Ok(Prepared { wanted, plan, warnings })
}

/// The model pins of the present block.
fn pins_of(present: &PresentSetup) -> BTreeMap<&'static str, ModelId> {
    [variables::OPUS_MODEL, variables::SONNET_MODEL, variables::HAIKU_MODEL]
        .into_iter()
        .filter_map(|name| Some((name, present.content.values.get(name)?.parse().ok()?)))
        .collect()
}

fn usage(message: String) -> Ended {
    Ended::Failed(Exit::Usage, message)
}

/// The shells to write for: flag, the language that a named file tells, the login shell, then a question.
fn shells(
    world: &World,
    inputs: &Inputs,
    machine: &Machine,
    wizard: Option<&mut Wizard<'_>>,
) -> Result<Vec<ShellKind>, Ended> {
    if !inputs.shells.is_empty() {
        return Ok(inputs.shells.clone());
    }
    if let Some(kind) = inputs.rc_file.as_deref().and_then(files::kind_by_name) {
        return Ok(vec![kind]);
    }
    if let Some(login) = &machine.login_shell {
        return Ok(vec![login.kind]);
    }
    if !inputs.writes_rc() {
        return Ok(Vec::new());
    }
    let installed = observe::shells::installed(world);
    match wizard {
        Some(wizard) if !installed.is_empty() => Ok(vec![wizard.shell(&installed)?]),
        _ => {
            let names: Vec<_> = ShellKind::ALL.iter().map(|kind| kind.name()).collect();
            Err(usage(format!(
                "your login shell is not one that I know; add --shell with one of {}.",
                names.join(", ")
            )))
        }
    }
}

/// The region: flag, then the present block, then environment, then profile, then a question. Never a guess.
fn region(
    world: &World,
    inputs: &Inputs,
    machine: &Machine,
    before: Option<String>,
    profile: Option<&ProfileName>,
    wizard: Option<&mut Wizard<'_>>,
) -> Result<Region, Ended> {
    if let Some(region) = &inputs.region {
        return Ok(region.clone());
    }
    let of_profile = machine
        .aws
        .profiles
        .get(profile.map_or("default", ProfileName::as_str))
        .and_then(|profile| profile.get("region"));
    // What setup wrote before comes first: a second run in a terminal that was started earlier must change nothing.
    let found = [
        before.as_deref(),
        world.env.non_empty(variables::REGION),
        world.env.non_empty(variables::DEFAULT_REGION),
        of_profile,
    ];
    let found = found.into_iter().flatten().find_map(|value| value.trim().parse::<Region>().ok());
    match (wizard, found) {
        (Some(wizard), found) => {
            let default = found.as_ref().map_or(crate::resolve::CLIENT_DEFAULT_REGION, Region::as_str);
            let chosen = wizard.region(&regions_with_claude(), default)?;
            chosen.parse().map_err(|error| usage(format!("region: {error}")))
        }
        (None, Some(region)) => Ok(region),
        (None, None) => Err(usage("no region is set anywhere; add --region, such as --region us-east-1.".to_owned())),
    }
}

/// The regions to choose from, each with the geographies that it may keep requests in.
fn regions_with_claude() -> Vec<(String, String)> {
    let serves = data::regions().iter().filter(|region| region.claude == Claude::Yes);
    serves.map(|region| (region.name.clone(), region.profile_prefixes.join(", "))).collect()
}

/// The model pins: by flag, by routing from the account's own list, or as they are.
async fn pins(
    world: &World,
    inputs: &Inputs,
    machine: &Machine,
    kept: BTreeMap<&'static str, ModelId>,
    region: &Region,
    profile: Option<&ProfileName>,
    wizard: Option<&mut Wizard<'_>>,
) -> Result<BTreeMap<&'static str, ModelId>, Ended> {
    if inputs.no_pins {
        return Ok(BTreeMap::new());
    }
    if !inputs.pins.is_empty() {
        return Ok(inputs.pins.clone());
    }
    if inputs.routing.is_none() && (wizard.is_none() || !kept.is_empty()) {
        return Ok(kept);
    }
    let listed = models::listed(world, machine, region, profile).await;
    let routing = match (inputs.routing, wizard, &listed) {
        (Some(routing), ..) => routing,
        (None, Some(wizard), Ok(listed)) => {
            match wizard.routing(models::geography(listed).as_deref(), models::has_global(listed))? {
                Some(routing) => routing,
                None => return Ok(kept),
            }
        }
        _ => return Ok(kept),
    };
    let listed = listed.map_err(|reason| {
        Ended::Failed(Exit::Problem, format!("the models cannot be pinned: {reason}. Nothing was written; leave out --routing, or name them with --pin."))
    })?;
    models::all_tiers(&listed, routing)
        .map_err(|reason| Ended::Failed(Exit::Problem, format!("{reason} Nothing was written.")))
}

/// Shows, asks, writes, checks, and runs doctor.
async fn carry_out(
    world: &World,
    args: &SetupArgs,
    prepared: Prepared,
    prompter: Option<&Prompter>,
    style: Style,
) -> Outcome {
    let Prepared { wanted, plan, warnings } = prepared;
    let mut report = SetupReport::new(world, &wanted, &plan, warnings);
    if args.dry_run {
        return said(&report, args, style, Exit::Well);
    }
    if let Some(prompter) = prompter {
        // The person sees what is going to happen, then says yes.
        prompter.show(&report::setup::proposal(&report, style));
        report.shown = true;
        if !plan.is_empty() && !Wizard::new(prompter).write(plan.edits.len()).unwrap_or(false) {
            return Outcome::failed(Exit::Interrupted, Stopped.to_string());
        }
    }
    // Where somebody agreed to a diff, that diff is written or nothing; without one, another run may have been faster.
    let applied = match prompter {
        Some(_) => change::apply(world, &plan),
        None => change::setup::now(world, &wanted).map(|(_, applied)| applied),
    };
    match applied {
        Ok(applied) => {
            report.kept = applied.kept;
            report.status = if applied.changed.is_empty() { Status::NothingToDo } else { Status::Written };
        }
        Err(refusal) => return super::refused(&refusal, args.json.then_some(report::setup::SCHEMA)),
    }
    report.reached = reached(world, &wanted).await;
    let missed = report.reached.iter().any(|reached| reached.status == ReachedStatus::NotEffective);
    if !args.no_doctor {
        let watch = Watch::on_terminal(world, !args.json);
        // Doctor answers for a new terminal: that this one was started before is known, and said above.
        let mut world = world.clone();
        if report.reached.iter().any(|reached| reached.status == ReachedStatus::Effective) {
            wanted.variables().into_iter().for_each(|(name, value)| world.env.set(name, value));
        }
        report.doctor = Some(Box::pin(doctor::examine(&world, None, &DoctorArgs::default(), &watch)).await);
        watch.finish();
    }
    said(&report, args, style, if missed { Exit::Problem } else { Exit::Well })
}

/// Starts fresh shells and sees whether they have the values.
async fn reached(world: &World, wanted: &Wanted) -> Vec<Reached> {
    // A function around `claude` shows in no environment, and settings are read by the client alone.
    if wanted.target == change::setup::Where::Settings || wanted.scope == Scope::Claude {
        return Vec::new();
    }
    let mut reached = Vec::new();
    for kind in &wanted.shells {
        let shells = observe::shells::start(world, *kind, SHELL_LIMIT).await;
        reached.extend(reach::judge(world, &wanted.variables(), &shells));
    }
    reached
}

fn said(report: &SetupReport, args: &SetupArgs, style: Style, exit: Exit) -> Outcome {
    let out = match args.json {
        true => report::json_text(&report::setup::json(report)),
        false => report::setup::text(report, style),
    };
    Outcome { out, messages: Vec::new(), exit }
}
