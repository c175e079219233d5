//! Jobs of launchd that start the client. They are read wherever they lie: a home of macOS may be looked at elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::services::{Definition, Service, ServiceKind, entry, keep};
use crate::observe::file;
use crate::world::World;

/// The user's jobs, and those that an administrator gives to every user.
pub fn observe(world: &World) -> Vec<Service> {
    let folders = [world.home.join("Library/LaunchAgents"), world.system_root.join("Library/LaunchAgents")];
    let jobs = folders.iter().flat_map(|folder| entries(folder)).filter_map(|path| {
        let bytes = file::read(&path).ok()??;
        job(&path, &String::from_utf8_lossy(&bytes))
    });
    jobs.filter_map(|job| job.service(world)).collect()
}

/// The job in a property list of the text form; other forms are passed over.
fn job(path: &Path, text: &str) -> Option<Definition> {
    let array = after_key(text, "ProgramArguments").and_then(|rest| between(rest, "<array>", "</array>"));
    let program = after_key(text, "Program").and_then(|rest| between(rest, "<string>", "</string>"));
    let at = text.find("ProgramArguments").or_else(|| text.find("<key>Program<"))?;
    let words = match (array, program) {
        (Some(array), _) => strings(array),
        (None, Some(program)) => vec![plain(program)],
        (None, None) => return None,
    };
    let command = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let line = text[..at].matches('\n').count() + 1;
    let mut environment = BTreeMap::new();
    if let Some(dict) = after_key(text, "EnvironmentVariables").and_then(|rest| between(rest, "<dict>", "</dict>")) {
        let names = pieces(dict, "<key>", "</key>");
        environment.extend(names.iter().zip(strings(dict)).map(|(name, value)| entry(name, &value, line)));
    }
    keep(&mut environment);
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let kind = ServiceKind::Launchd;
    Some(Definition {
        kind,
        name,
        path: path.to_owned(),
        commands: vec![(line, command)],
        environment,
        reads_more: false,
    })
}

fn after_key<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(&format!("<key>{key}</key>")).map(|(_, rest)| rest)
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.split_once(open)?.1.split_once(close).map(|(inside, _)| inside)
}

fn strings(text: &str) -> Vec<String> {
    pieces(text, "<string>", "</string>")
}

fn pieces(text: &str, open: &str, close: &str) -> Vec<String> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inside, _)| plain(inside)).collect()
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "plist"));
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_with_arguments_and_an_environment() {
        let text = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\n<key>Label</key><string>board</string>\n\
                    <key>ProgramArguments</key>\n<array><string>/bin/sh</string><string>-c</string>\
                    <string>claude -p hi &amp;&amp; true</string></array>\n<key>EnvironmentVariables</key><dict>\
                    <key>AWS_REGION</key><string>us-east-1</string><key>EDITOR</key><string>vi</string></dict>\n</dict></plist>";
        let job = job(Path::new("/x/board.plist"), text).expect("a job");
        assert_eq!(job.commands, [(4, "'/bin/sh' '-c' 'claude -p hi && true'".to_owned())]);
        assert_eq!(job.environment.keys().collect::<Vec<_>>(), ["AWS_REGION"]);
        assert_eq!(job.name, "board");
    }
}
