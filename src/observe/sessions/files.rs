//! The files that apply to a session: settings, those of its command line among them, and what they make of the AWS files.

use std::path::PathBuf;

use super::arguments::Arguments;
use crate::observe::settings::{EnvEntry, Scope, Settings, SettingsFile, SettingsState, UnreadSettings};
use crate::observe::{Machine, aws_files, machine, settings};
use crate::variables;
use crate::world::World;

/// The settings files that the client reads in this world with these flags, and those that only look so. Without a
/// directory there are no project settings to be told.
pub fn settings(
    world: &World,
    flags: Option<&Arguments>,
    directory_known: bool,
) -> (Vec<SettingsFile>, Vec<UnreadSettings>) {
    let mut files = settings::observe(world);
    files.retain(|file| directory_known || !matches!(file.scope, Scope::Local | Scope::Project));
    if let Some(flags) = flags {
        let restricted = world.env.get("CLAUDE_CODE_RESTRICTED").is_some_and(variables::is_truthy);
        files.retain(|file| flags.reads(file.scope, restricted));
        insert_flags(&mut files, given(world, flags));
    }
    let unread = if directory_known { settings::unread(world) } else { Vec::new() };
    (files, unread)
}

/// Puts what the command line gives at its place: below managed settings, above all others.
pub fn insert_flags(files: &mut Vec<SettingsFile>, given: Vec<SettingsFile>) {
    let at = files.iter().position(|file| file.scope != Scope::Managed).unwrap_or(files.len());
    files.splice(at..at, given);
}

/// `--model`, which is as good as `ANTHROPIC_MODEL` and beats it, and `--settings`. What is no file is named by its flag.
fn given(world: &World, flags: &Arguments) -> Vec<SettingsFile> {
    let file = |path: PathBuf, state| SettingsFile { scope: Scope::Flag, path, state };
    let model = flags.model().map(|model| {
        let entry = EnvEntry { value: model.to_owned(), line: 1, is_string: true };
        let env = [(variables::MODEL.to_owned(), entry)].into();
        file(PathBuf::from("--model"), SettingsState::Read(Settings { env, ..Settings::default() }))
    });
    let settings = flags.settings().map(|given| {
        // As the client tells the two apart.
        let text = given.trim();
        if text.starts_with('{') && text.ends_with('}') {
            return file(PathBuf::from("--settings"), settings::inline(text));
        }
        let path = world.directory.join(given);
        file(path.clone(), settings::state_of(&path))
    });
    model.into_iter().chain(settings).collect()
}

/// The AWS files, where the environment and the settings of this world say they are.
pub fn aws(world: &World, settings: &[SettingsFile]) -> aws_files::AwsFiles {
    let mut seen = Machine::empty(world.now(), &world.home, &world.directory);
    seen.environment = world.env.clone();
    seen.settings = settings.to_vec();
    aws_files::observe(world, &machine::aws_environment(&seen))
}
