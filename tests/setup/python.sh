#!/usr/bin/env bash
# Prints the path of an installed Python that can run adviz: 3.11 or newer, or exactly the minor version named.
#   tests/setup/python.sh          tests/setup/python.sh 3.12
# Each candidate is run, not only found: a pyenv shim exists for versions that are not switched on.
set -euo pipefail

wanted="${1:-}"

suits() {
  "$1" - "$wanted" 2>/dev/null <<'PYTHON'
import sys
wanted = sys.argv[1]
here = "%d.%d" % sys.version_info[:2]
if (here != wanted) if wanted else (sys.version_info < (3, 11)):
    sys.exit(1)
print(sys.executable)
PYTHON
}

if [ -n "$wanted" ]; then
  names="python$wanted python3"
else
  names="python3.13 python3.12 python3.11 python3 python"
fi
for name in $names; do
  if found="$(type -P "$name")" && suits "$found"; then exit 0; fi
done
for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python; do
  if [ -x "$found" ] && suits "$found"; then exit 0; fi
done

if [ -z "$wanted" ]; then
  {
    echo "adviz needs Python 3.11 or newer and found none."
    echo "Install one (https://www.python.org/downloads, or: sudo apt-get install python3 python3-venv, or: brew install python), then run make again."
    echo "If it is not on the PATH, name it: make test BASE_PYTHON=/path/to/python3"
  } >&2
fi
exit 1
