//! What a repair changed, kept small: enough to put the old lines back, and no secret.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;
use std::path::PathBuf;

use crate::change::diff;
use crate::change::receipt::{Bytes, path, paths};

/// One file that was repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FixEntry {
    /// The file, as its owner names it.
    #[serde(with = "path")]
    pub path: PathBuf,
    /// It was there before.
    pub existed: bool,
    /// Directories made for it, outermost first.
    #[serde(with = "paths")]
    pub directories: Vec<PathBuf>,
    /// Name of the pristine copy; none where the file was absent or holds a secret.
    pub pristine: Option<String>,
    /// Digest of the file before the repair.
    pub before: String,
    /// Digest of the file after it.
    pub after: String,
    /// What was changed, from the top down.
    pub hunks: Vec<Hunk>,
}

/// Lines that took the place of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hunk {
    /// The first of the new lines, counted from 1.
    pub line: usize,
    /// Digest of the line above it; none at the top of the file.
    pub above: Option<String>,
    /// Digests of the new lines.
    pub now: Vec<String>,
    /// The lines that stood there before.
    pub was: Vec<Was>,
}

/// A line as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Was {
    /// The line itself.
    Line(Bytes),
    /// A new line of the hunk with these pieces put back, from the left to the right.
    Like {
        /// Which of the new lines.
        of: usize,
        /// The pieces.
        pieces: Vec<Piece>,
    },
}

/// A piece of a line that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it stood, in bytes of the new line.
    pub at: usize,
    /// How many bytes of the new line took its place.
    pub length: usize,
    /// What stood there.
    pub was: Bytes,
}

/// The way back would have to keep a secret.
#[derive(Debug)]
pub struct HoldsSecret;

/// The digest of bytes, in hex.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of bytes, with their ends.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// What stands between two versions of a file.
pub fn between(before: &[u8], after: &[u8]) -> Result<Vec<Hunk>, HoldsSecret> {
    let (old, new) = (lines(before), lines(after));
    let mut hunks = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (was, now) = (op.old_range(), op.new_range());
        if was.len() == now.len() {
            // Line by line, so that each can be taken back for itself.
            for (was, now) in was.zip(now) {
                let pieces = pieces(old[was], new[now])?;
                hunks.push(hunk(&new, now..now + 1, vec![Was::Like { of: 0, pieces }]));
            }
            continue;
        }
        let line = |line: &&[u8]| match diff::holds_secret(line) {
            true => Err(HoldsSecret),
            false => Ok(Was::Line(Bytes::from(*line))),
        };
        let was = old[was].iter().map(line).collect::<Result<_, _>>()?;
        hunks.push(hunk(&new, now, was));
    }
    Ok(hunks)
}

fn hunk(new: &[&[u8]], now: Range<usize>, was: Vec<Was>) -> Hunk {
    let above = now.start.checked_sub(1).map(|above| digest(new[above]));
    Hunk { line: now.start + 1, above, now: new[now].iter().map(|line| digest(line)).collect(), was }
}

/// What has to be put back into a new line to have the old one.
fn pieces(old: &[u8], new: &[u8]) -> Result<Vec<Piece>, HoldsSecret> {
    let secret = diff::holds_secret(old);
    let ops =
        capture_diff_slices(Algorithm::Myers, old, new).into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    ops.map(|op| {
        let was = &old[op.old_range()];
        // Quotes and blanks around a secret are none.
        if secret && was.iter().any(u8::is_ascii_alphanumeric) {
            return Err(HoldsSecret);
        }
        Ok(Piece { at: op.new_range().start, length: op.new_range().len(), was: Bytes::from(was) })
    })
    .collect()
}

