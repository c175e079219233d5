//! Reports about shells that are not the login shell of the machine that runs the tests.

use super::*;

#[test]
fn fish_set_without_export() {
    let config = "set fish_greeting\nset CLAUDE_CODE_USE_BEDROCK 1\n";
    let machine = || healthy().no_block().client_says("firstParty").file(".config/fish/config.fish", config);
    let ready = machine().ready();
    let report = ready.diagnose_with_login_shell("fish");
    report.error("variable-not-exported").fix("set -gx CLAUDE_CODE_USE_BEDROCK 1").shows("config.fish:2");
    // Where only `$SHELL` names fish.
    let report = machine().here("SHELL", "/usr/bin/fish").diagnose();
    report.error("variable-not-exported").fix("set -gx CLAUDE_CODE_USE_BEDROCK 1");
}

#[test]
fn a_universal_variable_of_fish_that_is_not_exported() {
    let variables = "# VERSION: 3.0\nSETUVAR CLAUDE_CODE_USE_BEDROCK:1\n";
    let machine = healthy().no_block().client_says("firstParty").file(".config/fish/fish_variables", variables);
    machine.ready().diagnose_with_login_shell("fish").error("variable-not-exported").shows("fish_variables");
}

#[test]
fn powershell_syntax() {
    for file in ["Microsoft.PowerShell_profile.ps1", "profile.ps1"] {
        let file = format!(".config/powershell/{file}");
        let line = "export CLAUDE_CODE_USE_BEDROCK=1\n";
        let report = healthy().no_block().client_says("firstParty").file(&file, line).diagnose();
        report.error("wrong-shell-syntax").fix("$env:CLAUDE_CODE_USE_BEDROCK").shows(&file);
    }
}

#[test]
fn the_syntax_of_another_shell_in_bashrc() {
    for line in [
        "setenv CLAUDE_CODE_USE_BEDROCK 1",
        "$env:CLAUDE_CODE_USE_BEDROCK = \"1\"",
        "set CLAUDE_CODE_USE_BEDROCK=1",
        "CLAUDE_CODE_USE_BEDROCK = 1",
        "set -gx CLAUDE_CODE_USE_BEDROCK 1",
    ] {
        let report = healthy().no_block().rc_after(line).client_says("firstParty").diagnose();
        report.error("wrong-shell-syntax").fix("export CLAUDE_CODE_USE_BEDROCK=1").shows(".bashrc");
    }
}

#[test]
fn nonlogin_shell_zprofile_in_zsh() {
    let exports = "export CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1\n";
    let machine = healthy().no_block().client_says("firstParty").file(".zprofile", exports).file(".zshrc", "");
    let ready = machine.ready();
    ready.diagnose_with_login_shell("zsh").error("block-not-read-by-shell").fix(".zshrc").shows(".zprofile");
}

#[test]
fn a_block_of_bash_while_the_login_shell_is_zsh() {
    let ready = healthy().not_loaded().client_says("firstParty").ready();
    ready.diagnose_with_login_shell("zsh").error("block-not-read-by-shell").fix("bedrockup setup --shell zsh");
}

#[test]
fn bedrock_base_url_var_name() {
    let url = "https://vpce-0abc.bedrock-runtime.us-east-1.vpce.amazonaws.com";
    let settings = format!(r#"{{"env": {{"ANTHROPIC_BEDROCK_ENDPOINT_URL": "{url}"}}}}"#);
    let machine = healthy();
    let proxy = HttpsProxy::start(Mode::Intercept(machine.aws_address()));
    let ca = proxy.ca_pem_path();
    let machine = machine.behind(proxy).env("NODE_EXTRA_CA_CERTS", ca.to_string_lossy());
    let report = machine.file(".claude/settings.json", settings).diagnose();
    report.error("variable-of-another-tool").fix("ANTHROPIC_BEDROCK_BASE_URL").shows(".claude/settings.json");
}

#[test]
fn a_key_that_another_tool_reads() {
    let machine = healthy().no_aws_files().env("BEDROCK_API_KEY", GOOD_BEARER);
    machine.diagnose().error("variable-of-another-tool").fix("AWS_BEARER_TOKEN_BEDROCK");
}

const BLOCK: &str =
    "# >>> bedrockup >>>\nexport CLAUDE_CODE_USE_BEDROCK=1\nexport AWS_REGION=us-east-1\n# <<< bedrockup <<<\n";

#[test]
fn a_block_of_zsh_where_zdotdir_points_elsewhere() {
    // Set in the first file of zsh, or before zsh starts.
    let machine = || healthy().no_block().client_says("firstParty").file(".zsh/.zshrc", "").file(".zshrc", BLOCK);
    let ready = machine().file(".zshenv", "export ZDOTDIR=$HOME/.zsh\n").ready();
    ready.diagnose_with_login_shell("zsh").error("block-not-read-by-shell").shows("~/.zsh/.zshrc hides it");
    let machine = machine();
    let elsewhere = machine.path(".zsh").display().to_string();
    let ready = machine.here("ZDOTDIR", elsewhere).ready();
    ready.diagnose_with_login_shell("zsh").error("block-not-read-by-shell").shows("~/.zsh/.zshrc hides it");
}

#[test]
fn a_block_of_fish_where_its_directory_is_moved() {
    let block = BLOCK.replace("export ", "set -gx ").replace('=', " ");
    let machine = healthy().no_block().client_says("firstParty").file(".config/fish/config.fish", block);
    let elsewhere = machine.path("settings").display().to_string();
    let ready = machine.file("settings/fish/config.fish", "").here("XDG_CONFIG_HOME", elsewhere).ready();
    let report = ready.diagnose_with_login_shell("fish");
    report.error("block-not-read-by-shell").shows("~/settings/fish/config.fish hides it");
}

#[test]
fn a_block_in_cshrc_beside_a_tcshrc() {
    let block = BLOCK.replace("export ", "setenv ").replace('=', " ");
    let machine =
        healthy().no_block().client_says("firstParty").file(".cshrc", block).file(".tcshrc", "set prompt = '% '\n");
    let report = machine.ready().diagnose_with_login_shell("tcsh");
    report.error("block-not-read-by-shell").shows("~/.tcshrc hides it");
}

#[test]
fn a_file_that_bashrc_reads_after_the_block() {
    let line = "\n# mine\nexport AWS_REGION=eu-north-1\n";
    let machine = healthy().rc_after("[ -f ~/.work ] && . ~/.work").file(".work", "source \"$HOME/.deeper\"\n");
    let report = machine.file(".deeper", line).here("AWS_REGION", "eu-north-1").diagnose();
    report.error("block-overridden-later").fix(".deeper:3").shows("reads ~/.deeper");
}
