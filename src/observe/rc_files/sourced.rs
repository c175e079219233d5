//! Files that a start-up file reads, followed by the plain paths in its `source` and `.` lines.

use std::path::{Path, PathBuf};

use super::Sourced;
use super::assignments;
use super::lines::joined;
use super::words::{self, Word};
use crate::observe::file;
use crate::shell::{ShellKind, Syntax};
use crate::world::World;

/// How deep files that read files are followed.
const DEPTH: usize = 2;
/// How many files are looked at for one start-up file at most.
const MOST: usize = 24;
/// Larger files, in bytes, are not written by people.
const LARGEST: u64 = 1 << 17;

/// The files that this one reads, in order, each where it is read first.
pub fn of(world: &World, shell: ShellKind, path: &Path) -> Vec<Sourced> {
    let (mut found, mut looked) = (Vec::new(), 0);
    if matches!(shell.syntax(), Syntax::Posix | Syntax::Fish | Syntax::Csh) {
        let Some(text) = text(path) else { return found };
        for (line, target) in targets(world, shell, &text) {
            follow(world, shell, (path, line), target, DEPTH, (&mut found, &mut looked));
        }
    }
    found
}

fn follow(
    world: &World,
    shell: ShellKind,
    by: (&Path, usize),
    path: PathBuf,
    depth: usize,
    (found, looked): (&mut Vec<Sourced>, &mut usize),
) {
    if path == by.0 || *looked == MOST || found.iter().any(|known| known.path == path) {
        return;
    }
    *looked += 1;
    let is_small = path.metadata().is_ok_and(|facts| facts.is_file() && facts.len() <= LARGEST);
    let Some(text) = is_small.then(|| text(&path)).flatten() else { return };
    let lines: Vec<(usize, &str)> = text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
    let assignments = assignments::find(&lines, shell, false);
    found.push(Sourced { by: by.0.to_owned(), line: by.1, path, direct: depth == DEPTH, assignments });
    if depth > 1 {
        for (_, target) in targets(world, shell, &text) {
            follow(world, shell, by, target, depth - 1, (&mut *found, &mut *looked));
        }
    }
}

fn text(path: &Path) -> Option<String> {
    let bytes = file::read(path).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The plain paths that `source` and `.` lines name, each with its line.
fn targets(world: &World, shell: ShellKind, text: &str) -> Vec<(usize, PathBuf)> {
    let lines: Vec<(usize, &str)> = text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
    let of_line = |(line, text): (usize, String)| {
        let commands = words::commands(&text);
        let paths = commands.iter().filter_map(|command| target(world, command)).collect::<Vec<_>>();
        paths.into_iter().map(move |path| (line, path)).collect::<Vec<_>>()
    };
    joined(&lines, shell).into_iter().flat_map(of_line).collect()
}

/// `. PATH` and `source PATH`, also after `then`, `and` and the like.
fn target(world: &World, command: &[Word]) -> Option<PathBuf> {
    let starts = ["then", "do", "else", "and", "builtin", "{", "!"];
    let mut words = command.iter().skip_while(|word| starts.contains(&word.raw.as_str()));
    let first = words.next()?;
    // A one-line `if` of the C shell has its command at the end.
    let path = match first.raw.as_str() {
        "." | "source" => words.next()?,
        "if" => words.skip_while(|word| word.raw != "source").nth(1)?,
        _ => return None,
    };
    let plain = path.raw.replace(['"', '\''], "").replace("${HOME}", "~").replace("$HOME", "~");
    let path = world.expand(&plain);
    (path.is_absolute() && !plain.contains(['$', '`', '*', '?', '('])).then_some(path)
}
