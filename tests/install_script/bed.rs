//! A place to run `install.sh` in: a home, a mirror of releases, a temporary directory, and programs that stand in for
//! others. Everything lies below one temporary directory.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};

/// The release that each mirror has.
pub const TAG: &str = "v0.9.0";

/// A shell that `install.sh` promises to run under.
pub struct Shell {
    /// What is started.
    pub argv: &'static [&'static str],
    /// The Debian package that has it.
    package: &'static str,
}

pub const DASH: Shell = Shell { argv: &["dash"], package: "dash" };
pub const BASH: Shell = Shell { argv: &["bash"], package: "bash" };
pub const BASH_POSIX: Shell = Shell { argv: &["bash", "--posix"], package: "bash" };
pub const BUSYBOX: Shell = Shell { argv: &["busybox", "sh"], package: "busybox" };
pub const KSH: Shell = Shell { argv: &["ksh"], package: "ksh" };
pub const MKSH: Shell = Shell { argv: &["mksh"], package: "mksh" };
pub const YASH: Shell = Shell { argv: &["yash"], package: "yash" };
pub const ZSH: Shell = Shell { argv: &["zsh"], package: "zsh" };

/// Where a tool of the tests is. A missing one fails the test: a skipped shell would be a promise nobody checks.
pub fn tool(name: &str, package: &str) -> PathBuf {
    which::which(name)
        .unwrap_or_else(|_| panic!("`{name}` is not here; `./test.sh` or `apt-get install {package}` brings it"))
}

/// What the checkout has at `relative`.
pub fn in_checkout(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Outcome {
    /// Fails unless it exited with `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Fails unless standard error is one line with `part` in it.
    #[track_caller]
    pub fn says_in_one_line(self, part: &str) -> Self {
        assert!(
            self.stderr.contains(part) && self.stderr.lines().count() == 1,
            "expected one line with {part:?}: {self:#?}"
        );
        self
    }
}

/// Everything below a directory: path, mode, and content or link target.
pub type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Reads a directory whole.
pub fn tree(directory: &Path) -> Tree {
    let mut found = Tree::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else if metadata.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(path, (metadata.permissions().mode(), content));
        }
    }
    found
}

/// The place itself; gone when dropped.
pub struct Bed {
    pub root: tempfile::TempDir,
}

impl Bed {
    /// An empty home, and a mirror with one release for this machine.
    pub fn new() -> Self {
        let bed = Self { root: tempfile::tempdir().unwrap() };
        for directory in ["home", "tmp", "script", "fakes", "work", "mirror"] {
            fs::create_dir(bed.path(directory)).unwrap();
        }
        fs::copy(in_checkout("install.sh"), bed.script()).unwrap();
        bed.publish(&bed.payload("bedrockup 0.9.0"));
        fs::write(bed.path("mirror/latest"), format!("{TAG}\n")).unwrap();
        bed
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub fn script(&self) -> PathBuf {
        self.path("script/install.sh")
    }

    /// Where the program lands by default.
    pub fn installed(&self) -> PathBuf {
        self.path("home/.local/bin/bedrockup")
    }

    /// What would be left behind by a run that cleans up badly.
    pub fn trees(&self) -> (Tree, Tree, Tree) {
        (tree(&self.home()), tree(&self.path("tmp")), tree(&self.path("work")))
    }

    /// A stand-in for the program: answers `--version`, and writes down each other call, argument by argument.
    pub fn payload(&self, version: &str) -> String {
        let calls = self.path("calls");
        format!(
            "#!/bin/sh\ncase ${{1:-}} in --version) echo '{version}'; exit ;; esac\n\
             {{ printf '<%s>' \"$@\"; if [ -t 0 ]; then printf ' on a terminal'; fi; echo; }} >>'{}'\n[ \"${{1:-}}\" != uninstall ] || echo 'taken out'\nexit ${{PAYLOAD_STATUS:-0}}\n",
            calls.display()
        )
    }

    /// What the stand-in was called with, one line per call.
    pub fn calls(&self) -> String {
        fs::read_to_string(self.path("calls")).unwrap_or_default()
    }

    /// The file name of the release archive for this machine.
    pub fn archive_name() -> String {
        let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-gnu" };
        format!("bedrockup-{}-{system}.tar.gz", std::env::consts::ARCH)
    }

    /// The archive in the mirror.
    pub fn archive(&self) -> PathBuf {
        self.path("mirror/download").join(TAG).join(Self::archive_name())
    }

    /// Puts `program` into the mirror, with the right checksum.
    pub fn publish(&self, program: &str) {
        let name = Self::archive_name();
        let folder = name.trim_end_matches(".tar.gz");
        let stage = self.path("stage").join(folder);
        fs::create_dir_all(&stage).unwrap();
        fs::write(stage.join("bedrockup"), program).unwrap();
        fs::set_permissions(stage.join("bedrockup"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(self.archive().parent().unwrap()).unwrap();
        let packed = Command::new("tar")
            .arg("-C")
            .arg(self.path("stage"))
            .arg("-czf")
            .arg(self.archive())
            .arg(folder)
            .status()
            .unwrap();
        assert!(packed.success());
        let digest = Sha256::digest(fs::read(self.archive()).unwrap());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(self.archive().with_file_name("SHA256SUMS"), format!("{hex}  {name}\n")).unwrap();
    }

    /// Writes a program. A child does it: a file that this process has open for writing could not be started while
    /// another test's thread forks.
    pub fn program(&self, path: &Path, text: &str) {
        let draft = self.path("draft");
        fs::write(&draft, text).unwrap();
        assert!(Command::new("cp").arg(&draft).arg(path).status().unwrap().success());
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A program that comes first on PATH.
    pub fn fake(&self, name: &str, text: &str) {
        self.program(&self.path("fakes").join(name), text);
    }

    /// A directory for PATH with nothing but `names` in it.
    pub fn only_tools(&self, names: &[&str]) -> PathBuf {
        let directory = self.path("only");
        fs::create_dir_all(&directory).unwrap();
        for name in names {
            symlink(tool(name, name), directory.join(name)).unwrap();
        }
        directory
    }

    /// Gives `command` this place's environment, no standard input, and a session of its own, so that no terminal of
    /// whoever runs the tests can be reached.
    pub fn settle(&self, command: &mut Command) {
        let path = format!("{}:{}", self.path("fakes").display(), std::env::var("PATH").unwrap());
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", path)
            .env("TMPDIR", self.path("tmp"))
            .env("BEDROCKUP_BASE_URL", format!("file://{}", self.path("mirror").display()))
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        // SAFETY: setsid is async-signal-safe and touches no memory of this process.
        #[allow(unsafe_code, reason = "there is no safe way to start a child in a new session")]
        unsafe {
            command.pre_exec(|| nix::unistd::setsid().map(drop).map_err(Into::into));
        }
    }

    /// A shell, settled, with nothing on its command line yet.
    pub fn shell(&self, shell: &Shell) -> Command {
        let mut command = Command::new(tool(shell.argv[0], shell.package));
        command.args(&shell.argv[1..]);
        self.settle(&mut command);
        command
    }

    /// The script under a shell, not yet started.
    pub fn command(&self, shell: &Shell, arguments: &[&str]) -> Command {
        let mut command = self.shell(shell);
        command.arg(self.script()).args(arguments);
        command
    }

    /// The script under a shell, to its end.
    pub fn run(&self, shell: &Shell, arguments: &[&str]) -> Outcome {
        self.command(shell, arguments).output().unwrap().into()
    }
}
