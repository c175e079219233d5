//! `setup`: asks what it must, shows the change, writes it, sees that new shells have it, and runs doctor.

mod inputs;
mod models;
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
use crate::report::progress::Progress;
use crate::report::prompt::{Prompter, Stopped};
use crate::report::setup::{SetupReport, Status};
use crate::report::{self, Style};
use crate::resolve::regions;
use crate::shell::ShellKind;
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
        Ok(prepared) => carry_out(world, args, &prepared, prompter.as_ref(), style).await,
        Err(Ended::Stopped) => Outcome::failed(Exit::Interrupted, Stopped.to_string()),
        Err(Ended::Failed(exit, message)) => Outcome::failed(exit, message),
        Err(Ended::Refused(refusal)) => super::refused(&refusal),
    }
}

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
    let options = observe::Options { start_shells: false, ask_client: false, limit: Duration::ZERO };
    let machine = observe::machine(world, &options).await;
    let mut wizard = prompter.map(Wizard::new);
    let shells = shells(world, inputs, &machine, wizard.as_mut())?;
    let present = change::setup::present(world, &shells);
    let before = |name: &str| present.as_ref().and_then(|present| present.content.values.get(name).cloned());
    let profile = match (&inputs.profile, wizard.as_mut()) {
        (Some(profile), _) => Some(profile.clone()),
        (None, Some(wizard)) => {
            let names: Vec<_> = machine.aws.profiles.keys().cloned().collect();
            let default = before(variables::PROFILE).or_else(|| world.env.non_empty(variables::PROFILE).map(str::to_owned));
            let chosen = wizard.profile(&names, default.as_deref())?;
            chosen.map(|name| name.parse().map_err(|error| usage(format!("profile: {error}")))).transpose()?
        }
        (None, None) => before(variables::PROFILE).and_then(|name| name.parse().ok()),
    };
    let region = region(world, inputs, &machine, present.as_ref(), profile.as_ref(), wizard.as_mut())?;
    let values = [(variables::REGION, Some(region.as_str())), (variables::PROFILE, profile.as_ref().map(ProfileName::as_str))];
    let shared = warnings::other_tools(&machine, &values);
    let mut scope = inputs.scope;
    if let (Some(why), Some(wizard), ScopeArg::Export) = (shared.first(), wizard.as_mut(), scope) {
        scope = wizard.scope(why)?;
    }
    let pins = pins(world, inputs, &machine, present.as_ref(), &region, profile.as_ref(), wizard.as_mut()).await?;

    let mut warnings = if scope == ScopeArg::Export && inputs.target.writes_rc() { shared } else { Vec::new() };
    let wanted = Wanted { region, profile, pins, shells, rc_file: inputs.rc_file.clone(), target: inputs.target.into(), scope: scope.into() };
    warnings.extend(warnings::about(&machine, &wanted));
    let plan = change::setup::plan(world, &wanted)?;
    Ok(Prepared { wanted, plan, warnings })
}

fn usage(message: String) -> Ended {
    Ended::Failed(Exit::Usage, message)
}

/// The shells to write for: flag, then login shell, then a question.
fn shells(world: &World, inputs: &Inputs, machine: &Machine, wizard: Option<&mut Wizard<'_>>) -> Result<Vec<ShellKind>, Ended> {
    if !inputs.shells.is_empty() {
        return Ok(inputs.shells.clone());
    }
    if let Some(login) = &machine.login_shell {
        return Ok(vec![login.kind]);
    }
    let installed = observe::shells::installed(world);
    match wizard {
        Some(wizard) if !installed.is_empty() => Ok(vec![wizard.shell(&installed)?]),
        // A named file tells its language by its own name, or is read as sh.
        _ if inputs.rc_file.is_some() || !inputs.target.writes_rc() => Ok(Vec::new()),
        _ => {
            let names: Vec<_> = ShellKind::ALL.iter().map(|kind| kind.name()).collect();
            Err(usage(format!("your login shell is not one that I know; add --shell with one of {}.", names.join(", "))))
        }
    }
}

