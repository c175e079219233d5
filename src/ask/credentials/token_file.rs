//! The cache files of `aws sso login` and `aws login`: JSON objects that hold tokens and are renewed in place.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::not_there;
use crate::aws::answer::CredentialFailure;

/// Reads a cache file whole.
pub fn read(path: &Path) -> Result<Map<String, Value>, CredentialFailure> {
    let bytes = std::fs::read(path).map_err(|error| not_there(format!("{}: {error}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|_| not_there(format!("{} is not a JSON object", path.display())))
}

/// Writes a renewed token back, as the AWS tools do: the old one may not be accepted again, and losing it would sign the
/// user out. The file is replaced as a whole, stays private, and stays where a link to it points. A failure is nothing to
/// say: the token at hand works. It is the one file that this program writes outside of `change`.
pub fn renew(path: &Path, content: &Map<String, Value>) {
    let Ok(path) = path.canonicalize() else { return };
    let Some(directory) = path.parent() else { return };
    let written = tempfile::NamedTempFile::new_in(directory).and_then(|mut file| {
        file.write_all(serde_json::to_string(content)?.as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    if let Ok(file) = written {
        let _ = file.persist(path);
    }
}

/// A time in one of these files (old tools wrote `UTC` for `Z`).
pub fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.replace("UTC", "Z").parse().ok()
}
