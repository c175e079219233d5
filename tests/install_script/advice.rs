//! The line that puts the program on PATH: printed for the person's login shell, and it works when it is pasted.

use std::process::{Command, Stdio};

use crate::support::tools;

use super::bed::{Bed, DASH, Outcome, tool};

/// The advice for a login shell: the file, and the line.
fn advice(bed: &Bed, login_shell: &str, prefix: &str) -> (String, String) {
    bed.fake("getent", &format!("#!/bin/sh\necho \"x:x:1:1::$HOME:{login_shell}\"\n"));
    let said = bed.run(&DASH, &["--prefix", prefix, "--no-setup"]).exits(0).stdout;
    let mut lines = said.lines().skip_while(|line| !line.contains("is not on PATH. For ")).map(str::to_owned);
    let file = lines.next().unwrap().rsplit_once("add this line to ").unwrap().1.trim_end_matches(':').to_owned();
    (file, lines.next().unwrap().trim().to_owned())
}

/// Pastes the advice for `shell` into it and looks at the PATH that a child of it sees.
fn pasted_line_works(shell: &str, package: &str, file: &str, options: &[&str]) {
    let program = if shell == "nu" { tools::nushell() } else { tool(shell, package) };
    // xonsh expands variables inside the elements of its $PATH, and has no way to keep one from it.
    let odd = if shell == "xonsh" { "it's odd (1)" } else { "it's a $HOME (1)" };
    for name in ["plain", odd] {
        let bed = Bed::new();
        let prefix = bed.path("work").join(name);
        let (said, line) = advice(&bed, &format!("/usr/bin/{shell}"), prefix.to_str().unwrap());
        assert_eq!(said, file);
        let mut command = Command::new(&program);
        bed.settle(&mut command);
        command.args(options).args(["-c", &format!("{line}\n/usr/bin/env")]).stderr(Stdio::piped());
        let outcome = Outcome::from(command.output().unwrap()).exits(0);
        let path = outcome.stdout.lines().find_map(|line| line.strip_prefix("PATH=")).unwrap();
        let directory = prefix.join("bin");
        assert_eq!(path.split(':').next(), directory.to_str(), "{shell}: {line}");
        assert!(path.contains("/usr/bin"), "{shell}: {line} lost the old PATH");
    }
}

#[test]
fn bash() {
    pasted_line_works(
        "bash",
        "bash",
        if cfg!(target_os = "macos") { "~/.bash_profile" } else { "~/.bashrc" },
        &["--norc"],
    );
}

#[test]
fn zsh() {
    pasted_line_works("zsh", "zsh", "~/.zshrc", &["-f"]);
}

#[test]
fn fish() {
    pasted_line_works("fish", "fish", "~/.config/fish/config.fish", &[]);
}

#[test]
fn tcsh() {
    pasted_line_works("tcsh", "tcsh", "~/.cshrc", &["-f"]);
}

#[test]
fn ksh() {
    pasted_line_works("ksh", "ksh", "~/.profile", &[]);
}

#[test]
fn mksh() {
    pasted_line_works("mksh", "mksh", "~/.profile", &[]);
}

#[test]
fn dash() {
    pasted_line_works("dash", "dash", "~/.profile", &[]);
}

#[test]
fn yash() {
    pasted_line_works("yash", "yash", "~/.yash_profile", &[]);
}

#[test]
fn elvish() {
    pasted_line_works("elvish", "elvish", "~/.config/elvish/rc.elv", &[]);
}

#[test]
fn xonsh() {
    pasted_line_works("xonsh", "xonsh", "~/.xonshrc", &["--no-rc"]);
}

#[test]
fn nushell() {
    pasted_line_works("nu", "nushell", "config.nu (`$nu.config-path` says where it is)", &["--no-config-file"]);
}

#[test]
fn powershell_gets_its_own_syntax() {
    // There is no PowerShell in Debian's or npm's registry, so this line is compared, not run.
    let bed = Bed::new();
    let prefix = bed.path("work/it's");
    let (file, line) = advice(&bed, "/usr/bin/pwsh", prefix.to_str().unwrap());
    assert_eq!(file, "$PROFILE");
    assert_eq!(line, format!("$env:PATH = '{}/bin:' + $env:PATH", prefix.display().to_string().replace('\'', "''")));
}

#[test]
fn a_service_account_falls_back_to_the_shell_variable() {
    let bed = Bed::new();
    bed.fake("getent", "#!/bin/sh\necho \"x:x:1:1::$HOME:/usr/sbin/nologin\"\n");
    let run = bed.command(&DASH, &["--no-setup"]).env("SHELL", "/opt/bin/fish").output().unwrap();
    let said = Outcome::from(run).exits(0).stdout;
    assert!(said.contains("For fish, add this line"), "{said}");
}

#[test]
fn a_directory_on_path_needs_no_advice_but_a_namesake_before_it_is_named() {
    let bed = Bed::new();
    let bin = bed.installed().parent().unwrap().display().to_string();
    let path = format!("{}:{bin}", std::env::var("PATH").unwrap());
    let outcome = Outcome::from(bed.command(&DASH, &[]).env("PATH", &path).output().unwrap()).exits(0);
    assert!(!outcome.stdout.contains("is not on PATH"), "{outcome:#?}");
    assert!(outcome.stdout.contains("set Claude Code up: bedrockup setup\n"), "{outcome:#?}");

    bed.fake("bedrockup", "#!/bin/sh\necho other\n");
    let path = format!("{}:{path}", bed.path("fakes").display());
    let outcome = Outcome::from(bed.command(&DASH, &[]).env("PATH", path).output().unwrap()).exits(0);
    outcome.says_in_one_line("another bedrockup comes first on PATH");
}

#[test]
fn attestation_is_offered_where_gh_is_there_and_the_release_is_the_projects_own() {
    let bed = Bed::new();
    bed.fake("gh", "#!/bin/sh\nexit 1\n");
    let said = bed.run(&DASH, &["--no-setup"]).exits(0).stdout;
    assert!(!said.contains("attestation"), "a mirror's build is not ours to vouch for: {said}");
    // The project's own address, served by a curl that reads the mirror.
    let mirror = bed.path("mirror");
    bed.fake(
        "curl",
        &format!(
            "#!/bin/sh\nfor last; do :; done\nwhile [ \"$1\" != -o ]; do shift; done\ncp \"{}${{last#*/releases}}\" \"$2\"\necho \"$last\"\n",
            mirror.display()
        ),
    );
    let run =
        bed.command(&DASH, &["--no-setup", "--version", "0.9.0"]).env_remove("BEDROCKUP_BASE_URL").output().unwrap();
    let said = Outcome::from(run).exits(0).stdout;
    assert!(said.contains("gh attestation verify ") && said.contains("--repo bedrockup/bedrockup"), "{said}");
}
