//! Files made beside their targets and renamed into place together.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::apply::Step;
use super::file::{self, Present};
use super::plan::Edit;
use super::{Refusal, state};
use crate::world::World;

/// Edits on their way to disk. Dropped before [`Staged::commit`] has succeeded, they leave no trace.
#[derive(Default)]
pub(super) struct Staged {
    files: Vec<StagedFile>,
    made: Vec<PathBuf>,
    done: bool,
}

struct StagedFile {
    edit: Edit,
    present: Present,
    /// Directories that have to be made for it, outermost first.
    missing: Vec<PathBuf>,
    /// The new file; `None`: not made yet, or the target is removed.
    temporary: Option<PathBuf>,
    committed: bool,
}

impl Staged {
    /// Compares every file with the plan and checks that it may be written. Writes nothing.
    pub fn check(world: &World, edits: &[Edit]) -> Result<Self, Refusal> {
        let mut files = Vec::new();
        for edit in edits {
            let present = file::look(&edit.path)?;
            if present.bytes == edit.after {
                continue; // Another run has done exactly this.
            }
            if present.bytes != edit.before {
                return Err(Refusal::Changed(edit.path.clone()));
            }
            if let Some(reason) = file::write_obstacle(&present, world) {
                return Err(Refusal::Target { path: edit.path.clone(), reason, paste: edit.paste.clone() });
            }
            let missing = match (&edit.after, present.real.parent()) {
                (Some(_), Some(directory)) => state::missing_directories(directory)?,
                _ => Vec::new(),
            };
            files.push(StagedFile { edit: edit.clone(), present, missing, temporary: None, committed: false });
        }
        Ok(Self { files, made: Vec::new(), done: false })
    }

    /// The bytes of a file before the change, if it is changed.
    pub fn before(&self, path: &Path) -> Option<&[u8]> {
        self.files.iter().find(|file| file.edit.path == path).and_then(|file| file.edit.before.as_deref())
    }

    /// Directories that are made for a file.
    pub fn missing(&self, path: &Path) -> &[PathBuf] {
        self.files.iter().find(|file| file.edit.path == path).map(|file| file.missing.as_slice()).unwrap_or_default()
    }

    /// Writes every new file whole beside its target.
    pub fn write(&mut self, observe: &mut dyn FnMut(Step<'_>) -> io::Result<()>) -> Result<(), Refusal> {
        for file in &mut self.files {
            let path = &file.edit.path;
            if let (Some(bytes), Some(directory)) = (&file.edit.after, file.present.real.parent()) {
                self.made.extend(state::make_directories(directory, 0o777)?);
                let made = write_beside(&file.present, bytes, file.edit.private);
                file.temporary = Some(made.map_err(|error| Refusal::io("write", path, error))?);
            }
            observe(Step::Staged(path)).map_err(|error| Refusal::io("write", path, error))?;
        }
        Ok(())
    }

    /// Renames all into place, or puts back those that were.
    pub fn commit(&mut self, observe: &mut dyn FnMut(Step<'_>) -> io::Result<()>) -> Result<(), Refusal> {
        for index in 0..self.files.len() {
            let file = &mut self.files[index];
            let path = file.edit.path.clone();
            let result = observe(Step::Replacing(&path))
                .and_then(|()| file.replace())
                .and_then(|()| observe(Step::Replaced(&path)));
            if let Err(error) = result {
                let committed = self.files[..=index].iter_mut().rev().filter(|file| file.committed);
                let failed = committed.filter_map(|file| file.restore().err()).next_back();
                return Err(match failed {
                    // The one case in which a file is not what it was: that is what has to be said.
                    Some((path, second)) => Refusal::io("put back", &path, second),
                    None => Refusal::io("write", &path, error),
                });
            }
        }
        self.done = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        for temporary in self.files.iter().filter_map(|file| file.temporary.as_ref()) {
            // Our own file beside the target; the next run removes it where this one cannot.
            let _ = fs::remove_file(temporary);
        }
        state::remove_empty(&self.made);
    }
}

impl StagedFile {
    fn replace(&mut self) -> io::Result<()> {
        match &self.temporary {
            Some(temporary) => fs::rename(temporary, &self.present.real)?,
            None => fs::remove_file(&self.present.real)?,
        }
        self.committed = true;
        sync_directory(&self.present.real)
    }

    /// Puts back what was there.
    fn restore(&mut self) -> Result<(), (PathBuf, io::Error)> {
        let restored = match &self.present.bytes {
            Some(bytes) => write_beside(&self.present, bytes, self.edit.private)
                .and_then(|temporary| fs::rename(temporary, &self.present.real)),
            None => fs::remove_file(&self.present.real),
        };
        restored.and_then(|()| sync_directory(&self.present.real)).map_err(|error| (self.edit.path.clone(), error))
    }
}

/// Writes bytes beside a target, with the target's mode and owner, and syncs them.
fn write_beside(present: &Present, bytes: &[u8], private: bool) -> io::Result<PathBuf> {
    let temporary = beside(&present.real);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mode = if present.metadata.is_some() || private { 0o600 } else { 0o666 };
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(bytes)?;
        if let Some(metadata) = &present.metadata {
            let made = file.metadata()?;
            if (made.uid(), made.gid()) != (metadata.uid(), metadata.gid()) {
                fchown(&file, Some(metadata.uid()), Some(metadata.gid()))?;
            }
            file.set_permissions(fs::Permissions::from_mode(metadata.mode() & 0o7777))?;
        }
        file.sync_all()
    };
    write().map(|()| temporary.clone()).inspect_err(|_| {
        // A part of a new file, written by us; its target was not touched.
        let _ = fs::remove_file(&temporary);
    })
}

/// Removes what a killed run left beside a file.
pub(super) fn sweep(path: &Path) {
    if let Ok(real) = file::resolve(path) {
        // Nearly always there is nothing; and what cannot be removed now is removed by a later run.
        let _ = fs::remove_file(beside(&real));
    }
}

fn beside(real: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(real.file_name().unwrap_or_default());
    name.push(".bedrockup-new");
    real.with_file_name(name)
}

fn sync_directory(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
