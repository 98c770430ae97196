"""The asset command: idempotent, quick the second time, and clear when it cannot work."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import assets
from scripts.assets import SERVED, TEST_ONLY, AssetsError, find_npm, install_assets, is_current


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose npm is a small program that puts invented packages in place."""
    folder = tmp_path / "assets"
    folder.mkdir()
    shutil.copy(assets.ROOT / "assets" / "package-lock.json", folder)
    binaries = tmp_path / "bin"
    binaries.mkdir()
    lines = [
        f"mkdir -p node_modules/{Path(name).parent}; echo {name} > node_modules/{name}"
        for name in (*SERVED, *TEST_ONLY)
    ]
    npm = binaries / "npm"
    npm.write_text(
        '#!/bin/sh\necho 11.0.0\n[ "$1" = --version ] && exit 0\necho run >> calls\n' + "\n".join(lines)
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{binaries}:/usr/bin:/bin")
    return tmp_path


def test_only_what_is_served_is_copied(checkout: Path) -> None:
    assert install_assets(root=checkout)
    vendor = checkout / "api" / "static" / "vendor"
    assert {each.name for each in vendor.iterdir()} == {*SERVED.values(), "stamp.json"}


def test_the_second_run_does_nothing_and_takes_milliseconds(checkout: Path) -> None:
    install_assets(root=checkout)
    started = time.perf_counter()
    assert not install_assets(root=checkout)
    assert time.perf_counter() - started < 0.1
    assert (checkout / "assets" / "calls").read_text() == "run\n"


@pytest.mark.parametrize("harm", ["lock", "missing", "truncated", "stamp"])
def test_a_change_or_a_damage_is_mended(checkout: Path, harm: str) -> None:
    install_assets(root=checkout)
    vendor = checkout / "api" / "static" / "vendor"
    victim = vendor / next(iter(SERVED.values()))
    if harm == "lock":
        lock = checkout / "assets" / "package-lock.json"
        lock.write_text(json.dumps({**json.loads(lock.read_text()), "version": "9"}))
    elif harm == "missing":
        victim.unlink()
    elif harm == "truncated":
        victim.write_text("")
    else:
        (vendor / "stamp.json").write_text("{")
    assert install_assets(root=checkout)
    assert is_current(assets=checkout / "assets", vendor=vendor)
    assert victim.read_text()


def test_test_assets_are_missed_only_where_they_are_wanted(checkout: Path) -> None:
    install_assets(root=checkout)
    shutil.rmtree(checkout / "assets" / "node_modules")
    assert not install_assets(root=checkout)
    assert install_assets(root=checkout, with_test_assets=True)


def test_a_failing_npm_is_told_in_one_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "bin" / "npm").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo 11.0.0 && exit 0\nexit 1\n'
    )
    monkeypatch.setattr(assets, "ROOT", checkout)
    assert assets.main([]) == 1
    assert capsys.readouterr().err.startswith("assets: npm could not fetch")
    assert not (checkout / "api" / "static" / "vendor").exists()


@pytest.mark.parametrize("version", ["6.14.0", "", "nonsense"], ids=["old", "silent", "broken"])
def test_an_npm_that_cannot_read_the_lock_file_is_passed_over(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    (checkout / "bin" / "npm").write_text(f"#!/bin/sh\necho {version}\n")
    started: list[Sequence[str]] = []

    def run(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0 if "install" in command else 1, stdout=version)

    monkeypatch.setattr(subprocess, "run", run)
    npm = find_npm(requirements=Path("node.txt"))
    assert npm[0] == sys.executable
    assert started[-1][-2:] == ["-r", "node.txt"]


def test_without_any_npm_the_message_says_so(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(checkout / "nowhere"))

    def run(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        if options.get("check"):
            raise subprocess.CalledProcessError(1, list(command))
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(AssetsError, match="could not be installed"):
        find_npm(requirements=Path("node.txt"))


def test_the_lock_file_names_no_address_and_fixes_every_content() -> None:
    lock = json.loads((assets.ROOT / "assets" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry and "integrity" in entry for entry in packages.values())
