//! Transcripts of any size, the same bytes on every machine: sessions as the client was seen to write them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What the made-up user does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads files, edits them, starts subagents, forks sessions: few bytes of a transcript are answers.
    Everyday,
    /// The same with a client that writes each block at once: what is settled is known only when all was read.
    OlderClient,
    /// Says "yes" a million times: one short line per answer and nothing else.
    SmallTalk,
}

/// The directory with `bytes` of transcripts below its `projects`, made unless it is there.
pub fn get(root: &Path, kind: Kind, bytes: u64) -> io::Result<PathBuf> {
    let name = match kind {
        Kind::Everyday => "everyday",
        Kind::OlderClient => "older-client",
        Kind::SmallTalk => "small-talk",
    };
    let place = root.join(format!("transcripts-1-{name}-{}", bytes >> 20));
    if place.is_dir() {
        return Ok(place);
    }
    let half_made = root.join(format!("transcripts-{name}.part"));
    let _ = fs::remove_dir_all(&half_made);
    let mut maker = Maker { random: 1, clock: 1_790_000_000_000, written: 0, kind, text: String::new() };
    let mut session = 0;
    while maker.written < bytes {
        let project = half_made.join(format!("projects/-home-alice-project-{}", session % 17));
        maker.session(&project, session)?;
        session += 1;
    }
    fs::rename(&half_made, &place)?;
    Ok(place)
}

struct Maker {
    random: u64,
    clock: i64,
    written: u64,
    kind: Kind,
    text: String,
}

impl Maker {
    /// One session: its file, sometimes with a subagent's, sometimes with a fork that repeats it.
    fn session(&mut self, project: &Path, number: u32) -> io::Result<()> {
        fs::create_dir_all(project)?;
        let id = self.uuid();
        let path = project.join(format!("{id}.jsonl"));
        let mut file = BufWriter::new(File::create(&path)?);
        let is_talk = self.kind == Kind::SmallTalk;
        let turns = if is_talk { 20_000 } else { 10 + self.below(120) };
        for turn in 0..turns {
            if is_talk {
                self.answer(&mut file, &id, false, 1, 20)?;
                continue;
            }
            self.work(&mut file, &id, false)?;
            if turn % 40 == 20 {
                let agents = project.join(&id).join("subagents");
                fs::create_dir_all(&agents)?;
                let mut agent = BufWriter::new(File::create(agents.join(format!("agent-{}.jsonl", self.uuid())))?);
                for _ in 0..5 + self.below(10) {
                    self.work(&mut agent, &id, true)?;
                }
                agent.flush()?;
            }
        }
        file.flush()?;
        if !is_talk && number % 11 == 10 {
            let text = fs::read_to_string(&path)?;
            let fork = self.uuid();
            let copied = text.replace(&format!("\"sessionId\":\"{id}\""), &format!("\"sessionId\":\"{fork}\""));
            self.written += copied.len() as u64;
            fs::write(project.join(format!("{fork}.jsonl")), copied)?;
        }
        Ok(())
    }

    /// What is between two answers, and the answer.
    fn work(&mut self, file: &mut impl Write, session: &str, is_agent: bool) -> io::Result<()> {
        // A result of a tool: mostly short, sometimes a whole file; the client keeps it twice.
        let size = if self.below(4) == 0 { 4_000 + self.below(40_000) } else { 100 + self.below(1_500) };
        let text = self.words(size as usize);
        let tail = self.tail(session, is_agent);
        let tool = self.uuid();
        self.line(file, &format!(
            r#"{{"parentUuid":"{tool}","isSidechain":{is_agent},"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"toolu_bdrk_{tool}","type":"tool_result","content":"{text}","is_error":false}}]}},"toolUseResult":{{"stdout":"{text}","stderr":"","interrupted":false}},{tail}"#
        ))?;
        if self.below(3) == 0 {
            let text = self.words(8_000);
            let tail = self.tail(session, is_agent);
            self.line(file, &format!(
                r#"{{"parentUuid":"{tool}","isSidechain":{is_agent},"attachment":{{"type":"prompt_snapshot","systemPrompt":["{text}"]}},"type":"attachment",{tail}"#
            ))?;
        }
        let lines = 1 + self.below(3);
        let size = if self.below(6) == 0 { 1_000 + self.below(12_000) } else { 50 + self.below(400) };
        self.answer(file, session, is_agent, lines, size)
    }

