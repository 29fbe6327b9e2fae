#!/bin/sh
# Makes `npm start` and `npm test` work on a fresh clone: installs the dependencies when they are missing or older than
# the lockfile, and does nothing otherwise. Plain sh, because the machine's own Node may be too old for TypeScript.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
installed=node_modules/.package-lock.json

if [ -x node_modules/.bin/node ] && [ -f "$installed" ] && [ ! package-lock.json -nt "$installed" ]; then
  exit 0
fi

# npm is about to replace node_modules, so it must not run on the Node in there.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v '/node_modules/\.bin$' | paste -s -d ':' -)
export PATH

echo 'Installing dependencies into node_modules (npm ci; about a minute the first time) …' >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! npm ci --include=dev --no-audit --no-fund >"$log" 2>&1; then
  cat "$log" >&2
  echo 'npm ci failed; its output is above.' >&2
  exit 1
fi
# A clone writes the lockfile and npm its copy within the same second; the copy is the newer one from here on.
touch "$installed"
