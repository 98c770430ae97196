"""Where a number comes from: data, versions, commit, command and date."""

import platform
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_GIT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeState:
    """The commit the code was at, and whether files differed from it; None outside a checkout."""

    commit: str | None
    is_dirty: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that was read: its name without folder, its hash and the rows in it."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the numbers of one report come from; versions are None where they are not known."""

    dataset: SourceFile
    train: SourceFile | None
    predictions: SourceFile | None
    shared_with_train: int | None
    model_version: str | None
    lexicon_version: str | None
    policy_version: str | None
    code: CodeState
    command: str
    made_at: str
    python: str
    seed: int
    resamples: int


def read_code_state(root: Path = _ROOT) -> CodeState:
    """The checkout's commit and whether it is dirty, asked of git."""
    commit = _ask_git(root, "rev-parse", "HEAD")
    changes = _ask_git(root, "status", "--porcelain")
    if commit is None or changes is None:
        return CodeState(commit=None, is_dirty=None)
    return CodeState(commit=commit.strip(), is_dirty=bool(changes.strip()))


def _ask_git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=_GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def render_command(arguments: Sequence[str]) -> str:
    """The command as it can be typed again."""
    return shlex.join(["python", "-m", "eval", *arguments])


def utc_now() -> str:
    """The time now, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def python_version() -> str:
    """The interpreter's version and the kind of machine."""
    return f"{platform.python_version()} on {platform.machine()}"
