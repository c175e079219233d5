#!/bin/sh
# Installs bedrockup for one person: no sudo, no rc file edited, one program in one directory.
#
#   ./install.sh                       in a checkout: builds with cargo
#   curl -fsSL URL/install.sh | sh     elsewhere: downloads a release and checks its SHA-256
#   ./install.sh --help                everything else
#
# It is POSIX sh and runs under dash, bash, busybox sh, ksh, mksh, yash and zsh. Up to its last line it only defines
# functions, so that a download that was cut short does nothing at all. `BEDROCKUP_TESTING=1 . ./install.sh` loads the
# functions and runs nothing.
#
# There is no `local` in POSIX sh: a function that gives back a value names its variable in the comment above it.
#
# shellcheck disable=SC2310  # functions used as conditions answer by their status and do not lean on `set -e`

# Where releases live: <base>/latest leads to <base>/tag/<tag>, files are at <base>/download/<tag>/<file>.
DEFAULT_BASE_URL='https://github.com/bedrockup/bedrockup/releases'
REPOSITORY='bedrockup/bedrockup'

# Taken here because zsh puts a function's own name into $0.
SCRIPT=$0
NEWLINE='
'

help() {
	cat <<EOF
Installs bedrockup, which routes Claude Code through Amazon Bedrock.

Usage: install.sh [OPTIONS] [-- SETUP-ARGUMENTS]
       curl -fsSL .../install.sh | sh -s -- [OPTIONS] [-- SETUP-ARGUMENTS]

In a checkout it builds with cargo; elsewhere, or when a release or a mirror is named, it downloads a release and
checks its SHA-256. The program goes to <prefix>/bin; then \`bedrockup setup\` starts if there is a terminal.

Options:
  --prefix DIR       install below DIR, as DIR/bin/bedrockup [default: ~/.local; variable: BEDROCKUP_PREFIX]
  --version X        the release to download, such as 0.1.0 [default: latest; variable: BEDROCKUP_VERSION]
  --base-url URL     a mirror of the releases: https://... or file:///... [variable: BEDROCKUP_BASE_URL]
                     (files at URL/download/<tag>/; URL/latest redirects to .../tag/<tag> or is a file with the tag in it)
  --from-source      build with cargo; needs a checkout
  --download         download, also in a checkout
  --uninstall        take back what setup wrote (\`bedrockup uninstall\`), then remove the program
  --no-setup         do not start \`bedrockup setup\`
  --no-modify-path   accepted and without effect: this script never edits PATH or an rc file, it prints the line
  --dry-run          say every step, change nothing
  -y, --yes          ask nothing; is passed on to \`bedrockup setup\` and \`bedrockup uninstall\`
  -q, --quiet        print errors only
  -h, --help         print this

What follows \`--\` goes to \`bedrockup setup\`; see \`bedrockup setup --help\`.
Example: ./install.sh -- --region us-east-1 --profile work

Exit codes: 0 installed; 1 failed; 2 wrong usage; 4 refused to touch a file; 129, 130, 141, 143 interrupted;
once \`bedrockup setup\` or \`bedrockup uninstall\` has started, its own exit code.
EOF
}

# --- saying things ---------------------------------------------------------------------------------------------------

say() {
	[ "${QUIET:-0}" = 1 ] || printf '%s\n' "$*"
}

warn() {
	printf 'install.sh: %s\n' "$*" >&2
}

# die CODE WORD...: one line that says what is wrong and what to do.
die() {
	DIE_CODE=$1
	shift
	warn "$*"
	exit "${DIE_CODE}"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# The first line of what a failed program said. Sets REASON, with a fallback for silence. What programs say is kept in
# variables, not in files: the reason may be that no file can be written.
reason_from() {
	REASON=$(printf '%s\n' "$1" | sed -n -e '/^Warning:/d' -e '/./{p;q;}') || REASON=''
	[ -n "${REASON}" ] || REASON='no reason given'
}

# --- quoting, for lines that people paste ----------------------------------------------------------------------------

# quote STYLE TEXT. Sets QUOTED; plain words stay plain.
quote() {
	case $2 in
	'' | *[!A-Za-z0-9_./:@%+,=-]*) ;;
	*)
		QUOTED=$2
		return 0
		;;
	esac
	case $1 in
	doubled) QUOTED=$(printf '%s' "$2" | sed "s/'/''/g") ;;
	backslash) QUOTED=$(printf '%s' "$2" | sed "s/[\\\\']/\\\\&/g") ;;
	csh) QUOTED=$(printf '%s' "$2" | sed -e "s/'/'\\\\''/g" -e 's/!/\\!/g') ;;
	*) QUOTED=$(printf '%s' "$2" | sed "s/'/'\\\\''/g") ;;
	esac
	QUOTED="'${QUOTED}'"
}

# --- the person ------------------------------------------------------------------------------------------------------

# passwd_field HOME-OR-SHELL-COLUMN (6 or 7) of the user who runs this. Sets FIELD, empty when nobody knows.
passwd_field() {
	FIELD=''
	USER_NAME=$(id -un 2>/dev/null) || return 0
	if have getent; then
		FIELD=$(getent passwd "${USER_NAME}" | cut -d: -f"$1") || FIELD=''
	elif have dscl; then
		if [ "$1" = 6 ]; then DSCL_KEY=NFSHomeDirectory; else DSCL_KEY=UserShell; fi
		FIELD=$(dscl . -read "/Users/${USER_NAME}" "${DSCL_KEY}" 2>/dev/null | sed -n 's/^[A-Za-z]*: //p') || FIELD=''
	elif [ -r /etc/passwd ]; then
		FIELD=$(awk -F: -v name="${USER_NAME}" -v column="$1" '$1 == name { print $column; exit }' /etc/passwd) || FIELD=''
	fi
}

# HOME, from the password database when it is unset. Root with somebody else's HOME is refused: root would own the
# files there. Exports HOME.
settle_home() {
	if [ -z "${HOME:-}" ]; then
		passwd_field 6
		HOME=${FIELD}
		[ -z "${HOME}" ] || export HOME
	fi
	case ${HOME} in
	'' | /*) ;;
	*) die 2 "HOME is '${HOME}', which is not an absolute path; set HOME to your home directory" ;;
	esac
	USER_ID=$(id -u) || USER_ID=''
	if [ "${USER_ID}" = 0 ] && [ -d "${HOME}" ]; then
		FOREIGN=$(find "${HOME}/." -prune ! -user 0 2>/dev/null) || FOREIGN=''
		if [ -n "${FOREIGN}" ]; then
			die 4 "you are root, but HOME=${HOME} belongs to another user; run without sudo, or with 'sudo -H' for root's own home"
		fi
	fi
}

# --- where it goes ---------------------------------------------------------------------------------------------------

# Sets PREFIX (absolute), BIN_DIR, DESTINATION, RECORD.
settle_prefix() {
	if [ -z "${PREFIX}" ]; then
		[ -n "${HOME}" ] || die 2 "HOME is not set and the password database has no home for you; name a place with --prefix DIR"
		[ -d "${HOME}" ] || die 4 "your home ${HOME} is not a directory; create it, or name another place with --prefix DIR"
		PREFIX=${HOME}/.local
	fi
	# The shell leaves the ~ of `--prefix=~/x` alone; nobody means a directory that is called "~".
	# shellcheck disable=SC2088  # compared as text, on purpose
	case ${PREFIX} in
	'~' | '~/'*)
		[ -n "${HOME}" ] || die 2 "HOME is not set, so ~ means nothing; name a place with --prefix DIR"
		PREFIX=${HOME}${PREFIX#?}
		;;
	/*) ;;
	*)
		HERE=$(pwd -P) || die 1 "the current directory cannot be read; give --prefix an absolute path"
		PREFIX=${HERE%/}/${PREFIX}
		;;
	esac
	case ${PREFIX} in
	*"${NEWLINE}"*) die 2 "the prefix contains a line break; name another place with --prefix DIR" ;;
	*) ;;
	esac
	while :; do
		case ${PREFIX} in
		?*/) PREFIX=${PREFIX%/} ;;
		*) break ;;
		esac
	done
	BIN_DIR=${PREFIX%/}/bin
	DESTINATION=${BIN_DIR}/bedrockup
	# Lies in BIN_DIR only when this script made BIN_DIR: the directories for --uninstall to remove.
	RECORD=${BIN_DIR}/.bedrockup-install
}

# Does $1 answer `--version` as bedrockup does? Sets VERSION_LINE.
is_ours() {
	[ -f "$1" ] && [ -x "$1" ] || return 1
	VERSION_LINE=$("$1" --version </dev/null 2>/dev/null) || return 1
	case ${VERSION_LINE} in
	'bedrockup '*) return 0 ;;
	*) return 1 ;;
	esac
}

# Refuses a program at DESTINATION that is not ours to replace or remove.
refuse_foreign_program() {
	if [ -L "${DESTINATION}" ]; then
		die 4 "${DESTINATION} is a symbolic link that this script did not make; remove it, or name another place with --prefix DIR"
	elif [ -d "${DESTINATION}" ]; then
		die 4 "${DESTINATION} is a directory; move it away, or name another place with --prefix DIR"
	elif [ -e "${DESTINATION}" ] && ! is_ours "${DESTINATION}"; then
		die 4 "${DESTINATION} is not bedrockup (its --version says otherwise); move it away, or name another place with --prefix DIR"
	fi
}

# Refuses before anything is downloaded or built. Sets MISSING: directories to make, deepest first, one per line.
check_destination() {
	MISSING=''
	PLACE=${BIN_DIR}
	while [ ! -e "${PLACE}" ] && [ ! -L "${PLACE}" ]; do
		MISSING=${MISSING}${PLACE}${NEWLINE}
		PLACE=$(dirname "${PLACE}")
	done
	[ -d "${PLACE}" ] || die 4 "${PLACE} is not a directory; move it away, or name another place with --prefix DIR"
	if [ ! -w "${PLACE}" ] || [ ! -x "${PLACE}" ]; then
		die 4 "you may not write to ${PLACE}; name a place of your own with --prefix DIR (sudo is not needed)"
	fi
	refuse_foreign_program
}

# --- leaving nothing behind ------------------------------------------------------------------------------------------

# Removes the directories listed on standard input as far as they are empty.
remove_empty() {
	while IFS= read -r EMPTY_DIR; do
		rmdir "${EMPTY_DIR}" 2>/dev/null || break
	done
}

cleanup() {
	[ -z "${NEW_FILE:-}" ] || rm -f "${NEW_FILE}"
	[ -z "${WORK:-}" ] || rm -rf "${WORK}"
	if [ -n "${MADE:-}" ]; then
		[ -z "${NEW_RECORD:-}" ] || rm -f "${NEW_RECORD}"
		printf '%s' "${MADE}" | remove_empty
	fi
	NEW_FILE='' WORK='' MADE='' NEW_RECORD=''
}

# Runs on every way out. The status is the one that the shell was leaving with.
on_exit() {
	EXIT_STATUS=$?
	trap - EXIT INT TERM HUP PIPE
	cleanup
	exit "${EXIT_STATUS}"
}

on_signal() {
	trap '' INT TERM HUP PIPE
	[ "${INSTALLED}" = 1 ] || warn "interrupted; nothing was installed"
	exit "$1"
}

# Sets WORK, a private directory that is gone at the end however that comes.
make_work_directory() {
	trap on_exit EXIT
	trap 'on_signal 130' INT
	trap 'on_signal 143' TERM
	trap 'on_signal 129' HUP
	trap 'on_signal 141' PIPE
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/bedrockup.XXXXXX" 2>/dev/null) ||
		die 1 "no temporary directory could be made in ${TMPDIR:-/tmp}; set TMPDIR to a directory with free space"
}

# --- which release ---------------------------------------------------------------------------------------------------

# The target of our release that runs here. Sets TARGET.
# Linux archives carry the name of the Rust target that they were built for, *-linux-gnu, but are linked statically
# (`-C target-feature=+crt-static`): one archive serves every distribution, also those with musl or an old glibc.
detect_target() {
	OS=$(uname -s)
	MACHINE=$(uname -m)
	case ${OS} in
	Linux) TARGET_OS=unknown-linux-gnu ;;
	Darwin) TARGET_OS=apple-darwin ;;
	MINGW* | MSYS* | CYGWIN*) die 1 "there is no build for Windows; run this inside WSL" ;;
	*) die 1 "there is no prebuilt bedrockup for ${OS}; build it from a checkout with ./install.sh --from-source" ;;
	esac
	case ${MACHINE} in
	x86_64 | amd64 | x64) TARGET_CPU=x86_64 ;;
	aarch64 | arm64) TARGET_CPU=aarch64 ;;
	*) die 1 "there is no prebuilt bedrockup for ${OS} on ${MACHINE}; build it from a checkout with ./install.sh --from-source" ;;
	esac
	if [ "${OS}" = Darwin ] && [ "${TARGET_CPU}" = x86_64 ]; then
		# Under Rosetta uname tells the shell's architecture, not the machine's.
		ARM=$(sysctl -n hw.optional.arm64 2>/dev/null) || ARM=''
		[ "${ARM}" != 1 ] || TARGET_CPU=aarch64
	fi
	if [ "${OS}" = Linux ]; then
		# A 64-bit kernel may carry a 32-bit system, as on older Raspberry Pis.
		BITS=$(getconf LONG_BIT 2>/dev/null) || BITS=''
		if [ -z "${BITS}" ]; then
			# Without getconf: the fifth byte of a program of this system is 1 in 32-bit ELF, 2 in 64-bit ELF.
			BITS=$(od -An -tu1 -N5 /proc/self/exe 2>/dev/null | awk '$5 == 1 { print 32 }') || BITS=''
		fi
		[ "${BITS}" != 32 ] || die 1 "this is a 32-bit system on a 64-bit kernel and there is no prebuilt bedrockup for it; build it from a checkout with ./install.sh --from-source"
	fi
	TARGET=${TARGET_CPU}-${TARGET_OS}
}

check_base_url() {
	BASE_URL=${BASE_URL%/}
	case ${BASE_URL} in
	https://?* | file:///*) ;;
	# A server on this very machine cannot be listened to on the way.
	http://localhost | http://localhost[:/]* | http://127.0.0.1 | http://127.0.0.1[:/]* | 'http://[::1]' | 'http://[::1]'[:/]*) ;;
	http://*) die 2 "'${BASE_URL}' is not encrypted; give --base-url an https:// or file:/// address" ;;
	*) die 2 "'${BASE_URL}' is no address for --base-url; give it as https://... or file:///..." ;;
	esac
}

# check_version: VERSION becomes a tag (v1.2.3) or stays "latest".
check_version() {
	case ${VERSION} in
	latest) return 0 ;;
	v[0-9]*) ;;
	[0-9]*) VERSION=v${VERSION} ;;
	*) die 2 "'${VERSION}' is no release; give --version as 0.1.0 or latest" ;;
	esac
	case ${VERSION} in
	*[!0-9A-Za-z.+-]*) die 2 "'${VERSION}' is no release; give --version as 0.1.0 or latest" ;;
	*) ;;
	esac
}

# Sets FETCHER. Busybox's wget is not taken: as shipped it does not check certificates.
find_fetcher() {
	case ${BASE_URL} in
	file://*)
		FETCHER=copy
		return 0
		;;
	*) ;;
	esac
	if have curl; then
		FETCHER=curl
	elif have wget && wget --version 2>/dev/null | grep -q '^GNU Wget'; then
		FETCHER=wget
	else
		die 1 "a download needs curl or GNU wget, and neither is here; install curl with your package manager"
	fi
}

# Sets HASHER.
find_hasher() {
	for TOOL in sha256sum shasum openssl; do
		HASHER=${TOOL} # yash keeps the loop's own variable to this function
		if have "${HASHER}"; then return 0; fi
	done
	die 1 "the download could not be checked: install sha256sum, shasum or openssl"
}

# Sets HASH of file $1.
hash_of() {
	case ${HASHER} in
	sha256sum) HASH=$(sha256sum <"$1") ;;
	shasum) HASH=$(shasum -a 256 <"$1") ;;
	*) HASH=$(openssl dgst -sha256 -r <"$1") ;;
	esac || die 1 "${HASHER} failed on the download; nothing was installed"
	HASH=${HASH%%[ *]*}
}

# fetch URL FILE. On failure the status is 1 and REASON is set. Sets FINAL_URL, where redirects led.
fetch() {
	FINAL_URL=$1
	case $1 in
	http:*) PROTOCOL='=http' ;;
	*) PROTOCOL='=https' ;;
	esac
	case ${FETCHER} in
	copy)
		SAID=$(cp "${1#file://}" "$2" 2>&1) && return 0
		;;
	curl)
		if SAID=$(curl --proto "${PROTOCOL}" --tlsv1.2 -fsSL --retry 3 --connect-timeout 20 --speed-limit 1 --speed-time 60 \
			-w '\n%{url_effective}' -o "$2" "$1" 2>&1); then
			FINAL_URL=${SAID##*"${NEWLINE}"}
			return 0
		fi
		;;
	*)
		if SAID=$(wget -nv -S --https-only --secure-protocol=TLSv1_2 --tries=3 --timeout=20 -O "$2" "$1" 2>&1); then
			LOCATION=$(printf '%s\n' "${SAID}" | sed -n 's/^ *[Ll]ocation: *\([^ ]*\).*/\1/p' | tail -n 1)
			FINAL_URL=${LOCATION:-$1}
			return 0
		fi
		# Neither the server's headers nor the address again are a reason.
		SAID=$(printf '%s\n' "${SAID}" | sed -e '/^ /d' -e '/^http.*:$/d' -e 's/^[0-9-]* [0-9:]* //')
		;;
	esac
	reason_from "${SAID}"
	return 1
}

# Turns "latest" into a tag by where <base>/latest leads, not by asking an API that counts requests. Sets VERSION.
resolve_latest() {
	[ "${VERSION}" = latest ] || return 0
	fetch "${BASE_URL}/latest" "${WORK}/latest" ||
		die 1 "cannot find out the latest release at ${BASE_URL}/latest (${REASON}); check the network, or name one with --version X"
	case ${FINAL_URL} in
	"${BASE_URL}/latest") VERSION=$(sed -n '1{s/[[:space:]]*$//;p;q;}' "${WORK}/latest") ;;
	*/tag/*) VERSION=${FINAL_URL##*/tag/} ;;
	*) VERSION='' ;;
	esac
	case ${VERSION} in
	v[0-9]*) ;;
	*) VERSION='' ;;
	esac
	case ${VERSION} in
	'' | *[!0-9A-Za-z.+-]*) die 1 "${BASE_URL}/latest names no release; name one with --version X" ;;
	*) ;;
	esac
}

# --- getting the program ---------------------------------------------------------------------------------------------

# Sets SOURCE, the checkout that this script lies in; status 1 when it lies in none (as in `curl ... | sh`).
find_checkout() {
	[ -f "${SCRIPT}" ] || return 1
	SOURCE_DIR=$(dirname "${SCRIPT}")
	SOURCE=$(CDPATH='' cd "${SOURCE_DIR}" 2>/dev/null && pwd -P) || return 1
	grep -q '^name = "bedrockup"' "${SOURCE}/Cargo.toml" 2>/dev/null
}

# Sets PROGRAM.
build() {
	TARGET_DIR=${CARGO_TARGET_DIR:-${SOURCE}/target}
	case ${TARGET_DIR} in
	/*) ;;
	*) TARGET_DIR=$(pwd -P)/${TARGET_DIR} ;;
	esac
	PROGRAM=${TARGET_DIR}/release/bedrockup
	if [ "${DRY_RUN}" = 1 ]; then
		say "would build ${SOURCE} with: cargo build --release --locked"
		return 0
	fi
	say "Building ${SOURCE} with cargo; this takes some minutes the first time."
	if [ "${QUIET}" = 1 ]; then set -- --quiet; else set --; fi
	(
		# A cross target named in the environment would put the program elsewhere, and it would not run here.
		unset CARGO_BUILD_TARGET
		cd "${SOURCE}" && cargo build --release --locked --target-dir "${TARGET_DIR}" "$@" </dev/null >&2
	) || die 1 "cargo could not build ${SOURCE}, see above; a release can be installed with --download"
	[ -f "${PROGRAM}" ] || die 1 "cargo built no ${PROGRAM}; is another target set in cargo's configuration?"
}

# Sets PROGRAM.
download() {
	ARCHIVE=bedrockup-${TARGET}.tar.gz
	if [ "${DRY_RUN}" = 1 ]; then
		[ "${VERSION}" != latest ] || say "would ask ${BASE_URL}/latest for the latest release"
		[ "${VERSION}" != latest ] || VERSION='<latest>'
		say "would download ${BASE_URL}/download/${VERSION}/${ARCHIVE}"
		say "would check its SHA-256 against ${BASE_URL}/download/${VERSION}/SHA256SUMS with ${HASHER}"
		return 0
	fi
	resolve_latest
	FOLDER=${BASE_URL}/download/${VERSION}
	say "Downloading bedrockup ${VERSION} for ${TARGET} from ${BASE_URL}"
	for NAME in SHA256SUMS "${ARCHIVE}"; do
		fetch "${FOLDER}/${NAME}" "${WORK}/${NAME}" ||
			die 1 "cannot download ${FOLDER}/${NAME} (${REASON}); check the network, the free space in ${TMPDIR:-/tmp}, and that --version names a release; nothing was installed"
	done
	check_hash
	SAID=$(mkdir "${WORK}/unpacked" 2>&1 && tar -xzf "${WORK}/${ARCHIVE}" -C "${WORK}/unpacked" 2>&1) || {
		reason_from "${SAID}"
		die 1 "cannot unpack ${ARCHIVE} (${REASON}); nothing was installed"
	}
	for CANDIDATE in "${WORK}/unpacked/bedrockup-${TARGET}/bedrockup" "${WORK}/unpacked/bedrockup"; do
		PROGRAM=${CANDIDATE}
		if [ -f "${PROGRAM}" ] && [ ! -L "${PROGRAM}" ]; then return 0; fi
	done
	die 1 "${ARCHIVE} holds no bedrockup; nothing was installed"
}

check_hash() {
	WANTED=$(awk -v name="${ARCHIVE}" '{ sub(/\r$/, "") } $2 == name || $2 == "*" name { print tolower($1) }' "${WORK}/SHA256SUMS")
	case ${WANTED} in
	'' | *[!0-9a-f]*) die 1 "${FOLDER}/SHA256SUMS has no single checksum for ${ARCHIVE}; nothing was installed" ;;
	*) ;;
	esac
	hash_of "${WORK}/${ARCHIVE}"
	[ "${HASH}" = "${WANTED}" ] ||
		die 1 "wrong checksum for ${ARCHIVE} (${HASH}, expected ${WANTED}): the download is damaged or not the released one; try again; nothing was installed"
	say "The checksum is right (SHA-256 ${HASH})."
}

# --- putting it in place ---------------------------------------------------------------------------------------------

# Makes BIN_DIR and tries to write there, before time goes into a build or a download.
claim_place() {
	MADE=${MISSING}
	if SAID=$(mkdir -p "${BIN_DIR}" 2>&1) && SAID=$(mktemp "${BIN_DIR}/.bedrockup.XXXXXX" 2>&1); then
		rm -f "${SAID}"
		return 0
	fi
	reason_from "${SAID}"
	die 4 "nothing can be written to ${BIN_DIR} (${REASON}); name another place with --prefix DIR"
}

# Sets VERSION_LINE. The new file is written beside the old one and must run before it takes the name.
place_program() {
	SAID=$(mktemp "${BIN_DIR}/.bedrockup.XXXXXX" 2>&1) || cannot_write
	NEW_FILE=${SAID}
	SAID=$(cp "${PROGRAM}" "${NEW_FILE}" 2>&1) || cannot_write
	chmod 755 "${NEW_FILE}"
	if ! is_ours "${NEW_FILE}"; then
		SAID=$("${NEW_FILE}" --version </dev/null 2>&1) || :
		reason_from "${SAID}"
		die 1 "the new program does not answer --version as bedrockup does (${REASON}); is ${BIN_DIR} mounted noexec? nothing was installed"
	fi
	if [ -f "${DESTINATION}" ] && cmp -s "${NEW_FILE}" "${DESTINATION}" 2>/dev/null; then
		say "${VERSION_LINE} is already at ${DESTINATION}, unchanged."
		return 0
	fi
	if [ -n "${MADE}" ]; then
		NEW_RECORD=${RECORD}
		SAID=$(write_record 2>&1) || cannot_write
	fi
	SAID=$(mv -f "${NEW_FILE}" "${DESTINATION}" 2>&1) || cannot_write
	INSTALLED=1 NEW_FILE='' MADE='' NEW_RECORD=''
	say "Installed ${VERSION_LINE} as ${DESTINATION}"
}

write_record() {
	printf '# Directories that install.sh made; install.sh --uninstall removes them again if they are empty.\n%s' "${MADE}" >"${RECORD}"
}

# SAID has the reason.
cannot_write() {
	reason_from "${SAID}"
	die 1 "cannot write to ${BIN_DIR} (${REASON}); is the disk full? nothing was installed"
}

install_program() {
	check_destination
	if [ "${METHOD}" = source ]; then
		have cargo || die 1 "building needs cargo, and it is not here; install Rust (https://rustup.rs), or take a release with --download"
	else
		check_base_url
		check_version
		detect_target
		find_fetcher
		find_hasher
	fi
	if [ "${DRY_RUN}" = 1 ]; then
		if [ "${METHOD}" = source ]; then build; else download; fi
		[ -z "${MISSING}" ] || say "would make ${BIN_DIR}"
		say "would write ${DESTINATION} (mode 755) after running its --version"
		return 0
	fi
	make_work_directory
	claim_place
	if [ "${METHOD}" = source ]; then build; else download; fi
	place_program
	cleanup
	trap - EXIT INT TERM HUP PIPE
	if [ "${METHOD}" = download ] && [ "${BASE_URL}" = "${DEFAULT_BASE_URL}" ] && have gh; then
		quote posix "${DESTINATION}"
		say "To check who built it: gh attestation verify ${QUOTED} --repo ${REPOSITORY}"
	fi
}

# --- what comes next -------------------------------------------------------------------------------------------------

# Prints the one line that puts BIN_DIR on PATH, for the login shell; nothing is edited.
advise_path() {
	case ":${PATH}:" in
	*":${BIN_DIR}:"*)
		FOUND=$(command -v bedrockup 2>/dev/null) || FOUND=''
		if [ -n "${FOUND}" ] && [ "${FOUND}" != "${DESTINATION}" ] && [ "${DRY_RUN}" = 0 ]; then
			warn "another bedrockup comes first on PATH: ${FOUND}; remove it, or start ${DESTINATION}"
		fi
		return 0
		;;
	*) ;;
	esac
	passwd_field 7
	LOGIN_SHELL=${FIELD##*/}
	case ${LOGIN_SHELL} in
	'' | nologin | false) LOGIN_SHELL=${SHELL:-sh} LOGIN_SHELL=${LOGIN_SHELL##*/} ;;
	*) ;;
	esac
	path_line
	say "${BIN_DIR} is not on PATH. For ${LOGIN_SHELL}, add this line to ${RC_FILE}:"
	say "    ${PATH_LINE}"
}

# For LOGIN_SHELL: sets PATH_LINE and RC_FILE. Both are text for a person to read: ~ and $PATH are for that shell.
# shellcheck disable=SC2016,SC2088
path_line() {
	quote posix "${BIN_DIR}"
	PATH_LINE="export PATH=${QUOTED}:"'"$PATH"'
	case ${LOGIN_SHELL} in
	bash)
		RC_FILE='~/.bashrc'
		OS=$(uname -s)
		[ "${OS}" != Darwin ] || RC_FILE='~/.bash_profile'
		;;
	zsh) RC_FILE=${ZDOTDIR:-'~'}/.zshrc ;;
	yash) RC_FILE='~/.yash_profile' ;;
	fish)
		quote backslash "${BIN_DIR}"
		RC_FILE=${XDG_CONFIG_HOME:-'~/.config'}/fish/config.fish
		PATH_LINE="fish_add_path ${QUOTED}"
		;;
	csh | tcsh)
		quote csh "${BIN_DIR}"
		RC_FILE='~/.cshrc'
		[ ! -e "${HOME}/.tcshrc" ] || [ "${LOGIN_SHELL}" = csh ] || RC_FILE='~/.tcshrc'
		PATH_LINE="set path = ( ${QUOTED} "'$path:q )'
		;;
	nu)
		QUOTED=$(printf '%s' "${BIN_DIR}" | sed 's/[\\"]/\\&/g')
		RC_FILE='config.nu (`$nu.config-path` says where it is)'
		PATH_LINE='$env.PATH = ($env.PATH | prepend "'"${QUOTED}"'")'
		;;
	elvish)
		QUOTED=$(printf '%s' "${BIN_DIR}" | sed "s/'/''/g")
		RC_FILE=${XDG_CONFIG_HOME:-'~/.config'}/elvish/rc.elv
		PATH_LINE="set paths = ['${QUOTED}' "'$@paths]'
		;;
	xonsh)
		QUOTED=$(printf '%s' "${BIN_DIR}" | sed "s/[\\\\']/\\\\&/g")
		RC_FILE='~/.xonshrc'
		PATH_LINE='$PATH.insert(0, '"'${QUOTED}')"
		;;
	pwsh)
		QUOTED=$(printf '%s' "${BIN_DIR}" | sed "s/'/''/g")
		RC_FILE='$PROFILE'
		PATH_LINE='$env:PATH = '"'${QUOTED}:'"' + $env:PATH'
		;;
	*) RC_FILE='~/.profile' ;;
	esac
}

# How a person starts the program. Sets COMMAND; arguments follow it.
show_command() {
	case ":${PATH}:" in
	*":${BIN_DIR}:"*) COMMAND=bedrockup ;;
	*)
		quote posix "${DESTINATION}"
		COMMAND=${QUOTED}
		;;
	esac
	for WORD; do
		quote posix "${WORD}"
		COMMAND="${COMMAND} ${QUOTED}"
	done
}

# Sets TERMINAL: stdin, tty (standard input is the script itself, as in `curl ... | sh`) or none.
find_terminal() {
	TERMINAL=none
	if [ -t 0 ]; then
		TERMINAL=stdin
	elif [ -t 1 ] || [ -t 2 ]; then
		if (: </dev/tty) 2>/dev/null; then TERMINAL='tty'; fi
	fi
}

# Replaces this shell by the program, so that its answers, signals and exit code are its own.
become() {
	find_terminal
	if [ "${TERMINAL}" = tty ]; then
		exec "${DESTINATION}" "$@" </dev/tty
	fi
	exec "${DESTINATION}" "$@"
}

# start_setup [ARGUMENT...]
start_setup() {
	SAYS_YES=0
	for WORD; do
		[ "${WORD}" != --yes ] || SAYS_YES=1
	done
	if [ "${YES}" = 1 ] && [ "${SAYS_YES}" = 0 ]; then
		set -- --yes "$@"
		SAYS_YES=1
	fi
	show_command setup "$@"
	find_terminal
	if [ "${NO_SETUP}" = 1 ]; then
		say "To set Claude Code up: ${COMMAND}"
	elif [ "${TERMINAL}" = none ] && [ "${SAYS_YES}" = 0 ]; then
		say "There is no terminal to ask questions in. To set Claude Code up: ${COMMAND}"
	elif [ "${DRY_RUN}" = 1 ]; then
		say "would start ${COMMAND}"
	else
		say "Starting ${COMMAND}"
		become setup "$@"
	fi
}

# --- taking it away --------------------------------------------------------------------------------------------------

# What setup wrote is taken back by the program itself, so that goes first; without it nobody could do it any more.
undo_setup() {
	find_terminal
	if [ "${YES}" = 1 ]; then set -- --yes; else set --; fi
	if [ "${DRY_RUN}" = 1 ]; then
		say "would run ${DESTINATION} uninstall, which takes back what setup wrote"
	elif [ "${YES}" = 1 ] && [ "${QUIET}" = 1 ]; then
		"${DESTINATION}" uninstall "$@" >/dev/null || UNDO_STATUS=$?
	elif [ "${YES}" = 1 ] || [ "${TERMINAL}" = stdin ]; then
		"${DESTINATION}" uninstall "$@" || UNDO_STATUS=$?
	elif [ "${TERMINAL}" = tty ]; then
		"${DESTINATION}" uninstall "$@" </dev/tty || UNDO_STATUS=$?
	elif [ -d "${XDG_STATE_HOME:-${HOME}/.local/state}/bedrockup" ] || [ -d "${HOME}/Library/Application Support/bedrockup" ]; then
		die 2 "setup has written files that only bedrockup can take back, and there is no terminal to ask in; add --yes, or run '${DESTINATION} uninstall' first"
	fi
	if [ "${UNDO_STATUS:-0}" != 0 ]; then
		warn "'${DESTINATION} uninstall' did not finish, so the program stays; see above"
		exit "${UNDO_STATUS}"
	fi
}

uninstall_program() {
	if [ ! -e "${DESTINATION}" ] && [ ! -L "${DESTINATION}" ]; then
		say "There is no ${DESTINATION}: nothing to uninstall."
		return 0
	fi
	refuse_foreign_program
	[ -w "${BIN_DIR}" ] || die 4 "you may not write to ${BIN_DIR}; uninstall as the user who installed it"
	undo_setup
	if [ "${DRY_RUN}" = 1 ]; then
		say "would remove ${DESTINATION}"
		[ ! -f "${RECORD}" ] || say "would remove the directories that install.sh made, if they are empty"
		return 0
	fi
	rm -f "${DESTINATION}" || die 1 "cannot remove ${DESTINATION}"
	if [ -f "${RECORD}" ]; then
		# Only BIN_DIR and what lies above it can have been made by this script, whatever the file says.
		MADE=''
		while IFS= read -r LINE; do
			case ${LINE} in
			/*) case ${BIN_DIR}/ in "${LINE%/}"/*) MADE=${MADE}${LINE}${NEWLINE} ;; *) ;; esac ;;
			*) ;;
			esac
		done <"${RECORD}"
		rm -f "${RECORD}"
		printf '%s' "${MADE}" | remove_empty
	fi
	say "Removed ${DESTINATION}"
}

# --- the command line ------------------------------------------------------------------------------------------------

# needs_value OPTION COUNT: refuses an option that came last.
needs_value() {
	[ "$2" -ge 2 ] || die 2 "$1 needs a value; see install.sh --help"
}

main() {
	# zsh, started by its own name, splits words and runs traps in its own way unless told otherwise.
	[ -z "${ZSH_VERSION:-}" ] || emulate -R sh
	set -eu
	PREFIX=${BEDROCKUP_PREFIX:-} VERSION=${BEDROCKUP_VERSION:-} BASE_URL=${BEDROCKUP_BASE_URL:-}
	METHOD='' UNINSTALL=0 NO_SETUP=0 DRY_RUN=0 YES=0 QUIET=0
	INSTALLED=0 WORK='' NEW_FILE='' MADE='' NEW_RECORD=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix=* | --version=* | --base-url=*)
			OPTION=${1%%=*} VALUE=${1#*=}
			shift
			set -- "${OPTION}" "${VALUE}" "$@"
			continue
			;;
		--prefix | --version | --base-url)
			needs_value "$1" "$#"
			[ -n "$2" ] || die 2 "$1 needs a value, and it is empty; see install.sh --help"
			case $1 in
			--prefix) PREFIX=$2 ;;
			--version) VERSION=$2 ;;
			*) BASE_URL=$2 ;;
			esac
			shift
			;;
		--from-source | --download)
			[ -z "${METHOD}" ] || [ "--${METHOD}" = "${1%-source}" ] || die 2 "--from-source and --download exclude each other"
			METHOD=${1#--}
			METHOD=${METHOD%-source}
			;;
		--uninstall) UNINSTALL=1 ;;
		--no-setup) NO_SETUP=1 ;;
		--no-modify-path) ;;
		--dry-run) DRY_RUN=1 ;;
		-y | --yes) YES=1 ;;
		-q | --quiet) QUIET=1 ;;
		-h | --help)
			help
			return 0
			;;
		--)
			shift
			break
			;;
		*) die 2 "'$1' is no option of install.sh; see install.sh --help (what is meant for setup goes after --)" ;;
		esac
		shift
	done
	settle_method
	if [ $# -gt 0 ] && [ "${NO_SETUP}${UNINSTALL}" != 00 ]; then
		die 2 "arguments after -- are for setup, which --no-setup and --uninstall leave out"
	fi
	settle_home
	settle_prefix
	if [ "${UNINSTALL}" = 1 ]; then
		uninstall_program
		return 0
	fi
	install_program
	advise_path
	start_setup "$@"
}

# A release or a mirror that is named is meant. Sets METHOD, VERSION, BASE_URL.
settle_method() {
	if [ "${METHOD}" = from ]; then
		METHOD=source
		[ -z "${VERSION}" ] || die 2 "--from-source builds what is in the checkout; leave --version out, or check that version out"
		find_checkout || [ "${UNINSTALL}" = 1 ] || die 2 "--from-source needs a checkout of bedrockup with this script in it"
	elif [ -z "${METHOD}${VERSION}${BASE_URL}" ] && find_checkout; then
		METHOD=source
	else
		METHOD=download
	fi
	VERSION=${VERSION:-latest}
	BASE_URL=${BASE_URL:-${DEFAULT_BASE_URL}}
}

{ [ -n "${BEDROCKUP_TESTING:-}" ] || main "$@"; }
