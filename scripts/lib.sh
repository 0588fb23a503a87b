# Shared by the scripts of this folder: where things are, and how Debian packages are asked for.
# Source it; it runs nothing by itself.
# shellcheck shell=bash disable=SC2034 # what is set here is used by the scripts that source it
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Tools, real servers and sample images live outside the tree, so that every checkout shares them.
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sregistry-server
TOOLS=$CACHE/tools
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
LOGS=${STEP_LOGS:-$TARGET/logs}
export PATH=$TOOLS/bin:$PATH

# Every crate but the web application, which only builds for WASM. Always asked for in this one form:
# another selection would resolve other features and compile the dependencies again.
NATIVE=(--workspace --exclude frontend)

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# step TITLE COMMAND...: see scripts/step.
step() { "$ROOT/scripts/step" "$@"; }

# as_root COMMAND...: runs it as root, through sudo where one is not root already.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# apt_packages NAME...: installs those of the named Debian packages that are missing.
apt_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "please install: ${missing[*]}"
  step "installing Debian packages: ${missing[*]}" "$ROOT/scripts/apt-install" "${missing[@]}"
}

# locked NAME: waits until no other script holds the lock of that name, then holds it to its own end,
# so that two runs on one machine do not install the same thing at once.
locked() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/.lock-$1"
  flock 9
}
