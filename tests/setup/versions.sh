#!/usr/bin/env bash
# Runs the suite without a browser on every other Python, 3.11 to 3.13, that this machine has.
# Each has an environment of its own inside .venv, kept for the next time.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
cd "$root"
own="$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

for version in 3.11 3.12 3.13; do
  if [ "$version" = "$own" ]; then continue; fi
  if ! base="$("$here/python.sh" "$version")"; then
    echo "adviz: Python $version is not installed here: not tested on it"
    continue
  fi
  export ADVIZ_VENV="$root/.venv/python$version" BASE_PYTHON="$base"
  "$here/environment.sh" test
  echo "adviz: the suite without a browser on Python $version"
  "$ADVIZ_VENV/bin/python" -m pytest -q -p no:cacheprovider -m "not long and not browser" adviz tests
done