impl Hunk {
    /// Takes the hunk back in the lines of a file. Where the file is untouched it stands at its number; else it is looked for.
    /// False where it does not stand there any more.
    pub fn undo(&self, lines: &mut Vec<Vec<u8>>, untouched: bool) -> bool {
        let stands = |at: usize| {
            let above = at.checked_sub(1).and_then(|above| lines.get(above)).map(|line| digest(line));
            let all = self
                .now
                .iter()
                .enumerate()
                .all(|(offset, now)| lines.get(at + offset).is_some_and(|line| digest(line) == *now));
            // Lines that are gone are known by the one above them.
            all && (!self.now.is_empty() || above == self.above)
        };
        let expected = self.line.saturating_sub(1);
        let at = match untouched {
            true => Some(expected).filter(|at| stands(*at)),
            false => (0..=lines.len()).filter(|at| stands(*at)).min_by_key(|at| at.abs_diff(expected)),
        };
        let Some(at) = at else { return false };
        let was: Option<Vec<Vec<u8>>> = self.was.iter().map(|was| was.line(&lines[at..at + self.now.len()])).collect();
        let Some(was) = was else { return false };
        lines.splice(at..at + self.now.len(), was);
        true
    }
}

impl Was {
    fn line(&self, now: &[Vec<u8>]) -> Option<Vec<u8>> {
        match self {
            Self::Line(bytes) => Some(bytes.to_vec()),
            Self::Like { of, pieces } => {
                let mut line = now.get(*of)?.clone();
                for piece in pieces.iter().rev() {
                    let end = piece.at.checked_add(piece.length).filter(|end| *end <= line.len())?;
                    line.splice(piece.at..end, piece.was.to_vec());
                }
                Some(line)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn undo(hunks: &[Hunk], after: &[u8], untouched: bool) -> Option<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = lines(after).into_iter().map(<[u8]>::to_vec).collect();
        hunks.iter().rev().all(|hunk| hunk.undo(&mut all, untouched)).then(|| all.concat())
    }

    proptest! {
        #[test]
        fn every_change_can_be_taken_back(before in "(a|b|c|\n|\r\n|x=1\n){0,12}", after in "(a|b|c|\n|\r\n|x=1\n){0,12}") {
            let hunks = between(before.as_bytes(), after.as_bytes()).expect("no secret");
            prop_assert_eq!(undo(&hunks, after.as_bytes(), true), Some(before.clone().into_bytes()));
        }
    }

    #[test]
    fn beside_other_changes_the_lines_are_found() {
        let hunks = between(b"a\nA=1\nb\n", b"a\nexport A=1\nb\n").expect("no secret");
        let later = b"new\nlines\na\nexport A=1\nB\n";
        assert_eq!(undo(&hunks, later, false).as_deref(), Some(&b"new\nlines\na\nA=1\nB\n"[..]));
        assert_eq!(undo(&hunks, b"a\nexport A=2\nb\n", false), None);
    }

    #[test]
    fn lines_that_went_come_back_below_the_line_that_stood_above() {
        let hunks = between(b"{\n  \"a\": 1,\n  \"b\": 2\n}\n", b"{\n  \"b\": 2\n}\n").expect("no secret");
        assert_eq!(
            undo(&hunks, b"{\n  \"b\": 3\n}\n", false).as_deref(),
            Some(&b"{\n  \"a\": 1,\n  \"b\": 3\n}\n"[..])
        );
    }

    #[test]
    fn no_secret_is_kept() {
        let line = b"AWS_SECRET_ACCESS_KEY=wJalrXUt\n";
        let hunks = between(line, b"export AWS_SECRET_ACCESS_KEY=wJalrXUt\n").expect("only the word is new");
        assert!(!serde_json::to_string(&hunks).expect("JSON").contains("wJal"));
        let quoted = between(b"aws_secret_access_key = \"wJalrXUt\"\n", b"aws_secret_access_key = wJalrXUt\n");
        assert!(!serde_json::to_string(&quoted.expect("only quotes went")).expect("JSON").contains("wJal"));
        assert!(between(line, b"\n").is_err());
        assert!(between(line, b"").is_err());
    }
}
