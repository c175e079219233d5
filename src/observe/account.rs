//! The account at Anthropic that the client was once signed in to.

use serde::Deserialize;

use super::{file, settings};
use crate::world::World;

/// Its mail address, by the client's state file. Signing in leaves it there also after the switch to Bedrock.
pub fn mail(world: &World) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct State {
        oauth_account: Account,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Account {
        email_address: String,
    }
    let (_, state) = settings::configuration_directory(world);
    let bytes = file::read(&state).ok()??;
    let state: State = serde_json::from_slice(&bytes).ok()?;
    Some(state.oauth_account.email_address).filter(|mail| !mail.is_empty())
}
