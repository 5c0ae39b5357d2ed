#!/usr/bin/env bash
# The suite: the tests that open a browser beside those that do not, so that two cores are used. With arguments: one run of what they select.
set -uo pipefail

cd "$(dirname "$0")/../.."
suite() { .venv/bin/python -m pytest -q --nbval-lax --nbval-current-env --nbval-cell-timeout 60 "$@"; }

if [ "$#" -gt 0 ]; then
  suite "$@"
  exit
fi
pages=$(mktemp)
set -m # a process group of its own, so that it can be ended whole
suite -o cache_dir=.pytest_cache/pages -m "browser and not long" tests >"$pages" 2>&1 &
beside=$!
set +m
trap 'kill -- -$beside 2>/dev/null; rm -f "$pages"' EXIT
suite -m "not browser and not long"
status=$?
echo "adviz: the tests in a browser"
wait "$beside"
others=$?
cat "$pages"
[ "$status" = 0 ] && [ "$others" = 0 ]
