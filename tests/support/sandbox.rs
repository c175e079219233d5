//! A home directory of a test's own, and runs of the built program in it with nothing inherited.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bedrockup::world::{Clock, Terminal, User, World};
use tempfile::TempDir;

use super::fake_aws::FakeAws;
use super::fake_aws::account::GOOD_KEY;
use super::process::{self, Output};

/// How long one run of the program may take before the test fails.
pub const RUN_LIMIT: Duration = Duration::from_secs(60);

/// A temporary home with an environment. Everything is removed when it is dropped.
pub struct Sandbox {
    root: TempDir,
    environment: BTreeMap<OsString, OsString>,
    directory: PathBuf,
}

/// What stands at a path. Sizes and times are left out: the bytes say it.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// A directory with its mode.
    Directory(u32),
    /// A file with its mode and bytes.
    File(u32, Vec<u8>),
    /// A symbolic link with its target.
    Link(PathBuf),
    /// Anything else (socket, fifo) with its mode.
    Other(u32),
}

impl std::fmt::Debug for Node {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(mode) => write!(out, "dir {mode:o}"),
            Self::File(mode, bytes) => write!(out, "file {mode:o} {:?}", bstr::BStr::new(bytes)),
            Self::Link(target) => write!(out, "link -> {}", target.display()),
            Self::Other(mode) => write!(out, "other {mode:o}"),
        }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty home, a minimal `PATH`, no AWS settings, no metadata service.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("bedrockup-").tempdir().expect("a temporary directory");
        let home = root.path().join("home");
        for name in ["home", "bin", "tmp"] {
            fs::create_dir(root.path().join(name)).expect("a directory inside the sandbox");
        }
        let mut path = OsString::from(root.path().join("bin"));
        // Not /usr/local/bin: a client that the developer has installed there must not be found.
        path.push(":/usr/bin:/bin");
        let environment = [
            ("HOME", home.as_os_str()),
            ("PATH", &path),
            ("TMPDIR", root.path().join("tmp").as_os_str()),
            ("LANG", OsStr::new("C.UTF-8")),
            ("TERM", OsStr::new("dumb")),
            ("AWS_EC2_METADATA_DISABLED", OsStr::new("true")),
        ]
        .map(|(key, value)| (key.into(), value.to_owned()))
        .into();
        Self { directory: home, root, environment }
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The directory that comes first on `PATH`, outside the home.
    pub fn bin(&self) -> PathBuf {
        self.root.path().join("bin")
    }

    /// A path inside the home.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.home().join(relative)
    }

    /// Writes a file in the home, with the directories above it.
    pub fn file(self, relative: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        self.write(relative, bytes);
        self
    }

    /// The same for a sandbox in use.
    pub fn write(&self, relative: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.path(relative);
        create_parent(&path);
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Reads a file of the home.
    pub fn read(&self, relative: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(relative);
        fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// Makes a directory in the home.
    pub fn dir(self, relative: impl AsRef<Path>) -> Self {
        let path = self.path(relative);
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
        self
    }

    /// Makes a symbolic link in the home; the target is taken as it is, relative or not, existing or not.
    pub fn symlink(self, target: impl AsRef<Path>, relative: impl AsRef<Path>) -> Self {
        let path = self.path(relative);
        create_parent(&path);
        std::os::unix::fs::symlink(target, &path)
            .unwrap_or_else(|error| panic!("cannot link {}: {error}", path.display()));
        self
    }

    /// Sets the mode of something in the home.
    pub fn mode(self, relative: impl AsRef<Path>, mode: u32) -> Self {
        let path = self.path(relative);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
            .unwrap_or_else(|error| panic!("cannot chmod {}: {error}", path.display()));
        self
    }

    /// Sets an environment variable of the runs.
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(key.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes an environment variable of the runs.
    pub fn unset(mut self, key: impl AsRef<OsStr>) -> Self {
        self.environment.remove(key.as_ref());
        self
    }

    /// The directory that runs start in, relative to the home. It is made if it is missing.
    pub fn cd(mut self, relative: impl AsRef<Path>) -> Self {
        self.directory = self.path(relative);
        fs::create_dir_all(&self.directory).expect("a working directory inside the sandbox");
        self
    }

    /// Sends every AWS call to the fake, with no credentials: add those that the test is about.
    pub fn endpoint(self, aws: &FakeAws) -> Self {
        self.env("ANTHROPIC_BEDROCK_BASE_URL", aws.url()).env("AWS_ENDPOINT_URL", aws.url())
    }

    /// Sends every AWS call to the fake and signs with the good key of its healthy account.
    pub fn point_at(self, aws: &FakeAws) -> Self {
        self.endpoint(aws).keys(GOOD_KEY, None)
    }

    /// Sets the key variables.
    pub fn keys(self, (id, secret): (&str, &str), session_token: Option<&str>) -> Self {
        let sandbox = self.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
        match session_token {
            Some(token) => sandbox.env("AWS_SESSION_TOKEN", token),
            None => sandbox.unset("AWS_SESSION_TOKEN"),
        }
    }

    /// Turns Bedrock on for a region, as the block of `setup` does.
    pub fn bedrock(self, region: &str) -> Self {
        self.env("CLAUDE_CODE_USE_BEDROCK", "1").env("AWS_REGION", region)
    }

    /// Puts an executable script on the runs' `PATH`.
    pub fn script(self, name: &str, text: &str) -> Self {
        let draft = self.root.path().join("tmp").join(format!("{name}.draft"));
        fs::write(&draft, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", draft.display()));
        // Copied by another process: were the script written here, a test that forks at that moment
        // would inherit the open file, and starting it would fail with "text file busy".
        let mut install = self.program("/usr/bin/install");
        process::run(install.args(["-m", "755"]).arg(&draft).arg(self.bin().join(name)), RUN_LIMIT).exits(0);
        fs::remove_file(&draft).expect("a draft can be removed");
        self
    }

    /// Puts a link to a program outside on the runs' `PATH`.
    pub fn link_program(self, name: &str, program: impl AsRef<Path>) -> Self {
        let link = self.bin().join(name);
        std::os::unix::fs::symlink(program, &link)
            .unwrap_or_else(|error| panic!("cannot link {}: {error}", link.display()));
        self
    }

    /// Puts a further directory at the end of the runs' `PATH`.
    pub fn path_also(mut self, directory: impl AsRef<OsStr>) -> Self {
        let path = self.environment.entry("PATH".into()).or_default();
        path.push(":");
        path.push(directory.as_ref());
        self
    }

    /// The built program with this sandbox's environment, to be started by the test itself.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_bedrockup"));
        command.args(arguments);
        command
    }

    /// The world as the program would see it here, with a root directory of its own (`system` beside the home).
    pub fn world(&self) -> World {
        let text = |text: &OsString| text.to_string_lossy().into_owned();
        World {
            env: self.environment.iter().map(|(name, value)| (text(name), text(value))).collect(),
            home: self.home(),
            directory: self.directory.clone(),
            system_root: self.root.path().join("system"),
            user: User {
                uid: nix::unistd::geteuid().as_raw(),
                gid: nix::unistd::getegid().as_raw(),
                name: Some("alice".to_owned()),
                home: Some(self.home()),
                shell: Some("/bin/bash".into()),
            },
            terminal: Terminal::default(),
            clock: Clock::System,
        }
    }

    /// Any program with this sandbox's environment, stdin closed.
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    /// Runs the built program to its end. Panics when it takes longer than [`RUN_LIMIT`].
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        process::run(&mut self.command(arguments), RUN_LIMIT)
    }

    /// Everything in the home by path relative to it (the home itself is `""`).
    pub fn tree(&self) -> BTreeMap<PathBuf, Node> {
        let mut tree = BTreeMap::new();
        walk(&self.home(), Path::new(""), &mut tree);
        tree
    }
}

fn create_parent(path: &Path) {
    let parent = path.parent().expect("a path inside the sandbox has a parent");
    fs::create_dir_all(parent).unwrap_or_else(|error| panic!("cannot make {}: {error}", parent.display()));
}

fn walk(root: &Path, relative: &Path, tree: &mut BTreeMap<PathBuf, Node>) {
    let path = if relative.as_os_str().as_bytes().is_empty() { root.to_owned() } else { root.join(relative) };
    let facts =
        fs::symlink_metadata(&path).unwrap_or_else(|error| panic!("cannot look at {}: {error}", path.display()));
    let mode = facts.mode() & 0o7777;
    let node = if facts.is_symlink() {
        Node::Link(fs::read_link(&path).expect("a link that was just seen"))
    } else if facts.is_dir() {
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("cannot list {}: {error}", path.display()));
        for entry in entries {
            walk(root, &relative.join(entry.expect("a directory entry").file_name()), tree);
        }
        Node::Directory(mode)
    } else if facts.is_file() {
        Node::File(mode, fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display())))
    } else {
        Node::Other(mode)
    };
    tree.insert(relative.to_owned(), node);
}