    /// The lines of one answer, one per block.
    fn answer(
        &mut self,
        file: &mut impl Write,
        session: &str,
        is_agent: bool,
        lines: u64,
        size: u64,
    ) -> io::Result<()> {
        let request = self.uuid();
        let message: String = request.chars().filter(|character| *character != '-').take(22).collect();
        let (input, output, read) = (self.below(50), 1 + self.below(2_000), self.below(90_000));
        let written = self.below(3_000);
        for block in 0..lines {
            let text = self.words(size as usize);
            let tail = self.tail(session, is_agent);
            let is_old = self.kind == Kind::OlderClient;
            let stop = if is_old { "null" } else { "\"tool_use\"" };
            let number = if is_old { String::new() } else { format!("\"apiBlockIndex\":{block},") };
            let content = if block == 0 {
                format!(r#"{{"type":"text","text":"{text}"}}"#)
            } else {
                format!(
                    r#"{{"type":"tool_use","id":"toolu_bdrk_{block}","name":"Edit","input":{{"file_path":"/home/alice/a.rs","old_string":"{text}","new_string":"{text}","replace_all":false}}}}"#
                )
            };
            self.line(file, &format!(
                r#"{{"parentUuid":"{request}","isSidechain":{is_agent},"message":{{"model":"claude-opus-5-5","id":"msg_bdrk_01{message}","type":"message","role":"assistant","content":[{content}],"stop_reason":{stop},"stop_sequence":null,"usage":{{"input_tokens":{input},"cache_creation_input_tokens":{written},"cache_read_input_tokens":{read},"output_tokens":{output},"output_tokens_details":{{"thinking_tokens":0}},"server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},"service_tier":"standard","cache_creation":{{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":{written}}},"inference_geo":"","iterations":[],"speed":"standard","fallback_credit":null}},"stop_details":null}},{number}"requestId":"{request}","requestedModel":"us.anthropic.claude-opus-5-5","promptCacheRequested":"5m","type":"assistant",{tail}"#
            ))?;
        }
        Ok(())
    }

    /// How every line of a conversation ends.
    fn tail(&mut self, session: &str, is_agent: bool) -> String {
        self.clock += 1 + self.below(4_000) as i64;
        let time =
            jiff::Timestamp::from_millisecond(self.clock).map_or_else(|_| String::new(), |time| format!("{time:.3}"));
        let uuid = self.uuid();
        let agent = if is_agent { r#""agentId":"ac851d59bd9ebea8b","# } else { "" };
        format!(
            r#""uuid":"{uuid}","timestamp":"{time}",{agent}"userType":"external","entrypoint":"cli","cwd":"/home/alice/project","sessionId":"{session}","version":"2.1.330","gitBranch":"main"}}"#
        )
    }

    fn line(&mut self, file: &mut impl Write, line: &str) -> io::Result<()> {
        self.written += line.len() as u64 + 1;
        file.write_all(line.as_bytes())?;
        file.write_all(b"\n")
    }

    /// Text like source code inside JSON: a line break every forty bytes, a quote now and then.
    fn words(&mut self, size: usize) -> String {
        const WORDS: [&str; 12] =
            ["let", "value", "match", "self", "fn", "return", "=", "{", "}", "\\\"text\\\"", "// why", "::new()"];
        self.text.clear();
        let mut column = 0;
        while self.text.len() < size {
            let word = WORDS[self.below(12) as usize];
            self.text.push_str(word);
            column += word.len() + 1;
            let end = if column > 40 { "\\n    " } else { " " };
            column = if column > 40 { 0 } else { column };
            self.text.push_str(end);
        }
        self.text.clone()
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let mut hex = String::new();
        let _ = write!(hex, "{high:016x}{low:016x}");
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
