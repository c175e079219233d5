//! Programs that the tests need and that do not come with Rust, fetched once into `target/test-tools`.
//!
//! Each tool is made in a directory beside its place and renamed into it when whole, under a file lock, so that
//! tests in other processes neither see half a tool nor make it twice. What cannot be fetched fails the test with the reason.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::process;

const FETCH_LIMIT: Duration = Duration::from_secs(600);
const REQUIREMENTS: &str = include_str!("requirements.txt");
const CFN_LINT: &str = include_str!("requirements-cfn-lint.txt");

/// The AWS CLI and boto3 in a virtual environment.
pub struct PythonTools {
    bin: PathBuf,
}

impl PythonTools {
    /// Installs them if they are not there, and returns them.
    pub fn get() -> Self {
        Self { bin: python("python", "requirements.txt", REQUIREMENTS) }
    }

    /// The interpreter that knows boto3.
    pub fn python(&self) -> PathBuf {
        self.bin.join("python")
    }

    /// The AWS CLI's main module, to be started with [`Self::python`]: scripts in `bin` hold the path they were made at.
    pub fn aws(&self) -> [&'static str; 2] {
        ["-m", "awscli"]
    }
}

/// AWS's linter of CloudFormation templates.
pub struct CfnLint {
    bin: PathBuf,
}

impl CfnLint {
    /// Installs it if it is not there.
    pub fn get() -> Self {
        Self { bin: python("cfn-lint", "requirements-cfn-lint.txt", CFN_LINT) }
    }

    /// The interpreter that knows the module `cfnlint`.
    pub fn python(&self) -> PathBuf {
        self.bin.join("python")
    }
}

/// The programs of a virtual environment with these requirements.
fn python(name: &str, file: &str, requirements: &str) -> PathBuf {
    let place = provide(&format!("{name}-{}", short_hash(requirements)), |place| {
        run(Command::new("python3").args(["-m", "venv"]).arg(place), "python3 with its venv module");
        let mut pip = Command::new(place.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(file));
        run(&mut pip, "PyPI, for what tests/support names");
    });
    place.join("bin")
}

/// The directory of an npm package in exactly this version (`node_modules` inside).
pub fn npm(package: &str, version: &str, name: &str) -> PathBuf {
    provide(name, |place| {
        fs::create_dir_all(place).expect("a directory under target");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--prefix"]).arg(place);
        run(npm.arg(format!("{package}@{version}")), "npm and its registry, for the client under test");
    })
}

/// `target/test-tools/NAME`, made by `make` unless it is there.
fn provide(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let root = root();
    fs::create_dir_all(&root).unwrap_or_else(|error| panic!("cannot make {}: {error}", root.display()));
    let place = root.join(name);
    if place.is_dir() {
        return place;
    }
    let lock = File::create(root.join(format!("{name}.lock"))).expect("a lock file under target");
    lock.lock().expect("a lock on a local file");
    if place.is_dir() {
        return place; // somebody else made it while we waited
    }
    let half_made = root.join(format!("{name}.part"));
    if half_made.exists() {
        fs::remove_dir_all(&half_made).expect("what an interrupted run left can be removed");
    }
    make(&half_made);
    fs::rename(&half_made, &place).expect("a directory can be renamed in place");
    place
}

/// The target directory that this test binary was built in.
fn root() -> PathBuf {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR"));
    built.parent().unwrap_or(built).join("test-tools")
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn run(command: &mut Command, needs: &str) {
    let program = command.get_program();
    assert!(which::which(program).is_ok(), "this test needs {needs}: there is no {} on PATH", program.display());
    let output = process::run(command, FETCH_LIMIT);
    assert!(output.status.success(), "this test needs {needs}; {command:?} failed: {output:?}");
}

/// Nushell, which is in npm's registry and not in Debian's archive. 0.108.0 is the newest that starts without a warning.
pub fn nushell() -> PathBuf {
    npm("nushell", "0.108.0", "nushell-0.108.0").join("node_modules/.bin/nu")
}
