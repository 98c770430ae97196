"""A small real OpenAI-compatible host on loopback, which can also be slow, broken, huge or wrong."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SUGGESTION = "一、想多了解睡眠。二、可以说：谢谢你愿意告诉我。"
KEY = "sk-geheim-4711"


@dataclass(slots=True, kw_only=True)
class ModelHost:
    """What the host will answer, and what it was sent."""

    url: str
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drips: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def say(self, content: object, **changes: Any) -> None:
        """Answer in the usual shape from now on."""
        answer = {"model": "qwen-test", "choices": [{"index": 0, "message": {"content": content}}], **changes}
        self.body = json.dumps(answer).encode()

    @property
    def sent(self) -> str:
        """All that reached the host, as one text."""
        return json.dumps(self.requests, ensure_ascii=False)


def _answering(host: ModelHost) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            host.requests.append(json.loads(self.rfile.read(length)))
            host.authorizations.append(self.headers.get("Authorization"))
            host.paths.append(self.path)
            if host.hangs:
                host.released.wait()
                return
            self.send_response(host.status)
            for name, value in {"Content-Type": "application/json", **host.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if host.drips:
                    while not host.released.wait(0.02):
                        self.wfile.write(b" ")
                else:
                    self.wfile.write(host.body)
            except OSError:
                return  # the service hung up, as it should

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    return Answering


@contextmanager
def running_host() -> Iterator[ModelHost]:
    """A host for as long as the block runs."""
    host = ModelHost(url="")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(host))
    host.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    host.say(SUGGESTION)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        host.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
