#!/usr/bin/env bash
# Checks the explorer's JavaScript: its types (tsc) and its units (node), where npm is installed.
set -euo pipefail

cd "$(dirname "$0")/../frontend"
if ! type -P npm >/dev/null; then
  echo "adviz: npm is not installed: the JavaScript's types and units were NOT checked (its behaviour is, in the browser)"
  exit 0
fi

state="$(cat package.json package-lock.json 2>/dev/null | cksum)"
if [ "$(cat node_modules/.adviz 2>/dev/null)" != "$state" ]; then
  echo "adviz: installing the JavaScript checkers"
  if [ -f package-lock.json ]; then command=ci; else command="install --no-package-lock"; fi
  npm $command --silent --no-audit --no-fund
  echo "$state" > node_modules/.adviz
fi
echo "adviz: checking the JavaScript's types and units"
npm run --silent check
if ! said="$(npm test --silent 2>&1)"; then
  echo "$said"
  exit 1
fi
echo "adviz: $(sed -nE 's/^(#|ℹ) pass //p' <<< "$said") units passed"
