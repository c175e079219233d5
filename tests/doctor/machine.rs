//! A machine on which all is well, to be spoiled by one thing at a time, and then diagnosed.

use super::ready::Ready;
use super::report::Report;
use crate::support::fake_aws::account::{Account, GOOD_KEY};
use crate::support::fake_aws::{FakeAws, Rule};
use crate::support::fake_claude::FakeClaude;
use crate::support::https_proxy::HttpsProxy;
use crate::support::sandbox::Sandbox;

pub const OPUS: &str = "us.anthropic.claude-opus-4-8";
pub const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// A machine in the making: Linux, bash, the block whole and loaded (`us-east-1`), client 2.1.330, `[default]` with
/// long-lived keys, three pins, a healthy account.
pub struct Machine {
    aws: FakeAws,
    sandbox: Sandbox,
    /// What the block sets, in its order.
    block: Vec<(&'static str, String)>,
    /// The files that hold the block; the first of them also holds the lines around it.
    block_in: Vec<&'static str>,
    /// Changes the text of the block before it is written.
    edit: fn(String) -> String,
    before: String,
    after: String,
    /// This process has what the files say.
    loaded: bool,
    flags: Vec<String>,
    secrets: Vec<String>,
    proxy: Option<HttpsProxy>,
}

/// The healthy machine.
pub fn healthy() -> Machine {
    let aws = FakeAws::start();
    let keys = format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", GOOD_KEY.0, GOOD_KEY.1);
    let sandbox = Sandbox::new()
        .endpoint(&aws)
        .file(".aws/credentials", keys)
        .file(".aws/config", "[default]\nregion = us-east-1\n")
        .file(".profile", "# read by login shells\n[ -n \"$BASH_VERSION\" ] && . \"$HOME/.bashrc\"\n")
        .dir(".claude")
        .cd("work")
        .claude(&FakeClaude::BEDROCK);
    let before = format!("export PATH='{}:/usr/bin:/bin'\n", sandbox.bin().display());
    let block = [
        ("CLAUDE_CODE_USE_BEDROCK", "1"),
        ("AWS_REGION", "us-east-1"),
        ("ANTHROPIC_DEFAULT_OPUS_MODEL", OPUS),
        ("ANTHROPIC_DEFAULT_SONNET_MODEL", SONNET),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", HAIKU),
    ];
    Machine {
        aws,
        sandbox,
        block: block.map(|(name, value)| (name, value.to_owned())).to_vec(),
        block_in: vec![".bashrc"],
        edit: |text| text,
        before,
        after: "alias ll='ls -l'\n".into(),
        loaded: true,
        flags: ["--timeout", "30s"].map(str::to_owned).to_vec(),
        secrets: Vec::new(),
        proxy: None,
    }
}

impl Machine {
    /// Changes the account.
    pub fn account(self, change: impl FnOnce(&mut Account)) -> Self {
        self.aws.change(change);
        self
    }

    /// Something goes wrong at AWS.
    pub fn rule(self, rule: Rule) -> Self {
        self.account(|account| account.rules.push(rule))
    }

    /// Changes home and environment of the process.
    pub fn sandbox(self, change: impl FnOnce(Sandbox) -> Sandbox) -> Self {
        Self { sandbox: change(self.sandbox), ..self }
    }

    /// Writes a file in the home.
    pub fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.sandbox(|sandbox| sandbox.file(path, text))
    }

    /// A path below the home.
    pub fn path(&self, path: &str) -> std::path::PathBuf {
        self.sandbox.path(path)
    }

    /// Takes away a file of the home.
    pub fn without_file(self, path: &str) -> Self {
        std::fs::remove_file(self.sandbox.path(path)).unwrap_or_else(|error| panic!("cannot remove {path}: {error}"));
        self
    }

    /// Replaces the AWS files; an empty text leaves the file out.
    pub fn aws_files(self, config: &str, credentials: &str) -> Self {
        let machine = self.without_file(".aws/config").without_file(".aws/credentials");
        [(".aws/config", config), (".aws/credentials", credentials)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .fold(machine, |machine, (path, text)| machine.file(path, text))
    }

    /// No AWS files at all.
    pub fn no_aws_files(self) -> Self {
        self.aws_files("", "")
    }

    /// A variable exported in `.bashrc` after the block, and loaded here.
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        self.after.push_str(&format!("export {name}='{value}'\n"));
        self.here(name, value)
    }

    /// A variable of this process alone.
    pub fn here(self, name: &str, value: impl AsRef<str>) -> Self {
        self.sandbox(|sandbox| sandbox.env(name, value.as_ref()))
    }

    /// A variable that this process lacks.
    pub fn not_here(self, name: &str) -> Self {
        self.sandbox(|sandbox| sandbox.unset(name))
    }

    /// Key variables of this process.
    pub fn env_keys(self, keys: (&str, &str), token: Option<&str>) -> Self {
        self.sandbox(|sandbox| sandbox.keys(keys, token)).secret(keys.1)
    }

