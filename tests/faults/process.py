"""The service in a process of its own, to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

END_WITHIN_S = 60
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """A running server and where it listens."""

    process: "subprocess.Popen[str]"
    base_url: str
    greeting: str

    def kill(self) -> None:
        """End it as a power cut does: at once, without a word."""
        self.process.kill()
        self.process.wait(timeout=END_WITHIN_S)

    def stop(self) -> str:
        """Ask it to end; gives back all that it printed from start to end."""
        self.process.terminate()
        assert self.process.wait(timeout=END_WITHIN_S) in (0, -signal.SIGTERM)
        assert self.process.stdout is not None
        return self.greeting + self.process.stdout.read()


@contextmanager
def running_process(
    url: URL, *, folder: Path, module: str = "tests.faults.server", arguments: tuple[str, ...] = ()
) -> Iterator[ServerProcess]:
    """Start a server on a database; it is killed at the end if it still runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
    environment |= {
        "QINGTING_DATABASE_URL": url.render_as_string(hide_password=False),
        "QINGTING_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    log = folder / f"server-{len(list(folder.glob('server-*')))}.log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        try:
            yield _await_greeting(process, log)
        finally:
            process.kill()
            process.wait(timeout=END_WITHIN_S)
            assert process.stdout is not None
            process.stdout.close()


def _await_greeting(process: "subprocess.Popen[str]", log: Path) -> ServerProcess:
    assert process.stdout is not None
    greeting = ""
    for line in process.stdout:
        greeting += line
        if line.startswith("console:"):
            base_url = line.split()[1].removesuffix("/console")
            return ServerProcess(process=process, base_url=base_url, greeting=greeting)
    raise AssertionError(f"the server did not start: {log.read_text()}")
