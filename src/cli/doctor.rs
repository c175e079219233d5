//! The command line of `doctor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

/// What `doctor --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  bedrockup doctor                       ask this machine and AWS
  bedrockup doctor --offline             only this machine, at once
  bedrockup doctor --no-probe            without the one-token model calls (each costs well under a cent)
  bedrockup doctor --fix                 repair what can be repaired here, after a diff and a yes
  bedrockup doctor --undo                take the repairs back, byte for byte
  bedrockup doctor --pid 4711            for a session that is running
  bedrockup doctor --json | jq .verdict";

/// Flags of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Ask only this machine, not AWS
    #[arg(long)]
    pub offline: bool,
    /// Leave out the one-token model calls
    #[arg(long)]
    pub no_probe: bool,
    /// Do what is local and can be undone, after showing the change: lines of start-up files, keys of settings, the block
    #[arg(long, conflicts_with_all = ["undo", "pid"])]
    pub fix: bool,
    /// Take back everything that --fix has changed
    #[arg(long)]
    pub undo: bool,
    /// With --fix or --undo: do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Answer for this directory instead of the current one
    #[arg(long, value_name = "DIR", conflicts_with = "pid")]
    pub directory: Option<PathBuf>,
    /// Answer for the running session of this process
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Report only this finding; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Limit for the whole run, such as 10s or 500ms
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub timeout: Duration,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

impl Default for DoctorArgs {
    fn default() -> Self {
        let timeout = Duration::from_secs(10);
        Self {
            offline: false,
            no_probe: false,
            fix: false,
            undo: false,
            yes: false,
            directory: None,
            pid: None,
            only: Vec::new(),
            timeout,
            json: false,
        }
    }
}

/// Reads `10s`, `500ms`, `1m 30s`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text.parse().map_err(|_| "not a time; write 10s, 500ms or 1m".to_owned())?;
    match Duration::try_from(parsed) {
        Ok(limit) if limit >= Duration::from_millis(100) && limit <= Duration::from_secs(600) => Ok(limit),
        _ => Err("must be between 100ms and 10m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_people_write_them() {
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("10").is_err() && duration("-3s").is_err() && duration("2h").is_err());
    }
}
