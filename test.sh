#!/usr/bin/env bash
# The one test command: installs what the tests need where it can, then runs formatter, linters and all tests.
#
#   ./test.sh                    everything
#   ./test.sh install_script     what follows goes to the test runner, such as a part of a test's name
#
# Missing programs are installed with apt-get (as root, or with a sudo that asks nothing) or with Homebrew. Where that is not possible it says what is missing and goes on: tests that need
# it fail by name, none is skipped. PowerShell is in neither Debian's archive nor npm's, so no test starts it.
# The tests fetch the AWS CLI and boto3 (PyPI), Nushell and the real client (npm) themselves, once, into the target directory.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Program and Debian package. In Homebrew most have the same name.
readonly PROGRAMS='
bash:bash cc:gcc curl:curl dash:dash elvish:elvish expect:expect fish:fish ksh:ksh mksh:mksh node:nodejs npm:npm
jq:jq openssl:openssl python3:python3 shasum:perl shellcheck:shellcheck shfmt:shfmt tar:tar tcsh:tcsh tmux:tmux wget:wget
xonsh:xonsh yash:yash zsh:zsh
'
readonly LINUX_PROGRAMS='bsd-csh:csh busybox:busybox chromium:chromium setpriv:util-linux unshare:util-linux mount:mount ip:iproute2'

TARGET_DIR=${CARGO_TARGET_DIR:-${PWD}/target}
readonly TOOLS=${TARGET_DIR}/test-tools
readonly LOG=${TOOLS}/provision.log

say() {
	printf '%s\n' "$*" >&2
}

# step NAME COMMAND...: says what runs, so that a failure has a heading.
step() {
	say "== $1"
	shift
	"$@"
}

# Debian packages of what is not there, one per line.
missing_packages() {
	local system pair
	system=$(uname -s)
	# shellcheck disable=SC2086  # two lists of words
	for pair in ${PROGRAMS} $([[ ${system} != Linux ]] || echo ${LINUX_PROGRAMS}); do
		command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
	done
	# Debian splits venv off python3. With the module there, `-c` costs some tens of milliseconds.
	if command -v python3 >/dev/null && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
		echo python3-venv
	fi
}

# Runs a package manager, its output into the log.
install_with() {
	say "== installing $(printf '%s ' "${@:2}")(log: ${LOG})"
	# One by one after a failure: a name that this system does not know must not keep the others away.
	# shellcheck disable=SC2086  # the first argument is a command line
	if ! $1 "${@:2}" >>"${LOG}" 2>&1; then
		local package
		for package in "${@:2}"; do
			$1 "${package}" >>"${LOG}" 2>&1 || true
		done
	fi
}

provision_programs() {
	local missing sudo=''
	missing=$(missing_packages)
	[[ -n ${missing} ]] || return 0
	# shellcheck disable=SC2086  # a list of words
	if command -v apt-get >/dev/null && { [[ ${EUID} == 0 ]] || sudo -n true 2>/dev/null; }; then
		[[ ${EUID} == 0 ]] || sudo='sudo -n'
		${sudo} apt-get update >>"${LOG}" 2>&1 || true
		install_with "${sudo} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends" ${missing}
	elif command -v brew >/dev/null; then
		install_with 'brew install' ${missing}
	fi
	missing=$(missing_packages)
	[[ -z ${missing} ]] || say "== missing and not installable from here; tests that need them will fail: ${missing//$'\n'/ }"
}

# Some tests confine the program to a network of its own. Ubuntu forbids its users the namespaces that this takes.
provision_namespaces() {
	local system
	system=$(uname -s)
	if [[ ${system} != Linux || ${EUID} == 0 ]] || unshare --map-root-user --mount true 2>/dev/null; then
		return 0
	fi
	sudo -n sh -c 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' >/dev/null 2>&1 ||
		say '== no namespaces for users here; tests that need them will fail'
}

provision() {
	mkdir -p "${TOOLS}"
	: >"${LOG}"
	provision_programs
	provision_namespaces
}

run_tests() {
	if cargo nextest --version >/dev/null 2>&1; then
		cargo nextest run --locked --no-fail-fast "$@"
	else
		cargo test --locked --no-fail-fast --lib --bins --tests "$@"
	fi
}

main() {
	command -v cargo >/dev/null || {
		say "cargo is not here: install Rust (https://rustup.rs)"
		exit 1
	}
	provision
	step 'cargo fmt' cargo fmt --check
	step 'shellcheck install.sh' shellcheck -s sh --enable=all install.sh
	step 'shellcheck test.sh .ci/run' shellcheck --enable=all test.sh .ci/run
	step 'shellcheck scripts' shellcheck scripts/*.sh
	step 'shfmt' shfmt -d install.sh test.sh .ci/run
	step 'cargo clippy' cargo clippy --locked --all-targets -- -D warnings
	step 'documentation examples' cargo test --locked --quiet --doc
	# Last, so that the closing line is the test runner's own.
	step 'tests' run_tests "$@"
}

main "$@"
