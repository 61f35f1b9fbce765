# Sourced by tests/run: finds or installs what the steps need. Every function may be called again.
# Uses ROOT, TARGET, TOOLS, LOGS of the caller.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_updated=
# apt_install PACKAGE...: with one update a run, and a second try, since a mirror's index may be old.
apt_install() {
  if ! command -v apt-get >/dev/null; then
    echo "missing: $* (and no apt-get here to install them)" >&2
    return 1
  fi
  local try
  for try in 1 2; do
    if [ -z "$apt_updated" ] || [ "$try" = 2 ]; then
      as_root apt-get update -qq >>"$LOGS/apt.log" 2>&1 || true
      apt_updated=yes
    fi
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
      >>"$LOGS/apt.log" 2>&1; then
      return 0
    fi
  done
  echo "apt-get install $* failed:" >&2
  tail -n 15 "$LOGS/apt.log" >&2
  return 1
}

# The folder of initdb and postgres: on PATH, or Debian's versioned folder, the newest first.
find_postgres() {
  local found
  for found in $(command -v initdb || true) $(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV); do
    found=$(dirname "$(readlink -f "$found")")
    if [ -x "$found/postgres" ]; then
      echo "$found"
      return 0
    fi
  done
  return 1
}

need_postgres() {
  PG_BIN=$(find_postgres) || { apt_install postgresql && PG_BIN=$(find_postgres); } || return 1
}

need_chromium() {
  local name
  for name in "${MOTCUA_TEST_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && MOTCUA_TEST_CHROMIUM=$(command -v "$name") && export MOTCUA_TEST_CHROMIUM && return 0
  done
  apt_install chromium || return 1
  MOTCUA_TEST_CHROMIUM=$(command -v chromium) && export MOTCUA_TEST_CHROMIUM
}

# Makes placeholder voices; always a program of its own.
need_espeak() {
  command -v espeak-ng >/dev/null || apt_install espeak-ng
}

# Reads the code on a printed ticket as a phone does: a reader that none of ours has written.
need_zbar() {
  command -v zbarimg >/dev/null || apt_install zbar-tools
}

# Reads the words of a form and draws its pages: a reader that none of ours has written.
need_poppler() {
  { command -v pdftotext && command -v pdftoppm; } >/dev/null || apt_install poppler-utils
}

# Build scripts compile SQLite's C and ring's assembly.
need_compiler() {
  command -v cc >/dev/null || apt_install build-essential
}

# The pinned prebuilt tools, at $TOOLS/bin.
need_tools() {
  local stamp
  stamp=$(sha256sum <"$ROOT/tests/requirements.txt")
  if [ "$(cat "$TOOLS/stamp" 2>/dev/null)" != "$stamp" ]; then
    python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip || return 1
    rm -rf "$TOOLS"
    mkdir -p "$TOOLS"
    if ! python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
      --retries 3 --target "$TOOLS" -r "$ROOT/tests/requirements.txt" >"$LOGS/pip.log" 2>&1; then
      echo "installing tests/requirements.txt failed:" >&2
      tail -n 15 "$LOGS/pip.log" >&2
      return 1
    fi
    echo "$stamp" >"$TOOLS/stamp"
  fi
  PATH="$TOOLS/bin:$PATH"
}

# The browser driver and its helpers, from the lock file.
need_node_modules() {
  local stamp
  command -v npm >/dev/null || apt_install nodejs npm || return 1
  stamp=$(sha256sum <"$ROOT/tests/browser/package-lock.json")
  if [ "$(cat "$ROOT/tests/browser/node_modules/.stamp" 2>/dev/null)" != "$stamp" ]; then
    if ! (cd "$ROOT/tests/browser" && npm ci --ignore-scripts --no-audit --no-fund) >"$LOGS/npm.log" 2>&1; then
      echo "npm ci in tests/browser failed:" >&2
      tail -n 15 "$LOGS/npm.log" >&2
      return 1
    fi
    echo "$stamp" >"$ROOT/tests/browser/node_modules/.stamp"
  fi
}