/// The region: flag, then the present block, then environment, then profile, then a question. Never a guess.
fn region(
    world: &World,
    inputs: &Inputs,
    machine: &Machine,
    present: Option<&Wanted>,
    profile: Option<&ProfileName>,
    wizard: Option<&mut Wizard<'_>>,
) -> Result<Region, Ended> {
    if let Some(region) = &inputs.region {
        return Ok(region.clone());
    }
    let of_profile = machine.aws.profiles.get(profile.map_or("default", ProfileName::as_str)).and_then(|profile| profile.get("region"));
    let found = [world.env.non_empty(variables::REGION), world.env.non_empty(variables::DEFAULT_REGION), of_profile]
        .into_iter()
        .flatten()
        .find_map(|value| value.trim().parse::<Region>().ok());
    let found = present.map(|wanted| wanted.region.clone()).or(found);
    match (wizard, found) {
        (Some(wizard), found) => {
            let default = found.as_ref().map_or(regions::CLIENT_DEFAULT, Region::as_str);
            let chosen = wizard.region(&regions::with_claude(), default)?;
            chosen.parse().map_err(|error| usage(format!("region: {error}")))
        }
        (None, Some(region)) => Ok(region),
        (None, None) => Err(usage("no region is set anywhere; add --region, such as --region us-east-1.".to_owned())),
    }
}

/// The model pins: by flag, by routing from the account's own list, or as they are.
async fn pins(
    world: &World,
    inputs: &Inputs,
    machine: &Machine,
    present: Option<&Wanted>,
    region: &Region,
    profile: Option<&ProfileName>,
    wizard: Option<&mut Wizard<'_>>,
) -> Result<BTreeMap<String, ModelId>, Ended> {
    if inputs.no_pins {
        return Ok(BTreeMap::new());
    }
    if !inputs.pins.is_empty() {
        return Ok(inputs.pins.iter().map(|(name, id)| ((*name).to_owned(), id.clone())).collect());
    }
    let kept = present.map(|wanted| wanted.pins.clone()).unwrap_or_default();
    if inputs.routing.is_none() && (wizard.is_none() || !kept.is_empty()) {
        return Ok(kept);
    }
    let listed = models::listed(world, machine, region, profile).await;
    let routing = match (inputs.routing, wizard, &listed) {
        (Some(routing), ..) => routing,
        (None, Some(wizard), Ok(listed)) => match wizard.routing(models::geography(listed, region).as_deref(), models::has_global(listed))? {
            Some(routing) => routing,
            None => return Ok(kept),
        },
        _ => return Ok(kept),
    };
    let listed = listed.map_err(|reason| {
        Ended::Failed(Exit::Problem, format!("the models cannot be pinned: {reason}. Nothing was written; leave out --routing, or name them with --pin."))
    })?;
    models::all_tiers(&listed, region, routing).map_err(|reason| Ended::Failed(Exit::Problem, format!("{reason} Nothing was written.")))
}

/// Shows, asks, writes, checks, and runs doctor.
async fn carry_out(world: &World, args: &SetupArgs, prepared: &Prepared, prompter: Option<&Prompter>, style: Style) -> Outcome {
    let Prepared { wanted, plan, warnings } = prepared;
    let mut report = SetupReport::new(world, wanted, plan, warnings);
    if args.dry_run {
        report.status = if plan.is_empty() { Status::NothingToDo } else { Status::DryRun };
        return said(&report, args, style, Exit::Well);
    }
    if let Some(prompter) = prompter {
        // The person sees what is going to happen, then says yes.
        prompter.show(&report::setup::proposal(&report, style));
        match plan.is_empty() || wizard_agrees(prompter, plan) {
            true => report.shown = true,
            false => return Outcome::failed(Exit::Interrupted, Stopped.to_string()),
        }
    }
    if plan.is_empty() {
        report.status = Status::NothingToDo;
    } else {
        match change::apply(world, plan) {
            Ok(applied) => report.applied(applied),
            Err(refusal) => return super::refused(&refusal),
        }
    }
    report.reached = reach(world, wanted).await;
    let exit = if report.reached.iter().any(observe::shells::Reach::failed) { Exit::Problem } else { Exit::Well };
    if !args.no_doctor {
        let progress = Progress::on_terminal(world, !args.json);
        let asked = DoctorArgs { timeout: Duration::from_secs(10), ..DoctorArgs::default() };
        report.doctor = Some(doctor::examine(world, &asked, &progress).await);
        progress.finish();
    }
    said(&report, args, style, exit)
}

fn wizard_agrees(prompter: &Prompter, plan: &Plan) -> bool {
    Wizard::new(prompter).write(plan.edits.len()).unwrap_or(false)
}

/// Starts fresh shells and sees whether they have the values.
async fn reach(world: &World, wanted: &Wanted) -> Vec<observe::shells::Reach> {
    todo_reach(world, wanted).await
}

fn said(report: &SetupReport, args: &SetupArgs, style: Style, exit: Exit) -> Outcome {
    let out = if args.json { report::json_text(&report::setup::json(report)) } else { report::setup::text(report, style) };
    Outcome { out, messages: Vec::new(), exit }
}
