#!/usr/bin/env bash
# Checks deploy/systemd with systemd-analyze. It exits 0 on unknown keys, so its words are read; the binary it would
# start is not installed here, so each unit is checked with /bin/true in its place.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
for unit in deploy/systemd/*.service; do
  # A template is checked as one of its instances.
  name=$(basename "$unit")
  name=${name/@./@routing.}
  sed -E 's#^(ExecStart(Pre)?=)[^ ]+#\1/bin/true#' "$unit" >"$dir/$name"
  words=$(systemd-analyze verify --man=no "$dir/$name" 2>&1) || bad=1
  words=$(printf '%s' "$words" | grep -F "$name" || true)
  if [ -n "$words" ]; then
    printf '%s\n' "$words"
    bad=1
  fi
done
exit $bad
