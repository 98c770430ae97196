"""Pin the requirements from pyproject.toml: ``make lock``.

Three files, each constrained by the one before: ``serve``, ``test`` and ``train``. Whatever index pip is
set up with is used as it is; its address is written nowhere.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--strip-extras",
    "--quiet",
    "--allow-unsafe",
]
FILES: tuple[tuple[str, tuple[str, ...], str | None], ...] = (
    ("serve", (), None),
    ("test", ("eval", "test"), "serve"),
    ("train", ("eval", "test", "train"), "test"),
)


def lock(name: str, extras: tuple[str, ...], constraint: str | None) -> None:
    """Write ``requirements/<name>.txt``."""
    target = Path("requirements") / f"{name}.txt"
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, "-o", str(target), "pyproject.toml"]
    for extra in extras:
        command += ["--extra", extra]
    if constraint:
        command += ["-c", f"requirements/{constraint}.txt"]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"CUSTOM_COMPILE_COMMAND": "make lock"})
    text = (ROOT / target).read_text(encoding="utf-8")
    (ROOT / target).write_text(text.replace("torch==2.13.0+cpu", "torch==2.13.0"), encoding="utf-8")


if __name__ == "__main__":
    for entry in FILES:
        lock(*entry)
