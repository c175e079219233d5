//! `doctor --fix`: does what is local and reversible, after a diff and a yes, and looks again. And its way back.

use std::path::Path;

use super::{examine, exit_of, sign_in};
use crate::change;
use crate::change::fix::{LineChange, Repair, SettingsChange};
use crate::cli::DoctorArgs;
use crate::commands::{Outcome, refused};
use crate::diagnose::Finding;
use crate::exit::Exit;
use crate::report::doctor::DoctorReport;
use crate::report::fix::{FixReport, Fixed, Status};
use crate::report::progress::Watch;
use crate::report::prompt::{Prompter, Stopped};
use crate::report::{self, Style};
use crate::world::World;

/// Looks, shows what would be changed, asks once, changes it, and looks again.
pub async fn run(world: &World, args: &DoctorArgs, style: Style) -> Outcome {
    if let Err(outcome) = may_ask(world, args, "--fix") {
        return outcome;
    }
    let first = look(world, args).await;
    let mut repairs = repairs(&first);
    let plan = match change::fix::plan(world, &repairs.iter().map(|(_, repair)| repair.clone()).collect::<Vec<_>>()) {
        Ok(plan) => plan,
        Err(refusal) => return refused(&refusal, args.json.then_some(report::doctor::SCHEMA)),
    };
    let name = |path: &Path| world.short(path);
    let mut told = FixReport::new(&plan, name);
    let prompter = (!args.yes).then(|| Prompter::new(style, style.colour()));
    if let Some(prompter) = &prompter {
        prompter.show(&report::doctor::text(&first, style));
        prompter.show(&report::fix::proposal(&told, style));
        told.shown = true;
        let changes = plan.edits.len();
        let question =
            if changes == 1 { "Change this file?".to_owned() } else { format!("Change these {changes} files?") };
        let answer = if plan.is_empty() { Ok(true) } else { prompter.confirm(&question, true) };
        // Who wants no file changed may still want to sign in.
        match answer {
            Ok(true) => {}
            Ok(false) if sign_in::is_offered(&first.findings) => {
                told.status = Status::Declined;
                repairs.clear();
            }
            _ => return Outcome::failed(Exit::Interrupted, Stopped.to_string()),
        }
    }
    if !plan.is_empty() && told.status != Status::Declined {
        match change::apply(world, &plan) {
            Ok(applied) => (told.status, told.kept) = (Status::Applied, applied.kept),
            Err(refusal) => return refused(&refusal, args.json.then_some(report::doctor::SCHEMA)),
        }
    }
    let signed_in = match &prompter {
        Some(prompter) => sign_in::offer(world, &first.findings, prompter).await,
        None => Vec::new(),
    };
    if told.status == Status::Declined && signed_in.is_empty() {
        return Outcome::failed(Exit::Interrupted, Stopped.to_string());
    }
    if plan.is_empty() && signed_in.is_empty() {
        return said(told, first, args, style);
    }
    // What the files say now is what a new terminal has; this process still has what they said before.
    let mut again = world.clone();
    repairs.iter().for_each(|(_, repair)| forget(&mut again, repair));
    let second = look(&again, args).await;
    let mut names: Vec<&str> = repairs.iter().map(|(name, _)| *name).chain(signed_in).collect();
    names.dedup();
    told.findings = names
        .into_iter()
        .map(|name| {
            let left = second.findings.iter().find(|finding| finding.name == name);
            Fixed { name: name.to_owned(), gone: left.is_none() }
        })
        .collect();
    said(told, second, args, style)
}

/// Takes everything back that was repaired.
pub fn undo(world: &World, args: &DoctorArgs, style: Style) -> Outcome {
    if let Err(outcome) = may_ask(world, args, "--undo") {
        return outcome;
    }
    let schema = args.json.then_some(report::doctor::SCHEMA);
    let plan = match change::fix::undo(world) {
        Ok(plan) => plan,
        Err(refusal) => return refused(&refusal, schema),
    };
    let mut told = FixReport::new(&plan, |path| world.short(path));
    if !args.yes {
        let prompter = Prompter::new(style, style.colour());
        prompter.show(&report::fix::proposal(&told, style));
        told.shown = true;
        if !plan.is_empty() && !prompter.confirm("Take these repairs back?", true).unwrap_or(false) {
            return Outcome::failed(Exit::Interrupted, Stopped.to_string());
        }
    }
    // Also where no file is changed: what is remembered of them goes.
    match change::apply(world, &plan) {
        Ok(applied) if !applied.changed.is_empty() => told.status = Status::Undone,
        Ok(_) => {}
        Err(refusal) => return refused(&refusal, schema),
    }
    Outcome::well(if args.json {
        report::json_text(&report::fix::json(&told))
    } else {
        report::fix::text(&told, style)
    })
}

