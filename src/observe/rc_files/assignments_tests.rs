//! What counts as an assignment, per shell.

use super::*;

/// `line NAME=value effect` for each assignment in a text.
fn of(shell: ShellKind, text: &str) -> Vec<String> {
    let lines: Vec<(usize, &str)> = text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).collect();
    let describe = |found: Assignment| {
        let value = found.value.map_or("?".to_owned(), |value| value.escape_debug().to_string());
        format!("{} {}={value} {:?}", found.line, found.name, found.effect)
    };
    find(&lines, shell, false).into_iter().map(describe).collect()
}

#[test]
fn posix_shells() {
    let text = "# export AWS_REGION=commented\n\
        export AWS_REGION=us-east-1 AWS_PROFILE='my profile' EDITOR=vi\n\
        CLAUDE_CODE_USE_BEDROCK=1\n\
        AWS_REGION=eu-west-1\n\
        export CLAUDE_CODE_USE_BEDROCK\n\
        [ -f x ] && export AWS_REGION=\"$(cat x)\"; unset AWS_PROFILE\n\
        AWS_REGION=x aws s3 ls\n\
        typeset -x ANTHROPIC_MODEL=opus; declare ANTHROPIC_DEFAULT_OPUS_MODEL=y\n\
        export AWS_\\\nREGION=us-west-2\n\
        cat <<EOF\nexport AWS_REGION=in-a-text\nEOF\n\
        set -a; AWS_PROFILE=all; set +a\n\
        unset -f AWS_REGION\n\
        export AWS_REGION=crlf\r\n\
        if true; then export AWS_PROFILE=b; fi\n";
    let expected = [
        "2 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=my profile Export",
        "3 CLAUDE_CODE_USE_BEDROCK=1 Export",
        "4 AWS_REGION=eu-west-1 Export",
        "6 AWS_REGION=? Export",
        "6 AWS_PROFILE=? Unset",
        "8 ANTHROPIC_MODEL=opus Export",
        "8 ANTHROPIC_DEFAULT_OPUS_MODEL=y SetOnly",
        "9 AWS_REGION=us-west-2 Export",
        "14 AWS_PROFILE=all Export",
        "16 AWS_REGION=crlf\\r Export",
        "17 AWS_PROFILE=b Export",
    ];
    assert_eq!(of(ShellKind::Bash, text), expected);
    assert_eq!(of(ShellKind::Zsh, "AWS_REGION=x"), ["1 AWS_REGION=x SetOnly"]);
    assert_eq!(of(ShellKind::Zsh, "AWS_REGION=x\nexport AWS_REGION"), ["1 AWS_REGION=x Export"]);
    assert_eq!(of(ShellKind::Sh, "export AWS_REGION"), ["1 AWS_REGION=? Export"]);
}

#[test]
fn fish() {
    let text = "set -gx AWS_REGION us-east-1\nset AWS_PROFILE x\nset --export --universal ANTHROPIC_MODEL 'a b'\n\
        set -q AWS_REGION; or set -x AWS_REGION $other\nset -e AWS_PROFILE\nexport CLAUDE_CODE_USE_BEDROCK=1\nset -g AWS_REGION later";
    let expected = [
        "1 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=x SetOnly",
        "3 ANTHROPIC_MODEL=a b Export",
        "4 AWS_REGION=? Export",
        "5 AWS_PROFILE=? Unset",
        "6 CLAUDE_CODE_USE_BEDROCK=1 Export",
        "7 AWS_REGION=later Export",
    ];
    assert_eq!(of(ShellKind::Fish, text), expected);
    let universal = "# VERSION: 3.0\nSETUVAR --export AWS_REGION:us\\x2deast\\x2d1\nSETUVAR AWS_PROFILE:x";
    assert_eq!(of(ShellKind::Fish, universal), ["2 AWS_REGION=us-east-1 Export", "3 AWS_PROFILE=x SetOnly"]);
}

#[test]
fn c_shells() {
    let text = "setenv AWS_REGION us-east-1 # c\nset AWS_PROFILE = x\nset AWS_PROFILE=y\nif ($?prompt) setenv ANTHROPIC_MODEL \"a b\"\nunsetenv AWS_REGION";
    let expected = [
        "1 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=x SetOnly",
        "3 AWS_PROFILE=y SetOnly",
        "4 ANTHROPIC_MODEL=a b Export",
        "5 AWS_REGION=? Unset",
    ];
    assert_eq!(of(ShellKind::Tcsh, text), expected);
}

