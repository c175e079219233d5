//! `claude-missing`: there is no `claude` to run.

use crate::diagnose::{Case, Fix, Found, Kind, Layer, Severity, hand, local, words};

/// There is no `claude` to run.
pub const KIND: Kind = Kind {
    name: "claude-missing",
    layer: Layer::Client,
    severity: Severity::Error,
    title: "There is no `claude` to run",
    page: PAGE,
    owns: &[],
    detect,
};

const PAGE: &str = "\
## What you see

`command not found: claude`, `claude: command not found`, `The term 'claude' is not recognized`.

## Why

No program of that name is on the `PATH` of a new terminal, nor in the places where its installers put it.

## Fix

    curl -fsSL https://claude.ai/install.sh | bash

## Check

Open a new terminal: `claude --version`.
";

fn detect(case: &Case<'_>) -> Vec<Found> {
    let client = &case.machine.client;
    if client.running().is_some() {
        return Vec::new();
    }
    let installer = Fix::command(
        "Install Claude Code with its own installer, then open a new terminal.",
        "curl -fsSL https://claude.ai/install.sh | bash",
    );
    if let Some(off_path) = client.installs.iter().find(|install| install.version.is_ok()) {
        let place = words::short(case, &off_path.path);
        let mut found = Found::new(format!("No `claude` is on the PATH of a new terminal; one is at {place}."))
            // An editor or an alias may start it by its path.
            .severity(Severity::Warning)
            .evidence("PATH", "no `claude` on it")
            .evidence(place, "a `claude` that is not on the PATH");
        if let Some(folder) = off_path.path.parent() {
            let text =
                format!("Put {} on the PATH, in the start-up file of your shell too.", words::short(case, folder));
            found = found.fix(Fix::command(text, add_to_path(case, folder)));
        }
        return vec![found];
    }
    if !client.installs.is_empty() {
        return Vec::new();
    }
    if let Some(bundled) = client.bundled.first() {
        // The panel of the editor needs no other one.
        let found = Found::new("No `claude` is on the PATH of a new terminal; an editor brings one of its own.")
            .severity(Severity::Note)
            .evidence(words::short(case, &bundled.path), format!("version {}", bundled.version));
        return vec![found.fix(installer)];
    }
    let mut found = Found::new("No `claude` is on the PATH of a new terminal, nor in the usual places.")
        .evidence("PATH", "no `claude` on it");
    for trace in &client.traces {
        found = found.evidence(words::short(case, trace), "a sign that Claude Code was used or meant here");
    }
    if let Some(block) = local::blocks(case).first() {
        found = found.evidence(words::short(case, &block.file.path), "a block that routes it");
    }
    vec![found.fix(installer)]
}

/// The command that puts a folder first on the `PATH` of this terminal.
fn add_to_path(case: &Case<'_>, folder: &std::path::Path) -> String {
    use crate::shell::ShellKind;
    let folder = hand::path(case, folder);
    match case.machine.login_shell.as_ref().map(|shell| shell.kind) {
        Some(ShellKind::Fish) => format!("fish_add_path {folder}"),
        Some(ShellKind::Tcsh | ShellKind::Csh) => format!("setenv PATH {folder}:$PATH"),
        Some(ShellKind::Nushell) => format!("$env.PATH = ($env.PATH | prepend ({folder} | path expand))"),
        Some(ShellKind::Elvish) => format!("set paths = [{folder} $@paths]"),
        Some(ShellKind::Xonsh) => format!("$PATH.insert(0, p'{folder}'.expanduser())"),
        Some(ShellKind::PowerShell) => format!("$env:PATH = (Resolve-Path {folder}).Path + ':' + $env:PATH"),
        _ => format!("export PATH={folder}:\"$PATH\""),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::Severity;
    use crate::diagnose::testing::Scene;
    use crate::version::Version;

    #[test]
    fn no_claude_anywhere() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.machine.client.auth_status = None;
        let finding = scene.expect_first("claude-missing");
        assert!(finding.evidence.iter().any(|evidence| evidence.place == "~/.claude"), "{finding:?}");
        assert!(finding.fixes[0].command.as_deref().unwrap_or_default().contains("install.sh"));
    }

    #[test]
    fn a_claude_beside_the_path_is_a_warning() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.install("/home/ada/.local/bin/claude", false, Ok(Version(2, 1, 330)));
        let finding = scene.expect("claude-missing");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.fixes[0].command.as_deref(), Some("export PATH=~/.local/bin:\"$PATH\""));
    }

    #[test]
    fn a_client_in_an_editor_is_one() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.machine.client.auth_status = None;
        scene.extension(".vscode", (2, 1, 330));
        assert_eq!(scene.expect("claude-missing").severity, Severity::Note);
    }

    #[test]
    fn a_broken_claude_is_another_finding() {
        let mut scene = Scene::healthy();
        scene.machine.client.installs.clear();
        scene.install("/home/ada/.local/bin/claude", false, Err("a link to nothing".to_owned()));
        scene.expect_absent("claude-missing");
    }

    #[test]
    fn the_healthy_machine_has_one() {
        Scene::healthy().expect_absent("claude-missing");
    }
}
