//! Machines of which more than home and environment differs: the login shell of the password database, the root of the
//! system, other people's processes. doctor runs in this process there, in a world of the test's own.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::ready::Ready;
use super::report::Report;
use crate::support::process;

impl Ready {
    /// A file below the root of the test's own system.
    pub fn system_file(&self, path: &str, text: &str) {
        let path = self.system_root().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    fn system_root(&self) -> PathBuf {
        self.sandbox.world().system_root
    }

    /// `bedrockup doctor --json` where this is the login shell, and the system is what the test wrote.
    #[track_caller]
    pub fn diagnose_with_login_shell(&self, shell: &str) -> Report {
        let shell = which::which(shell).unwrap_or_else(|_| panic!("{shell} is not installed; ./test.sh installs it"));
        self.diagnose_in(|world| world.user.shell = Some(shell))
    }

    /// A process of this name runs in this home with this environment, until it is dropped.
    pub fn runs(&self, program: &str, environment: &[(&str, &str)]) -> Running {
        let root = self.sandbox.home().with_file_name("apps");
        let (draft, path) = (root.join("draft").join(program), root.join(program));
        std::fs::create_dir_all(draft.parent().expect("a parent")).expect("a directory");
        std::fs::write(&draft, "#!/bin/sh\nread -r line\n").expect("a draft");
        // Copied by another process: see `Sandbox::script`.
        let mut install = self.sandbox.program("/usr/bin/install");
        process::run(install.args(["-m", "755"]).arg(&draft).arg(&path), Duration::from_secs(60)).exits(0);
        let mut command = std::process::Command::new(path);
        command.env_clear().env("HOME", self.sandbox.home()).envs(environment.iter().copied());
        command.current_dir(self.sandbox.path("work")).stdin(Stdio::piped());
        Running(command.spawn().expect("it starts"))
    }
}

/// A process that ends with the test.
pub struct Running(Child);

impl Running {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
