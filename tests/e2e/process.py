"""``python -m api serve`` as a process of its own, on a free port and a database of its own."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 120.0
STOP_WITHIN_S = 20.0
_CONSOLE_LINE = re.compile(r"console: +(http://[^/]+:(\d+))/console")
_PASSWORD_LINE = re.compile(r"one-time password: (\S+)")


class ServiceProcess:
    """The service as an operator runs it; can be cut off and started again on the same port.

    ``settings`` are its variables without their prefix. Replies are held back for a moment only, unless
    they say otherwise.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = {"REPLY_DELAY_MS": "50", **settings}
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self.base_url = ""
        self.administrator_password = ""

    def start(self) -> None:
        """Start it and wait until it answers; fails with what it printed when it does not."""
        self._lines.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve"],
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read_output, args=(self._process,), daemon=True).start()
        deadline = time.monotonic() + START_WITHIN_S
        while not self._is_up():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.cut()
                raise AssertionError("the service did not start:\n" + "".join(self._lines))
            time.sleep(0.1)

    def cut(self) -> None:
        """Kill it, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_WITHIN_S)

    def stop(self) -> None:
        """Stop it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_WITHIN_S)

    def command(self, *arguments: str) -> str:
        """Run ``python -m api …`` beside it, as an operator would; gives what it printed."""
        finished = subprocess.run(
            [sys.executable, "-m", "api", *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stdout.strip()

    def create_account(self, name: str) -> str:
        """A counsellor's account; gives its one-time password."""
        found = _PASSWORD_LINE.search(self.command("create-account", name, "--role", "counsellor"))
        assert found
        return found[1]

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("QINGTING_")}
        database = self._folder / "qingting.sqlite3"
        return {
            **kept,
            **{f"QINGTING_{name}": value for name, value in self._settings.items()},
            "PYTHONUNBUFFERED": "1",
            "QINGTING_DATABASE_URL": f"sqlite:///{database}",
            "QINGTING_PORT": str(self._port),
        }

    def _read_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.append(line)
        process.stdout.close()

    def _is_up(self) -> bool:
        output = "".join(self._lines)
        if not (found := _CONSOLE_LINE.search(output)):
            return False
        self.base_url, self._port = found[1], int(found[2])
        if password := _PASSWORD_LINE.search(output):
            self.administrator_password = password[1]
        try:
            return httpx2.get(f"{self.base_url}/readyz", timeout=5).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False


class ChatBackend:
    """A mini-program's chat backend: sends messages over HTTP with its bearer token."""

    def __init__(self, service: ServiceProcess, *, name: str, channel: str = "miniprogram") -> None:
        arguments = ("--name", name, "--role", "chat_backend", "--channel", channel)
        self._token = service.command("create-token", *arguments)
        self._service = service
        self._channel = channel
        self._sent = 0

    def send(self, text: str, *, user: str | None = None, **changes: Any) -> dict[str, Any]:
        """Send one message, of a new person unless ``user`` is given; gives the answer."""
        self._sent += 1
        body = {
            "channel": self._channel,
            "external_id": f"e2e-{self._sent}",
            "user": user or f"e2e-user-{self._sent}",
            "text": text,
            **changes,
        }
        response = httpx2.post(f"{self._service.base_url}/v1/messages", json=body, headers=self._headers)
        assert response.status_code == httpx2.codes.OK, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def read(self, path: str) -> Any:
        """Read something of the interface."""
        response = httpx2.get(f"{self._service.base_url}{path}", headers=self._headers)
        assert response.status_code == httpx2.codes.OK, response.text
        return response.json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}
