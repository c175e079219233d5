//! A `/proc` made for the purpose, and a register beside it.

mod files;
mod listing;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::*;
use crate::observe::settings::SettingsState;
use crate::resolve::{Provider, resolve};
use crate::world::{Clock, Terminal, User, World};

/// The machine's start, as `/proc/stat` has it.
const BOOT: i64 = 1_795_600_834;
const NATIVE: &str = "/opt/claude/versions/2.1.330";

struct Bed(tempfile::TempDir);

/// One process of the bed; what is not said is that of an ordinary native client.
struct Fake {
    pid: u32,
    name: &'static str,
    state: char,
    flags: u32,
    uid: u32,
    exe: String,
    words: Vec<&'static str>,
    environ: Option<Vec<(&'static str, String)>>,
    directory: PathBuf,
}

impl Bed {
    fn new() -> Self {
        let bed = Self(tempfile::tempdir().expect("a temporary directory"));
        bed.write("root/proc/stat", &format!("cpu  1 2 3\nbtime {BOOT}\n"));
        std::fs::create_dir_all(bed.at("home/project")).expect("a directory");
        bed
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &str) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, bytes).expect("a file");
    }

    fn world(&self) -> World {
        World {
            env: Env::default(),
            home: self.at("home"),
            directory: self.at("home"),
            system_root: self.at("root"),
            user: User { uid: 1000, gid: 1000, name: None, home: None, shell: None },
            terminal: Terminal::default(),
            clock: Clock::Fixed(Timestamp::UNIX_EPOCH),
        }
    }

    fn process(&self, pid: u32) -> Fake {
        Fake {
            pid,
            name: "claude",
            state: 'S',
            flags: 0x40_0000,
            uid: 1000,
            exe: NATIVE.to_owned(),
            words: vec!["claude"],
            environ: Some(vec![
                ("HOME", self.at("home").display().to_string()),
                ("CLAUDE_CODE_USE_BEDROCK", "1".into()),
            ]),
            directory: self.at("home/project"),
        }
    }

    /// Puts a process into `/proc`. It was started 100 seconds (and its number in hundredths) after the machine.
    fn start(&self, fake: &Fake) {
        let Fake { pid, name, state, flags, uid, .. } = fake;
        let place = format!("root/proc/{pid}");
        let start = start_of(*pid);
        let stat = format!(
            "{pid} ({name}) {state} 1 {pid} {pid} 0 -1 {flags} 1 0 0 0 1 1 0 0 20 0 9 0 {start} 5850042368 43566\n"
        );
        self.write(&format!("{place}/stat"), &stat);
        self.write(&format!("{place}/status"), &format!("Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"));
        let words: String = fake.words.iter().map(|word| format!("{word}\0")).collect();
        self.write(&format!("{place}/cmdline"), &words);
        match &fake.environ {
            Some(pairs) => {
                let pairs: String = pairs.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
                self.write(&format!("{place}/environ"), &pairs);
            }
            // A directory cannot be read, whoever runs the test.
            None => std::fs::create_dir_all(self.at(&place).join("environ")).expect("a directory"),
        }
        symlink(&fake.exe, self.at(&place).join("exe")).expect("a link");
        symlink(&fake.directory, self.at(&place).join("cwd")).expect("a link");
    }

    /// An entry of the register, with more or other keys.
    fn register(&self, pid: u32, more: serde_json::Value) {
        let mut entry = serde_json::json!({
            "pid": pid, "sessionId": "0ed90814", "cwd": self.at("home/project"), "startedAt": (BOOT + 105) * 1000,
            "procStart": start_of(pid).to_string(), "version": "2.1.331", "kind": "interactive", "entrypoint": "cli",
            "name": "project-c4", "status": "idle",
        });
        for (key, value) in more.as_object().expect("an object") {
            entry[key] = value.clone();
        }
        self.write(&format!("home/.claude/sessions/{pid}.json"), &entry.to_string());
    }

    fn sessions(&self) -> Vec<Session> {
        observe(&self.world()).expect("a /proc")
    }

    fn one(&self, pid: u32) -> Result<Session, String> {
        one(&self.world(), pid)
    }
}

fn start_of(pid: u32) -> u32 {
    10_000 + pid
}

fn provider(session: &Session) -> Provider {
    resolve(&session.machine(&Machine::empty(Timestamp::UNIX_EPOCH, "/elsewhere", "/elsewhere"))).provider
}
