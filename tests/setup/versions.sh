#!/usr/bin/env bash
# Runs the suite, without a browser and without the laws of numbers, on every other Python, 3.11 to 3.13, that this machine has:
# all at once, for each keeps one processor busy. Each has an environment of its own inside .venv, kept for the next time.
set -euo pipefail
set -m  # a process in the background hears Ctrl-C as one in front does: tests send it

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
cd "$root"
# Laws of numbers over the whole table: what reads Python's own code and frames is in the other files.
numbers=(array_views arrays checkpointing cost lattice math_functions methods oracle parse precision random_programs schedule series sparsity structural table)
ignored=("${numbers[@]/#/--ignore=tests/test_}")
ignored=("${ignored[@]/%/.py}")
own="$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
versions=()

for version in 3.11 3.12 3.13; do
  if [ "$version" = "$own" ]; then continue; fi
  if ! base="$("$here/python.sh" "$version")"; then
    echo "adviz: Python $version is not installed here: not tested on it"
    continue
  fi
  ADVIZ_VENV="$root/.venv/python$version" BASE_PYTHON="$base" "$here/environment.sh" test
  versions+=("$version")
done

logs="$(mktemp -d)"
trap 'rm -rf "$logs"; kill $(jobs -p) 2>/dev/null || true' EXIT
processes=()
for version in "${versions[@]}"; do
  echo "adviz: the suite without a browser on Python $version"
  "$root/.venv/python$version/bin/python" -m pytest -q -p no:cacheprovider -m "not long and not browser" \
    "${ignored[@]}" adviz tests > "$logs/$version" 2>&1 &
  processes+=($!)
done

failed=0
for k in "${!versions[@]}"; do
  if wait "${processes[$k]}"; then
    echo "adviz: Python ${versions[$k]}: $(tail -n 1 "$logs/${versions[$k]}")"
  else
    cat "$logs/${versions[$k]}"
    echo "adviz: failed on Python ${versions[$k]}"
    failed=1
  fi
done
exit "$failed"
