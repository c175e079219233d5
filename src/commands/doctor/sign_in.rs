//! Sign-ins of the AWS CLI, run in the terminal of the person who is asked.

use std::process::Stdio;

use crate::diagnose::Finding;
use crate::report::prompt::Prompter;
use crate::world::World;

/// Whether a sign-in would cure a finding.
pub fn is_offered(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.fixes.first().is_some_and(|fix| !fix.sign_ins.is_empty()))
}

/// Offers each sign-in that would cure a finding, once; gives back the names of the findings whose sign-in was run.
pub async fn offer(world: &World, findings: &[Finding], prompter: &Prompter) -> Vec<&'static str> {
    let mut run: Vec<&'static str> = Vec::new();
    let mut offered: Vec<&[Vec<String>]> = Vec::new();
    for finding in findings {
        let Some(commands) = finding.fixes.first().map(|fix| fix.sign_ins.as_slice()).filter(|all| !all.is_empty())
        else {
            continue;
        };
        if offered.contains(&commands) {
            continue;
        }
        offered.push(commands);
        let shown: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
        if !prompter.confirm(&format!("Run `{}` now?", shown.join("; ")), true).unwrap_or(false) {
            continue;
        }
        for words in commands {
            if !succeeded(world, words).await {
                prompter.hint(&format!("`{}` did not succeed; its own words stand above.", words.join(" ")));
                break;
            }
        }
        run.push(finding.name);
    }
    run
}

/// Runs a program with the terminal that this one has, as if it had been typed.
async fn succeeded(world: &World, words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let path = world.env.get("PATH").unwrap_or_default();
    let Ok(program) = which::which_in(program, Some(path), &world.directory) else { return false };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().envs(world.env.iter()).current_dir(&world.directory);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit()).kill_on_drop(true);
    command.status().await.is_ok_and(|status| status.success())
}
