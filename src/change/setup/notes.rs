//! What people should know before they say yes.

use std::path::Path;

use crate::change::file;
use crate::world::World;

/// An alias named `claude` comes before the function: said, since only its owner can know what it is for.
pub fn alias_note(world: &World, path: &Path) -> Option<String> {
    let bytes = file::scan(path).ok()??.bytes?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().position(|line| {
        let rest = line.trim_start().strip_prefix("alias claude");
        rest.is_some_and(|rest| rest.starts_with(['=', ' ']) && !rest.contains("$bedrockup_claude"))
    })?;
    Some(format!(
        "{}:{} defines an alias `claude`, which comes before the function: it must run `claude` by that name, or go",
        world.short(path),
        line + 1
    ))
}

/// A file that the user wants made, and that will keep the shell from one that it reads now.
pub fn hidden_note(world: &World, path: &Path) -> Option<String> {
    let hides: &[&str] = match path.file_name()?.to_str()? {
        ".bash_profile" => &[".bash_login", ".profile"],
        ".bash_login" => &[".profile"],
        ".tcshrc" => &[".cshrc"],
        _ => return None,
    };
    let hidden = hides.iter().map(|name| path.with_file_name(name)).find(|hidden| hidden.exists())?;
    (!path.exists()).then(|| format!("{} is new, and hides {} from the shell", world.short(path), world.short(&hidden)))
}