/// Nothing is asked where nobody can answer.
fn may_ask(world: &World, args: &DoctorArgs, flag: &str) -> Result<(), Outcome> {
    if args.yes || (!args.json && world.terminal.stdin && world.terminal.stderr) {
        return Ok(());
    }
    let why = if args.json { "--json asks nothing" } else { "standard input is no terminal, so nothing can be asked" };
    Err(Outcome::failed(Exit::Usage, format!("{why}; add --yes to {flag}, or leave {flag} out to look first.")))
}

async fn look(world: &World, args: &DoctorArgs) -> DoctorReport {
    let watch = Watch::on_terminal(world, !args.json);
    let report = Box::pin(examine(world, None, args, &watch)).await;
    watch.finish();
    report
}

/// The changes that the first fix of each finding leaves to the program. Of two that clash the first on the path is made;
/// the other is looked at again the next time.
fn repairs(report: &DoctorReport) -> Vec<(&'static str, Repair)> {
    let mut all: Vec<(&'static str, Repair)> = Vec::new();
    for Finding { name, fixes, .. } in &report.findings {
        for repair in fixes.first().into_iter().flat_map(|fix| &fix.repairs) {
            if !all.iter().any(|(_, known)| known.clashes(repair)) {
                all.push((name, repair.clone()));
            }
        }
    }
    all
}

/// Takes out of this process's environment what came from a line that is another one now.
fn forget(world: &mut World, repair: &Repair) {
    let names: Vec<String> = match repair {
        Repair::Line { seen, change, .. } => {
            let known = |word: &str| crate::observe::rc_files::is_known(word);
            let renamed = match change {
                LineChange::Word { to, .. } => Some(to.clone()),
                _ => None,
            };
            let words = seen.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            words.filter(|word| known(word)).map(str::to_owned).chain(renamed).collect()
        }
        Repair::CarriageReturns { .. } => {
            world.env.iter().filter(|(_, value)| value.contains('\r')).map(|(name, _)| name.to_owned()).collect()
        }
        Repair::Block(wanted) => {
            wanted.variables().into_iter().for_each(|(name, value)| world.env.set(name, value));
            Vec::new()
        }
        Repair::Settings { changes, .. } => {
            // The settings win over the environment in any case, but for a name that nothing reads.
            let from = |change: &SettingsChange| match change {
                SettingsChange::RenameEnv { from, .. } => Some(from.clone()),
                _ => None,
            };
            changes.iter().filter_map(from).collect()
        }
        Repair::Value { .. } => Vec::new(),
    };
    names.iter().for_each(|name| world.env.remove(name));
}

fn said(told: FixReport, report: DoctorReport, args: &DoctorArgs, style: Style) -> Outcome {
    let exit = exit_of(report.verdict);
    let out = if args.json {
        let mut document = report::doctor::json(&report);
        document["fix"] = report::fix::part(&told);
        report::json_text(&document)
    } else {
        format!("{}{}", report::fix::text(&told, style), report::doctor::text(&report, style))
    };
    Outcome { out, messages: Vec::new(), exit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Plan;
    use crate::world::{Clock, Env, Terminal, User};

    #[test]
    fn what_a_changed_line_gave_is_forgotten_and_all_else_stays() {
        let env: Env = [("AWS_PROFILE", "gone"), ("AWS_REGION", "us-east-1"), ("PATH", "/bin")].into_iter().collect();
        let mut world = World {
            env,
            home: "/home/ada".into(),
            directory: "/home/ada".into(),
            system_root: "/".into(),
            user: User { uid: 1, gid: 1, name: None, home: None, shell: None },
            terminal: Terminal::default(),
            clock: Clock::System,
        };
        let change = LineChange::CommentOut(crate::shell::Syntax::Posix);
        let seen = "export AWS_PROFILE=gone".to_owned();
        forget(&mut world, &Repair::Line { path: "/home/ada/.bashrc".into(), line: 1, seen, change });
        assert_eq!(world.env.get("AWS_PROFILE"), None);
        assert_eq!((world.env.get("AWS_REGION"), world.env.get("PATH")), (Some("us-east-1"), Some("/bin")));
    }

    #[test]
    fn a_plan_without_changes_is_nothing_to_do() {
        assert_eq!(FixReport::new(&Plan::default(), |_| String::new()).status, Status::NothingToDo);
    }
}
