import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from eval.provenance import CodeState, python_version, read_code_state, render_command, utc_now


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for command in (
        ["init", "-q"],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "m"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    return tmp_path


def test_commit_and_dirty_flag(checkout: Path) -> None:
    head = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert read_code_state(checkout) == CodeState(commit=head, is_dirty=False)
    (checkout / "new").write_text("x", encoding="utf-8")
    assert read_code_state(checkout) == CodeState(commit=head, is_dirty=True)


def test_outside_a_checkout_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert read_code_state(tmp_path) == CodeState(commit=None, is_dirty=None)


def test_without_git_nothing_is_known(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert read_code_state(checkout) == CodeState(commit=None, is_dirty=None)


def test_command_can_be_typed_again() -> None:
    assert render_command(["run", "a b", "--name", "x"]) == "python -m eval run 'a b' --name x"


def test_time_and_interpreter() -> None:
    offset = datetime.fromisoformat(utc_now()).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0
    assert python_version().startswith("3.")
