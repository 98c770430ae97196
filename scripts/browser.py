"""See to it that the browser tests have a chromium: ``python scripts/browser.py``.

Debian's package is installed where apt is there and we are root. Otherwise it is said aloud that the
browser tests are left out; with ``QINGTING_REQUIRE_BROWSER`` set, as in CI, that is an error.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find_browser() -> str | None:
    """The path of a chromium, from ``QINGTING_CHROMIUM`` or the PATH."""
    named = os.environ.get("QINGTING_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def install_browser() -> None:
    """Install Debian's chromium and a Chinese font; failures show up as a browser still missing."""
    subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)


def main() -> int:
    """Exit status 1 only where a browser is required and cannot be had."""
    if find_browser() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("installing chromium for the browser tests ...", flush=True)
        install_browser()
    if find_browser() is not None:
        return 0
    print("=" * 78)
    print("No chromium here: THE BROWSER TESTS WILL BE LEFT OUT. Install one (Debian: apt-get")
    print("install chromium) or name it in QINGTING_CHROMIUM, then run `make test` again.")
    print("=" * 78, flush=True)
    return 1 if os.environ.get("QINGTING_REQUIRE_BROWSER") else 0


if __name__ == "__main__":
    sys.exit(main())
