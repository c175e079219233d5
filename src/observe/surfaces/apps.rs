//! Apps with an integration of the client that run now, and what they were started with.

use std::path::{Path, PathBuf};

use super::editors::{self, FAMILIES};
use super::processes;
use crate::observe::client::Bundled;
use crate::world::{Env, World};

/// A running app of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its name.
    pub name: &'static str,
    /// What shows that it has the client: the folder of an extension or plugin, or its own.
    pub integration: PathBuf,
    /// What each of its processes was started with, as far as it may matter. An editor that asks a shell at its start hands the
    /// answer to processes of its own, not to the first.
    pub environments: Vec<Env>,
}

/// Name of the client's plugin in JetBrains' folders.
const PLUGIN: &str = "claude-code";
/// Names of processes of JetBrains' IDEs.
const JETBRAINS: [&str; 13] = [
    "idea",
    "pycharm",
    "webstorm",
    "goland",
    "clion",
    "rider",
    "phpstorm",
    "rubymine",
    "rustrover",
    "datagrip",
    "dataspell",
    "studio",
    "aqua",
];

/// An app that has the client, and the names of its processes.
struct Candidate {
    name: &'static str,
    integration: PathBuf,
    /// Names of processes.
    processes: Vec<&'static str>,
    /// Folders in the home that stand in the command line of its part on remote machines.
    servers: Vec<&'static str>,
}

/// The apps that have an integration and run. Processes are looked at only where there is one.
pub fn observe(world: &World, bundled: &[Bundled]) -> Vec<App> {
    let candidates = candidates(world, bundled);
    if candidates.is_empty() {
        return Vec::new();
    }
    let is_of = |candidate: &Candidate, name: &str, arguments: &[String]| {
        let names = processes::names(name, arguments);
        let by_name = names.iter().any(|name| {
            // `idea64`, `pycharm.sh`, `Code Helper (Plugin)`.
            let name = name.to_ascii_lowercase();
            let stem = name.split(['.', ' ']).next().unwrap_or_default().trim_end_matches("64");
            candidate.processes.contains(&stem)
        });
        let in_server =
            |argument: &String| candidate.servers.iter().any(|server| argument.contains(&format!("/{server}/")));
        by_name || arguments.iter().take(2).any(in_server)
    };
    let any = |name: &str, arguments: &[String]| candidates.iter().any(|candidate| is_of(candidate, name, arguments));
    let running = processes::of_this_home(world, any);
    candidates
        .iter()
        .filter_map(|candidate| {
            let own = running.iter().filter(|process| is_of(candidate, &process.name, &process.arguments));
            let environments: Vec<Env> = own.map(|process| process.environment.clone()).collect();
            let app = App { name: candidate.name, integration: candidate.integration.clone(), environments };
            (!app.environments.is_empty()).then_some(app)
        })
        .collect()
}

fn candidates(world: &World, bundled: &[Bundled]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for family in &FAMILIES {
        let own = |bundled: &&Bundled| editors::of_folder(bundled.editor).is_some_and(|of| of.name == family.name);
        let Some(extension) = bundled.iter().find(own) else { continue };
        let servers = family.folders.iter().copied().filter(|folder| folder.contains("-server")).collect();
        let processes = family.processes.to_vec();
        found.push(Candidate { name: family.name, integration: extension.path.clone(), processes, servers });
    }
    if let Some(plugin) = jetbrains_plugin(world) {
        let processes = JETBRAINS.to_vec();
        found.push(Candidate { name: "JetBrains IDE", integration: plugin, processes, servers: Vec::new() });
    }
    let desktop = configuration(world).join("Claude/claude_desktop_config.json");
    if desktop.exists() {
        let processes = vec!["claude-desktop"];
        found.push(Candidate { name: "Claude desktop app", integration: desktop, processes, servers: Vec::new() });
    }
    found
}

/// The folder of the client's plugin in one of JetBrains' IDEs.
fn jetbrains_plugin(world: &World) -> Option<PathBuf> {
    let base = if cfg!(target_os = "macos") {
        world.home.join("Library/Application Support/JetBrains")
    } else {
        world
            .env
            .non_empty("XDG_DATA_HOME")
            .map_or_else(|| world.home.join(".local/share"), PathBuf::from)
            .join("JetBrains")
    };
    let products = entries(&base);
    // On Linux plugins lie in the product's folder itself, on macOS one level deeper.
    let folders = products.into_iter().flat_map(|product| [product.join("plugins"), product]);
    folders.flat_map(|folder| entries(&folder)).find(|plugin| {
        plugin
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.to_ascii_lowercase().starts_with(PLUGIN))
    })
}

fn configuration(world: &World) -> PathBuf {
    if cfg!(target_os = "macos") {
        world.home.join("Library/Application Support")
    } else {
        world.env.non_empty("XDG_CONFIG_HOME").map_or_else(|| world.home.join(".config"), PathBuf::from)
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

impl App {
    /// Some process of it has the variable.
    pub fn has(&self, name: &str) -> bool {
        self.environments.iter().any(|environment| environment.non_empty(name).is_some())
    }
}
