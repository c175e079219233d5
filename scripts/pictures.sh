#!/bin/sh
# Makes the pictures of the README from real runs: bedrockup in a real terminal (tmux), against the fake AWS of the tests.
# Needs tmux and python3; the converter (rich, from PyPI) is kept under target/test-tools.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
work=$(mktemp -d)
session="bedrockup-pictures-$$"
stop() {
    tmux kill-session -t "$session" 2>/dev/null || true
    [ -z "${aws_pid:-}" ] || kill "$aws_pid" 2>/dev/null || true
    # A shell that is just ending may still write its history.
    rm -rf "$work" 2>/dev/null || { wait; rm -rf "$work"; }
}
trap stop EXIT
trap 'exit 130' INT TERM

tools="$root/target/test-tools/pictures"
[ -x "$tools/bin/python" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet rich==14.2.0; }
cargo build --quiet
cargo build --quiet --example fake-aws

# The fake prints its URL when it is ready.
mkfifo "$work/ready"
target/debug/examples/fake-aws >"$work/ready" &
aws_pid=$!
read -r url <"$work/ready"

home="$work/home"
mkdir -p "$home/.aws" "$home/.claude" "$home/bin" "$home/project"
printf 'alias ll="ls -l"\n' >"$home/.bashrc"
printf '[ -f ~/.bashrc ] && . ~/.bashrc\n' >"$home/.bash_profile"
printf '[default]\nregion = us-east-1\n[profile work]\nregion = eu-central-1\n' >"$home/.aws/config"
cat >"$home/.aws/credentials" <<KEYS
[work]
aws_access_key_id = AKIAIOSFODNN7GOODKEY
aws_secret_access_key = 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
KEYS
cat >"$home/bin/claude" <<'CLAUDE'
#!/bin/sh
case "$*" in
--version) echo "2.1.330 (Claude Code)" ;;
"auth status"*) echo '{"loggedIn":true,"authMethod":"third_party","apiProvider":"bedrock"}' ;;
esac
CLAUDE
chmod +x "$home/bin/claude"
ln -s "$root/target/debug/bedrockup" "$home/bin/bedrockup"

# A shell as a new terminal starts it, with nothing of this one's environment but what AWS needs to be the fake.
start_terminal() {
    tmux kill-session -t "$session" 2>/dev/null || true
    tmux -f /dev/null new-session -d -s "$session" -x 92 -y "$1" \
        "cd '$home/project' && exec env -i HOME='$home' USER=ada LOGNAME=ada SHELL=/bin/bash TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8 \
        PATH='$home/bin:/usr/bin:/bin' AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL='$url' ANTHROPIC_BEDROCK_BASE_URL='$url' \
        PS1='\$ ' bash --noprofile --norc"
    wait_for '\$'
}
screen() { tmux capture-pane -p -t "$session"; }
# Waits until the screen shows a text; the shell's own prompt tells that a command has ended.
wait_for() {
    tries=0
    until screen | grep -q -- "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 150 ] || { screen >&2; echo "the screen never showed: $1" >&2; exit 1; }
        sleep 0.1
    done
}
type_in() { tmux send-keys -t "$session" "$@"; }
picture() {
    tmux capture-pane -e -p -t "$session" >"$work/screen.ansi"
    "$tools/bin/python" scripts/ansi_to_svg.py "$work/screen.ansi" "docs/$1.svg" "$2"
}

start_terminal 62
type_in 'bedrockup setup' Enter
wait_for 'Credentials'
type_in Down Down Enter
wait_for 'Region'
type_in Enter
wait_for 'Models'
type_in Enter
wait_for 'Write th'
type_in Enter
wait_for 'healthy:\|degraded:\|broken:\|unknown:'
picture setup 'bedrockup setup'

# A machine on which a settings file beats the shell.
sed -i 's/"bedrock"/"firstParty"/' "$home/bin/claude"
printf '{\n  "env": {\n    "CLAUDE_CODE_USE_BEDROCK": "0"\n  }\n}\n' >"$home/.claude/settings.json"
start_terminal 40
type_in '. ~/.bashrc; clear; bedrockup doctor' Enter
wait_for 'healthy:\|degraded:\|broken:\|unknown:'
picture doctor 'bedrockup doctor'
