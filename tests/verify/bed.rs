//! A machine on Bedrock, transcripts written as the client writes them, and what a report says.

use serde_json::{Value, json};

use crate::support::claude_client::ClaudeClient;
use crate::support::fake_aws::FakeAws;
use crate::support::fake_aws::account::Account;
use crate::support::fake_claude::FakeClaude;
use crate::support::process::Output;
use crate::support::sandbox::Sandbox;

/// The session of answers that a test writes.
pub const SESSION: &str = "96c73ce9-269d-4896-b8bf-5dc20815113f";

/// A machine and its AWS.
pub struct Bed {
    pub aws: FakeAws,
    pub sandbox: Sandbox,
}

impl Bed {
    /// The switch is on here, the client is a stand-in.
    pub fn new(account: Account) -> Self {
        let aws = FakeAws::with(account);
        let sandbox = Sandbox::new().bedrock("us-east-1").point_at(&aws).claude(&FakeClaude::BEDROCK).cd("work");
        Self { aws, sandbox }
    }

    /// The same with the real client.
    pub fn with_client(account: Account) -> Self {
        let aws = FakeAws::with(account);
        let sandbox = Sandbox::new().bedrock("us-east-1").point_at(&aws).cd("work");
        let sandbox = ClaudeClient::get().install_into(sandbox);
        Self { aws, sandbox }
    }

    /// Changes the sandbox.
    pub fn sandbox(self, change: impl FnOnce(Sandbox) -> Sandbox) -> Self {
        Self { sandbox: change(self.sandbox), ..self }
    }

    /// A transcript of one session with these lines.
    pub fn transcript(self, lines: &[String]) -> Self {
        self.sandbox(|sandbox| sandbox.file(format!(".claude/projects/-work/{SESSION}.jsonl"), lines.join("\n") + "\n"))
    }

    /// `verify --json` with more flags; the exit code is the test's affair.
    #[track_caller]
    pub fn verify(&self, more: &[&str]) -> (Value, Output) {
        let output = self.sandbox.run(["verify", "--json"].iter().chain(more));
        let report = output.json();
        assert_eq!(report["schema"], "bedrockup.verify/1");
        assert_eq!(report["lines"].as_array().map(Vec::len), Some(7), "{report:#}");
        (report, output)
    }
}

/// An answer as 2.1.330 writes it, given now.
pub fn answer(message_id: &str, request_id: &str) -> String {
    json!({
        "type": "assistant",
        "message": {
            "id": message_id, "model": "claude-opus-5-5", "type": "message", "role": "assistant",
            "content": [{ "type": "text", "text": "a canary of a prompt" }], "stop_reason": "end_turn",
            "usage": { "input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0 },
        },
        "requestId": request_id,
        "requestedModel": "us.anthropic.claude-opus-5-5",
        "timestamp": jiff::Timestamp::now().to_string(),
        "sessionId": SESSION,
        "cwd": "/home/alice/work",
        "version": "2.1.330",
    })
    .to_string()
}

/// An answer of Anthropic's own API.
pub fn first_party() -> String {
    answer("msg_01XFDUDYJgAACzvnptvVoYEL", "req_011CSHoEeqs5C35K2UUqR7Fy")
}

/// One line of a report.
pub fn line<'a>(report: &'a Value, name: &str) -> &'a Value {
    let lines = report["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("no line {name}: {report:#}"))
}
