//! The `bedrockup` program: parse, run one command, map its outcome to an exit code.
// The futures of `setup` hold those of `doctor`, which hold those of the AWS clients.
#![recursion_limit = "256"]

use std::process::ExitCode;

use bedrockup::cli::{Cli, Command};
use bedrockup::commands::{self, Outcome};
use bedrockup::exit::Exit;
use bedrockup::report::{self, Style};
use bedrockup::world::World;
use clap::{CommandFactory, Parser};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let Some(command) = cli.command else {
        return finish(&Outcome::well(format!("{}", Cli::command().render_help())));
    };
    let outcome = match World::real() {
        Ok(world) => run(command, &world),
        Err(error) => Outcome::failed(Exit::Usage, error.to_string()),
    };
    finish(&outcome)
}

/// Prints what a command has to say, and tells the exit code.
fn finish(outcome: &Outcome) -> ExitCode {
    let mut printed = Ok(());
    for message in &outcome.messages {
        printed = printed.and(report::complain(&format!("bedrockup: {message}")));
    }
    match printed.and(report::print(&outcome.out)) {
        Ok(()) => outcome.exit.into(),
        Err(_) => Exit::Problem.into(),
    }
}

fn run(command: Command, world: &World) -> Outcome {
    let style = Style::of(world);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::failed(Exit::Problem, format!("no runtime: {error}")),
    };
    let outcome = match command {
        Command::Setup(args) => runtime.block_on(or_interrupted(commands::setup::run(world, &args, style))),
        Command::Verify(args) => runtime.block_on(or_interrupted(commands::verify::run(world, &args, style))),
        Command::Usage(args) => runtime.block_on(or_interrupted(commands::usage::run(world, &args, style))),
        Command::Alerts(args) => runtime.block_on(or_interrupted(commands::alerts::run(world, &args))),
        Command::Models(args) => runtime.block_on(or_interrupted(commands::models::run(world, &args, style))),
        Command::Explain(args) => commands::explain::run(args.finding.as_deref(), args.json, style),
        Command::Iam(args) => runtime.block_on(or_interrupted(commands::iam::run(world, &args))),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { command } => commands::man::run(command.as_deref()),
        Command::Doctor(args) => runtime.block_on(or_interrupted(commands::doctor::run(world, &args, style))),
        Command::Why(args) => runtime.block_on(or_interrupted(commands::why::look(world, &args, style))),
        Command::Uninstall(args) => {
            runtime.block_on(or_interrupted(async { commands::uninstall::run(world, &args, style) }))
        }
    };
    // A resolver that hangs holds a thread of its own; waiting for it here would break every limit.
    runtime.shutdown_background();
    outcome
}

/// Runs a command that only looks, until it ends or Ctrl-C comes. Dropping it ends every program that it started and
/// takes its progress off the terminal, which dying of the signal would not.
async fn or_interrupted(command: impl Future<Output = Outcome>) -> Outcome {
    tokio::select! {
        outcome = command => outcome,
        Ok(()) = tokio::signal::ctrl_c() => Outcome::failed(Exit::Interrupted, "interrupted"),
    }
}
