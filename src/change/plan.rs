//! What is going to be changed, as a value that can be shown, declined, and applied.

use std::path::{Path, PathBuf};

use super::diff;
use super::fix::FixEntry;
use super::receipt::{FileEntry, SettingsEntry};
use crate::shell::Syntax;
use crate::shell::block::{self, Parsed, Separator};
use crate::shell::reach::{Readers, has_barrier};
use crate::shell::render::{Content, is_edited, render};

/// The change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, as its owner names it.
    pub path: PathBuf,
    /// Its bytes when the plan was made; `None`: there is no file.
    pub before: Option<Vec<u8>>,
    /// Its bytes afterwards; `None`: the file is removed.
    pub after: Option<Vec<u8>>,
    /// What happens, in a few words ("add the block").
    pub what: &'static str,
    /// Text of an edited block that this change throws away; a copy is kept.
    pub lost: Option<Vec<u8>>,
    /// The lines for pasting, should the file refuse.
    pub paste: Option<String>,
    /// A file that is created is readable by its owner alone.
    pub private: bool,
}

/// Everything that one run is going to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files, each at most once. None: there is nothing to do.
    pub edits: Vec<Edit>,
    /// What people should know (limits of a shell, other blocks), a sentence each.
    pub notes: Vec<String>,
    /// What the receipt will say.
    pub(super) receipt: ReceiptChange,
}

/// What changes in the receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReceiptChange {
    /// Entries to put, by path; `existed` and `directories` of an older entry win.
    pub files: Vec<FileEntry>,
    /// Entries to drop.
    pub dropped: Vec<PathBuf>,
    /// The settings entry to put.
    pub settings: Option<SettingsEntry>,
    /// The settings entry to drop.
    pub settings_dropped: Option<PathBuf>,
    /// Region and profile that were chosen.
    pub chosen: Option<(String, Option<String>)>,
    /// Repairs to add.
    pub fixes: Vec<FixEntry>,
    /// All repairs are taken back.
    pub fixes_dropped: bool,
    /// The state goes altogether.
    pub erase: bool,
}

impl Plan {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The change as a unified diff, values of secrets masked; `short` names a path for people.
    pub fn diff(&self, short: impl Fn(&Path) -> String) -> String {
        self.edits
            .iter()
            .map(|edit| diff::unified(&short(&edit.path), edit.before.as_deref(), edit.after.as_deref()))
            .collect()
    }

    /// Files whose edited block would be thrown away.
    pub fn losses(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(|edit| edit.lost.is_some())
    }
}

/// What writing a block into a file gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub bytes: Vec<u8>,
    pub what: &'static str,
    pub lost: Option<Vec<u8>>,
}

/// Puts a block into bytes: at the end, at the top where the end may not be reached, or where it stands already.
/// `Ok(None)`: it is there as wanted. `Err`: the markers are damaged.
pub(super) fn write_block(
    bytes: &[u8],
    content: &Content,
    syntax: Syntax,
    readers: Readers,
) -> Result<Option<Written>, Vec<block::Damage>> {
    let draw = |separator: Separator| render(content, syntax, separator);
    let place = |bytes: &[u8]| match has_barrier(bytes, syntax, readers) {
        true => block::prepend(bytes, draw),
        false => block::append(bytes, draw),
    };
    match block::parse(bytes) {
        Parsed::Damaged(damage) => Err(damage),
        Parsed::Absent => Ok(Some(Written { bytes: place(bytes), what: "add the block", lost: None })),
        Parsed::Whole(found) => {
            let present = &bytes[found.span.clone()];
            let lost = is_edited(present, syntax, found.separator).then(|| present.to_vec());
            let (after, what) = if has_barrier(&bytes[..found.span.start], syntax, readers) {
                (place(&block::remove(bytes, &found)), "move the block to where the shell reaches it")
            } else {
                (block::replace(bytes, &found, draw), "update the block")
            };
            let only_last_newline = after.strip_suffix(b"\n") == Some(bytes);
            Ok((after != bytes && !only_last_newline).then_some(Written { bytes: after, what, lost }))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(region: &str) -> Content {
        let values = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", region)];
        Content { values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), ..Content::default() }
    }

    fn write(bytes: &[u8], region: &str) -> Option<Written> {
        write_block(bytes, &content(region), Syntax::Posix, Readers::Everyone).unwrap()
    }

    fn remove(bytes: &[u8]) -> Vec<u8> {
        match block::parse(bytes) {
            Parsed::Whole(found) => block::remove(bytes, &found),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_second_run_has_nothing_to_do() {
        for bytes in [&b""[..], b"a", b"a\n", b"return\n", b"#!/bin/sh\nreturn\nx", b"a \\"] {
            let once = write(bytes, "us-east-1").unwrap().bytes;
            assert_eq!(write(&once, "us-east-1"), None, "{bytes:?}");
            let other = write(&once, "eu-west-1").unwrap();
            assert_eq!(other.lost, None);
            assert_eq!(remove(&other.bytes), bytes);
        }
    }

    #[test]
    fn the_block_goes_above_what_would_hide_it() {
        let written = write(b"[ -z \"$PS1\" ] && return\nalias a=b\n", "us-east-1").unwrap().bytes;
        assert!(written.starts_with(block::BEGIN.as_bytes()));
        let mut hidden = b"return\n".to_vec();
        hidden.extend(write(b"", "us-east-1").unwrap().bytes);
        let moved = write(&hidden, "us-east-1").unwrap();
        assert!(moved.bytes.ends_with(b"return\n"));
        assert_eq!(moved.lost, None);
    }

    #[test]
    fn an_edited_block_is_shown_as_a_loss() {
        let once = write(b"a\n", "us-east-1").unwrap().bytes;
        let edited = String::from_utf8(once).unwrap().replace("export AWS_REGION", "export MINE=1\nexport AWS_REGION");
        let again = write(edited.as_bytes(), "us-east-1").unwrap();
        assert!(String::from_utf8(again.lost.unwrap()).unwrap().contains("MINE=1"));
        assert_eq!(remove(&again.bytes), b"a\n");
    }

    proptest! {
        #[test]
        fn taking_out_what_was_put_in_gives_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(return|exit|a|\n|\r\n|\\\\| |'|\"|\\{|\\}){0,12}") {
            for bytes in [bytes, text.into_bytes()] {
                for syntax in Syntax::ALL {
                    let written = write_block(&bytes, &content("us-east-1"), syntax, Readers::Everyone).unwrap().unwrap();
                    prop_assert_eq!(remove(&written.bytes), bytes.clone());
                    prop_assert_eq!(write_block(&written.bytes, &content("us-east-1"), syntax, Readers::Everyone).unwrap(), None);
                }
            }
        }
    }
}
