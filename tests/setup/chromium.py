"""The Chromium that the browser tests drive: found on the machine, or installed.

`python tests/setup/chromium.py` makes sure that there is one and says which; `find` is what the tests call.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "No Chromium or Chrome was found on this machine, and the browser tests need one. "
    "Install either (Debian: apt-get install chromium), or run: python -m playwright install chromium"
)


def find() -> str | None:
    """The path of the first browser that answers `--version`; None if there is none."""
    return next((path for path in candidates() if answers(path)), None)


def candidates() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in APPLICATIONS if os.path.exists(path))
    if path := playwrights_own():
        yield path


def answers(path: str) -> bool:
    """Whether it runs at all: Ubuntu's chromium-browser may be a note that a snap is missing."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def playwrights_own() -> str | None:
    """Where Playwright keeps the Chromium it downloads, if it has. Asked in a process of its own: it may run inside an event loop."""
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    path = answer.stdout.strip()
    return path if path and os.path.exists(path) else None


def driver_answers() -> bool:
    """Whether Playwright's own program runs: it needs a library that a minimal Debian lacks."""
    return subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode == 0


def install_packages(*names: str) -> None:
    """By apt-get, where there is one and we may."""
    if not shutil.which("apt-get") or (root := become_root()) is None:
        return
    print(f"adviz: installing {' and '.join(names)} (apt-get)", flush=True)
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
    subprocess.run([*apt, "install", "-y", *names], stdout=subprocess.DEVNULL, check=False)


def ensure() -> str | None:
    """Installs what is missing; what is missing all the same, in a sentence."""
    if not driver_answers():
        install_packages("libatomic1")
    if not find():
        install_packages("chromium")
    if not find():
        print("adviz: downloading Chromium (playwright install)", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not driver_answers():
        return "Playwright does not run on this machine; `python -m playwright --version` says why."
    return None if find() else MISSING


def become_root() -> list[str] | None:
    """The words before a command that needs root; None where we cannot become root without being asked."""
    if os.getuid() == 0:
        return []
    if shutil.which("sudo") and (sys.stdin.isatty() or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0):
        return ["sudo"]
    return None


if __name__ == "__main__":
    sys.exit(ensure())
