//! The flags of `setup`, read by grammar before anything else happens: bad input gets one line, and nothing is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::{RoutingArg, ScopeArg, SetupArgs, TargetArg};
use crate::shell::ShellKind;
use crate::value::{ModelId, ProfileName, Region};
use crate::variables;
use crate::world::World;

/// The flags as values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// `--region`.
    pub region: Option<Region>,
    /// `--profile`.
    pub profile: Option<ProfileName>,
    /// `--shell`, in the order given, each once.
    pub shells: Vec<ShellKind>,
    /// `--rc-file`, absolute.
    pub rc_file: Option<PathBuf>,
    /// `--target`.
    pub target: TargetArg,
    /// `--scope`.
    pub scope: ScopeArg,
    /// `--routing`.
    pub routing: Option<RoutingArg>,
    /// `--pin`: variable to id.
    pub pins: BTreeMap<&'static str, ModelId>,
    /// `--no-pins`.
    pub no_pins: bool,
}

/// Reads the flags; the error is one line that names the flag, what is wrong, and what would be right.
pub fn read(args: &SetupArgs, world: &World) -> Result<Inputs, String> {
    let mut shells = Vec::new();
    for name in &args.shells {
        let kind = ShellKind::from_program(Path::new(name)).ok_or_else(|| {
            let known: Vec<_> = ShellKind::ALL.iter().map(|kind| kind.name()).collect();
            format!("--shell {name}: not a shell that I know; one of {}.", known.join(", "))
        })?;
        if !shells.contains(&kind) {
            shells.push(kind);
        }
    }
    let mut pins = BTreeMap::new();
    for pin in &args.pins {
        let (tier, id) = pin.split_once('=').ok_or_else(|| {
            format!("--pin {pin}: write it as TIER=ID, such as --pin opus=us.anthropic.claude-opus-5-5.")
        })?;
        let variable = match tier.trim().to_ascii_lowercase().as_str() {
            "opus" => variables::OPUS_MODEL,
            "sonnet" => variables::SONNET_MODEL,
            "haiku" => variables::HAIKU_MODEL,
            other => return Err(format!("--pin {other}=…: there is no tier `{other}`; one of opus, sonnet, haiku.")),
        };
        let id: ModelId = id.parse().map_err(|error| format!("--pin {tier}: {error}"))?;
        if pins.insert(variable, id).is_some() {
            return Err(format!("--pin {tier} is given twice; once is enough."));
        }
    }
    Ok(Inputs {
        region: args.region.as_deref().map(str::parse).transpose().map_err(|error| format!("--region: {error}"))?,
        profile: args.profile.as_deref().map(str::parse).transpose().map_err(|error| format!("--profile: {error}"))?,
        shells,
        // An rc file is named from where the command is typed, or from home by a tilde that the shell left in place.
        rc_file: args.rc_file.as_ref().map(|path| match path.to_str() {
            Some(text) => world.directory.join(world.expand(text)),
            None => world.directory.join(path),
        }),
        target: args.target,
        scope: args.scope,
        routing: args.routing,
        pins,
        no_pins: args.no_pins,
    })
}

impl Inputs {
    /// Whether an rc file is written at all.
    pub fn writes_rc(&self) -> bool {
        self.target != TargetArg::Settings
    }
}
