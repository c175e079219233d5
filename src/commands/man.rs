//! `man`: the manual page, made from the command line itself.

use clap::CommandFactory;

use super::Outcome;
use crate::cli::Cli;
use crate::exit::Exit;

/// The page of the whole, or of one command, in roff.
pub fn run(name: Option<&str>) -> Outcome {
    let mut whole = Cli::command();
    whole.build();
    let page = match name {
        None => clap_mangen::Man::new(whole),
        Some(name) => match whole.find_subcommand(name) {
            Some(command) => {
                let title = format!("bedrockup-{name}");
                clap_mangen::Man::new(command.clone().display_name(title.clone())).title(title)
            }
            None => {
                return Outcome::failed(Exit::Usage, format!("there is no command `{name}`; see `bedrockup --help`."));
            }
        },
    };
    let mut roff = Vec::new();
    match page.render(&mut roff) {
        Ok(()) => Outcome::well(String::from_utf8_lossy(&roff)),
        Err(error) => Outcome::failed(Exit::Problem, format!("the page could not be rendered: {error}")),
    }
}
