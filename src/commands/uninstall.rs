//! `uninstall`: takes everything out again, byte for byte.

use super::{Outcome, refused};
use crate::change;
use crate::cli::UninstallArgs;
use crate::exit::Exit;
use crate::report::prompt::{Prompter, Stopped};
use crate::report::{self, Style};
use crate::world::World;
use crate::world::short;

/// Plans, shows, asks, and takes out.
pub fn run(world: &World, args: &UninstallArgs, style: Style) -> Outcome {
    let plan = match change::uninstall::plan(world) {
        Ok(plan) => plan,
        Err(refusal) => return refused(&refusal, args.json.then_some(report::uninstall::SCHEMA)),
    };
    // A killed setup, or blocks that were taken out by hand: what is remembered of them goes all the same.
    let only_state = plan.is_empty() && change::uninstall::has_state(world);
    let name = |path: &std::path::Path| short(path, &world.home);
    let said = |status: &'static str, diff_shown: bool| {
        let out = match args.json {
            true => report::json_text(&report::uninstall::json(&plan, status, name)),
            false => report::uninstall::text(&plan, status, diff_shown, name, style),
        };
        Outcome::well(out)
    };
    if plan.is_empty() && !only_state {
        return said("nothing-to-do", false);
    }
    if args.dry_run {
        return said("dry-run", false);
    }
    let asks = !args.yes && !args.json;
    // The state is our own; nobody needs to be asked about it.
    if asks && !only_state {
        if !(world.terminal.stdin && world.terminal.stderr) {
            let message =
                "standard input is no terminal, so nothing can be asked; add --yes, or --dry-run to look first.";
            return Outcome::failed(Exit::Usage, message);
        }
        let prompter = Prompter::new(style, style.colour());
        prompter.show(&report::setup::diff(&plan.diff(name), style));
        if !prompter.confirm("Take this out?", true).unwrap_or(false) {
            return Outcome::failed(Exit::Interrupted, Stopped.to_string());
        }
    } else if args.json && !args.yes {
        return Outcome::failed(
            Exit::Usage,
            "--json asks nothing; add --yes to take it out, or --dry-run to look first.",
        );
    }
    match change::apply(world, &plan) {
        Ok(_) => said("removed", asks && !only_state),
        Err(refusal) => refused(&refusal, args.json.then_some(report::uninstall::SCHEMA)),
    }
}