    /// Another value in the block.
    pub fn block_value(mut self, name: &'static str, value: &str) -> Self {
        match self.block.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.block.insert(2, (name, value.to_owned())),
        }
        self
    }

    /// A block that does not set this variable.
    pub fn block_without(mut self, name: &str) -> Self {
        self.block.retain(|(known, _)| *known != name);
        self
    }

    /// The region of the block.
    pub fn region(self, region: &str) -> Self {
        self.block_value("AWS_REGION", region)
    }

    /// All three pins with another prefix than `us.`.
    pub fn pins_with(mut self, prefix: &str) -> Self {
        for (name, value) in &mut self.block {
            if name.starts_with("ANTHROPIC_DEFAULT_") {
                *value = value.replacen("us.", prefix, 1);
            }
        }
        self
    }

    /// Another pin for opus, the main model.
    pub fn opus(self, id: &str) -> Self {
        self.block_value("ANTHROPIC_DEFAULT_OPUS_MODEL", id)
    }

    /// Another pin for sonnet.
    pub fn sonnet(self, id: &str) -> Self {
        self.block_value("ANTHROPIC_DEFAULT_SONNET_MODEL", id)
    }

    /// The block stands in these files.
    pub fn block_in(mut self, files: &[&'static str]) -> Self {
        self.block_in = files.to_vec();
        self
    }

    /// No block anywhere, and nothing loaded.
    pub fn no_block(self) -> Self {
        self.edit_block(|_| String::new()).not_loaded()
    }

    /// The text of the block is changed by hand.
    pub fn edit_block(mut self, edit: fn(String) -> String) -> Self {
        self.edit = edit;
        self
    }

    /// A line of `.bashrc` before the block.
    pub fn rc_before(mut self, line: &str) -> Self {
        self.before.push_str(&format!("{line}\n"));
        self
    }

    /// A line of `.bashrc` after the block.
    pub fn rc_after(mut self, line: &str) -> Self {
        self.after.push_str(&format!("{line}\n"));
        self
    }

    /// This process was started before the block was written.
    pub fn not_loaded(mut self) -> Self {
        self.loaded = false;
        self
    }

    /// Another version of the client, which resolves to Bedrock.
    pub fn client(self, version: &str) -> Self {
        let version = format!("{version} (Claude Code)");
        self.sandbox(|sandbox| sandbox.claude(&FakeClaude { version: &version, ..FakeClaude::BEDROCK }))
    }

    /// No client anywhere.
    pub fn without_client(self) -> Self {
        std::fs::remove_file(self.sandbox.bin().join("claude")).expect("the stand-in can be removed");
        self
    }

    /// The client resolves to this provider.
    pub fn client_says(self, provider: &str) -> Self {
        let auth_status = format!(r#"{{"loggedIn":true,"authMethod":"third_party","apiProvider":"{provider}"}}"#);
        self.sandbox(|sandbox| sandbox.claude(&FakeClaude { auth_status: &auth_status, ..FakeClaude::BEDROCK }))
    }

    /// Bedrock at its own host names, behind this proxy; whether its CA is trusted is the test's affair.
    pub fn behind(self, proxy: HttpsProxy) -> Self {
        let machine = self.no_endpoints().env("HTTPS_PROXY", proxy.url());
        Self { proxy: Some(proxy), ..machine }
    }

    /// Bedrock at its own host names.
    pub fn no_endpoints(self) -> Self {
        self.not_here("ANTHROPIC_BEDROCK_BASE_URL").not_here("AWS_ENDPOINT_URL")
    }

    /// Where the fake listens.
    pub fn aws_address(&self) -> std::net::SocketAddr {
        self.aws.address()
    }

    /// Further flags of doctor.
    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|&flag| flag.to_owned()));
        self
    }

    /// Limit of the whole run.
    pub fn timeout(mut self, limit: &str) -> Self {
        limit.clone_into(&mut self.flags[1]);
        self
    }

    /// A text that no output may hold, beside those of the fake's healthy account.
    pub fn secret(mut self, text: &str) -> Self {
        self.secrets.push(text.to_owned());
        self
    }

    /// Writes the files.
    pub fn ready(self) -> Ready {
        let values = |(name, value): &(&str, String)| format!("export {name}={value}\n");
        let body: String = self.block.iter().map(values).collect();
        let block = format!(
            "# >>> bedrockup >>>\n# Routes Claude Code through Amazon Bedrock. Change it with `bedrockup setup`, remove it with `bedrockup uninstall`.\n{body}# <<< bedrockup <<<\n"
        );
        let block = (self.edit)(block);
        let mut sandbox = self.sandbox;
        if !self.block_in.contains(&".bashrc") {
            sandbox.write(".bashrc", format!("{}{}", self.before, self.after));
        }
        for file in self.block_in {
            let (before, after) = if file == ".bashrc" { (&*self.before, &*self.after) } else { ("", "") };
            sandbox.write(file, format!("{before}{block}{after}"));
        }
        if self.loaded {
            sandbox = self.block.iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        }
        Ready { aws: self.aws, sandbox, flags: self.flags, secrets: self.secrets, proxy: self.proxy }
    }

    /// `bedrockup doctor --json` on this machine.
    #[track_caller]
    pub fn diagnose(self) -> Report {
        self.ready().diagnose()
    }
}
