//! The files of `--evidence`: a document, and a page beside it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Outcome;
use crate::change::keep::{self, Kept};
use crate::exit::Exit;
use crate::report::{self, evidence, tame};
use crate::world::World;

/// Why the files cannot be written, before anything is asked.
pub fn refusal(world: &World, file: &Path) -> Option<Outcome> {
    let (document, page) = names(world, file);
    let problem =
        keep::problem(&document, evidence::is_document).or_else(|| keep::problem(&page, evidence::is_page))?;
    Some(Outcome::failed(Exit::Refused, format!("--evidence: {}", tame(&problem))))
}

/// Writes both; tells where they are, or why not.
pub fn write(world: &World, file: &Path, report: &Value, mask: bool) -> Result<String, String> {
    let (document_path, page_path) = names(world, file);
    let document = evidence::document(report, &world.now().to_string(), mask);
    let name = document_path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let page =
        evidence::html(&document, &name).map_err(|error| format!("--evidence: the page cannot be made: {error}"))?;
    let text = report::json_text(&document);
    for (path, bytes, ours) in [
        (&document_path, text.as_bytes(), evidence::is_document as Kept),
        (&page_path, page.as_bytes(), evidence::is_page as Kept),
    ] {
        keep::write(path, bytes, ours).map_err(|problem| format!("--evidence: {}", tame(&problem)))?;
    }
    Ok(tame(&format!("evidence in {} and {}", world.short(&document_path), world.short(&page_path))))
}

/// The document and the page: `proof.json` and `proof.html`, also where the page is the one that was named.
fn names(world: &World, file: &Path) -> (PathBuf, PathBuf) {
    let file = world.directory.join(file);
    if file.extension().is_some_and(|end| end.eq_ignore_ascii_case("html")) {
        (file.with_extension("json"), file)
    } else {
        let page = file.with_extension("html");
        (file, page)
    }
}
