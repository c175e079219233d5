//! The part of a setup that concerns the user settings of Claude Code.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Wanted, settings_path};
use crate::change::file::{self, Present};
use crate::change::plan::{Edit, Plan};
use crate::change::receipt::{Receipt, SettingsEntry, SettingsRecord};
use crate::change::{Refusal, settings};
use crate::world::World;

/// Sets the wanted variables, and takes out those that an earlier run set and that are wanted no more.
pub fn write_settings(world: &World, wanted: &Wanted, receipt: &Receipt, plan: &mut Plan) -> Result<(), Refusal> {
    let path = settings_path(world);
    let earlier = receipt.settings.as_ref().filter(|entry| entry.path == path);
    if earlier.is_none() {
        leave_settings(world, receipt, plan)?;
    }
    let variables = wanted.variables();
    let paste = {
        let pairs: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("    {}: {}", serde_json::json!(name), serde_json::json!(value)))
            .collect();
        format!("  \"env\": {{\n{}\n  }}\n", pairs.join(",\n"))
    };
    let refused = |refusal| match refusal {
        Refusal::Target { path, reason, .. } => Refusal::Target { path, reason, paste: Some(paste.clone()) },
        other => other,
    };
    let present = file::look(&path).map_err(refused)?;
    let text = settings_text(&present)?;
    let record = earlier.map(|entry| entry.record.clone()).unwrap_or_default();
    let stale: BTreeMap<String, Option<String>> = record
        .keys
        .iter()
        .filter(|(key, _)| !variables.iter().any(|(name, _)| name == key))
        .map(|(key, before)| (key.clone(), before.clone()))
        .collect();
    let kept = record.keys.into_iter().filter(|(key, _)| !stale.contains_key(key)).collect();
    let record = SettingsRecord { keys: kept, ..record };
    let problem = |problem| settings_refusal(&path, problem);
    let cleaned = if stale.is_empty() || text.trim().is_empty() {
        text.clone()
    } else {
        settings::unset_keys(&text, &stale).map_err(problem)?
    };
    let (after, record) = settings::set(&cleaned, &variables, &record).map_err(problem)?;
    plan.receipt.settings = Some(SettingsEntry {
        path: path.clone(),
        existed: present.bytes.is_some(),
        record,
        ..SettingsEntry::default()
    });
    if after != text || present.bytes.is_none() {
        if let Some(reason) = file::write_obstacle(&present, world) {
            return Err(Refusal::Target { path, reason, paste: Some(paste) });
        }
        plan.edits.push(Edit {
            path,
            before: present.bytes,
            after: Some(after.into_bytes()),
            what: "set the variables in the settings",
            lost: None,
            paste: Some(paste),
            private: true,
        });
    }
    Ok(())
}

/// Takes our keys out of the settings again, where an earlier run put them.
pub fn leave_settings(world: &World, receipt: &Receipt, plan: &mut Plan) -> Result<(), Refusal> {
    let Some(entry) = &receipt.settings else {
        return Ok(());
    };
    plan.receipt.settings_dropped = Some(entry.path.clone());
    let Some(present) = file::scan(&entry.path)? else {
        return Ok(());
    };
    let text = settings_text(&present)?;
    let after = settings::unset(&text, &entry.record, entry.existed)
        .map_err(|problem| settings_refusal(&entry.path, problem))?;
    if after.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    if let Some(reason) = file::write_obstacle(&present, world) {
        return Err(Refusal::Target { path: present.path, reason, paste: None });
    }
    plan.edits.push(Edit {
        path: present.path,
        before: present.bytes,
        after: after.map(String::into_bytes),
        what: "take the variables out of the settings",
        lost: None,
        paste: None,
        private: true,
    });
    Ok(())
}

fn settings_text(present: &Present) -> Result<String, Refusal> {
    let bytes = present.bytes.clone().unwrap_or_default();
    String::from_utf8(bytes).map_err(|error| {
        let above = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = above.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = above.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        settings_refusal(
            &present.path,
            settings::Problem { line, column, message: "not JSON: the file is not UTF-8 text".to_owned() },
        )
    })
}

fn settings_refusal(path: &Path, problem: settings::Problem) -> Refusal {
    Refusal::Settings { path: path.to_owned(), line: problem.line, column: problem.column, message: problem.message }
}
