#!/usr/bin/env bash
# Makes .venv with adviz (editable) and the named extra in it; does nothing when that has been done.
#   tests/setup/environment.sh test
# What was installed is remembered in .venv/.adviz-EXTRA: a changed pyproject.toml or a moved checkout installs again.
set -euo pipefail

extra="$1"
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
venv="${ADVIZ_VENV:-$root/.venv}"
say() { echo "adviz: $*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif type -P sudo >/dev/null; then sudo "$@"
  else return 1
  fi
}

# Debian and Ubuntu ship Python without ensurepip; python3.X-venv adds it.
add_venv_module() {
  local base="$1" package
  package="$("$base" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  say "this Python has no venv module; installing $package"
  if ! type -P apt-get >/dev/null || ! as_root true; then
    say "cannot install it here. Install your system's venv package for $base, then run make again." >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  as_root apt-get install -y -qq "$package" >/dev/null || as_root apt-get install -y -qq python3-venv >/dev/null
}

make_venv() {
  local base="${BASE_PYTHON:-}"
  if [ -z "$base" ]; then base="$("$here/python.sh")" || exit 1; fi
  "$base" -c 'import venv, ensurepip' 2>/dev/null || add_venv_module "$base"
  say "creating $(basename "$venv") with $("$base" --version)"
  "$base" -m venv --clear "$venv"
}

if ! "$venv/bin/python" -c '' 2>/dev/null; then make_venv; fi
if ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  say "$venv holds $("$venv/bin/python" --version); adviz needs 3.11 or newer. Remove that folder and run make again." >&2
  exit 1
fi

stamp="$venv/.adviz-$extra"
state="$root $(cksum < "$root/pyproject.toml")"
if [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then exit 0; fi
say "installing adviz with its $extra extra (the first time takes a minute or two)"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --editable "$root[$extra]"
echo "$state" > "$stamp"