#[test]
fn the_other_languages() {
    let nu = "$env.AWS_REGION = 'us-east-1' # why\nlet AWS_PROFILE = \"x\"\nhide-env AWS_REGION\nload-env {AWS_PROFILE: \"p\", ANTHROPIC_MODEL: m}\n$env.AWS_REGION = (do x)\n# $env.AWS_REGION = 'no'\nload-env {\n  AWS_REGION: 'z'\n}";
    let expected = [
        "1 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=x SetOnly",
        "3 AWS_REGION=? Unset",
        "4 AWS_PROFILE=p Export",
        "4 ANTHROPIC_MODEL=m Export",
        "5 AWS_REGION=? Export",
        "8 AWS_REGION=z Export",
    ];
    assert_eq!(of(ShellKind::Nushell, nu), expected);
    let elvish = "set-env AWS_REGION us-east-1\nset E:AWS_PROFILE = 'x'\nunset-env AWS_REGION\nvar AWS_PROFILE = y";
    let expected =
        ["1 AWS_REGION=us-east-1 Export", "2 AWS_PROFILE=x Export", "3 AWS_REGION=? Unset", "4 AWS_PROFILE=y SetOnly"];
    assert_eq!(of(ShellKind::Elvish, elvish), expected);
    let xonsh =
        "$AWS_REGION = 'us-east-1'\nAWS_PROFILE = 'x'\ndel $AWS_REGION\n${'AWS_PROFILE'} = \"y\"\n$AWS_REGION = f'{x}'";
    let expected = [
        "1 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=x SetOnly",
        "3 AWS_REGION=? Unset",
        "4 AWS_PROFILE=y Export",
        "5 AWS_REGION=? Export",
    ];
    assert_eq!(of(ShellKind::Xonsh, xonsh), expected);
    let pwsh = "$env:AWS_REGION = \"us-east-1\"\n$AWS_PROFILE = 'x'\nRemove-Item Env:\\AWS_REGION\n${env:AWS_PROFILE}='y'\n$Env:AWS_REGION = \"$x\"\n$env:AWS_REGION = $null";
    let expected = [
        "1 AWS_REGION=us-east-1 Export",
        "2 AWS_PROFILE=x SetOnly",
        "3 AWS_REGION=? Unset",
        "4 AWS_PROFILE=y Export",
        "5 AWS_REGION=? Export",
        "6 AWS_REGION=? Unset",
    ];
    assert_eq!(of(ShellKind::PowerShell, pwsh), expected);
}

#[test]
fn secrets_are_neither_kept_nor_shown() {
    let hidden = "hidden-value";
    for (shell, line) in [
        (ShellKind::Bash, "export AWS_REGION=x AWS_SECRET_ACCESS_KEY=hidden-value"),
        (ShellKind::Fish, "set -gx AWS_BEARER_TOKEN_BEDROCK hidden-value"),
        (ShellKind::Csh, "setenv ANTHROPIC_API_KEY hidden-value"),
        (ShellKind::Nushell, "$env.AWS_SESSION_TOKEN = 'hidden-value'"),
        (ShellKind::PowerShell, "$env:ANTHROPIC_AUTH_TOKEN = 'hidden-value'"),
    ] {
        let found = find(&[(1, line)], shell, false);
        assert!(!found.is_empty(), "{line}");
        assert!(!format!("{found:?}").contains(hidden), "{found:?}");
    }
}

#[test]
fn lines_of_another_language() {
    for (shell, line) in [
        (ShellKind::PowerShell, "export AWS_REGION=us-east-1"),
        (ShellKind::Bash, "setenv AWS_REGION us-east-1"),
        (ShellKind::Zsh, "set -gx AWS_REGION us-east-1"),
        (ShellKind::Bash, "$env:AWS_REGION = 'us-east-1'"),
        (ShellKind::Fish, "AWS_REGION=us-east-1"),
        (ShellKind::Tcsh, "export AWS_REGION=us-east-1"),
        (ShellKind::Nushell, "export AWS_REGION=us-east-1"),
        (ShellKind::Nushell, "let-env AWS_REGION = 'us-east-1'"),
        (ShellKind::Bash, "set AWS_REGION=us-east-1"),
        (ShellKind::Zsh, "AWS_REGION = us-east-1"),
        (ShellKind::Bash, "export AWS_REGION = us-east-1"),
        (ShellKind::Bash, "$AWS_REGION=\"us-east-1\""),
        (ShellKind::Fish, "set -gx AWS_REGION=us-east-1"),
        (ShellKind::Fish, "set -x AWS_REGION = us-east-1"),
        (ShellKind::PowerShell, "set AWS_REGION=us-east-1"),
        (ShellKind::PowerShell, "setx AWS_REGION us-east-1"),
    ] {
        assert_eq!(of(shell, line), ["1 AWS_REGION=us-east-1 Foreign"], "{shell}: {line}");
    }
    for line in ["# setenv AWS_REGION x", "AWS_REGION=x aws s3 ls", "echo setenv AWS_REGION x", "export -n AWS_PAGER"] {
        assert!(of(ShellKind::Bash, line).is_empty(), "{line}");
    }
}
