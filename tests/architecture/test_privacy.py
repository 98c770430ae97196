"""A marker sentence, sent through success and every kind of crash, is in no log, metric, event or error."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import Depends
from httpx2 import AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse

from api.auth.guards import public
from api.db.tables import Base
from api.observability import configure_logging
from api.serving import build_server
from api.settings import Settings
from tests.api.messages.test_degraded import CrashingPipeline
from tests.api.running import LOOPBACK, RunningService, message_body, running_service
from triage.errors import ContentError
from triage.pipeline import TriagePipeline

MARKER = "青蛙MARKER跳过九座桥"
VARIANTS = (MARKER, json.dumps(MARKER)[1:-1], quote(MARKER), ascii(MARKER)[1:-1], MARKER.encode().hex())
WORDS_MAY_STAND = {
    ("messages", "text"),
    ("messages", "answer"),
    ("conversations", "state"),
    ("assessments", "evidence"),
}
"""The columns that hold what was said; nothing else in the database does."""


def holds_marker(content: object) -> bool:
    return any(variant in str(content) for variant in VARIANTS)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A service behind its real server, with everything it logs."""

    service: RunningService
    client: AsyncClient
    port: int
    log: io.StringIO

    async def send(self, **changes: Any) -> Response:
        answer = await self.client.post("/v1/messages", json=message_body(**changes))
        assert answer.headers["x-request-id"]
        return answer

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]

    async def find_leaks(self) -> list[str]:
        """Every place but the known columns in which the marker stands."""
        leaks = ["log"] if holds_marker(self.log.getvalue()) else []
        async with self.service.client(peer=LOOPBACK) as monitor:
            if holds_marker((await monitor.get("/metrics")).text):
                leaks.append("metrics")
        return leaks + await self.service.database.read(find_in_tables)


def find_in_tables(session: Session) -> list[str]:
    """Where the marker stands in the database and must not."""
    return [
        f"{table.name}.{column}"
        for table in Base.metadata.sorted_tables
        for row in session.execute(select(table)).mappings()
        for column, value in row.items()
        if holds_marker(value) and (table.name, column) not in WORDS_MAY_STAND
    ]


@asynccontextmanager
async def watched(settings: Settings, pipeline: TriagePipeline) -> AsyncIterator[Watched]:
    """Run the service under uvicorn, as it is run for real, with the real logging configuration."""
    log = io.StringIO()
    configure_logging(level="DEBUG", stream=log)
    async with running_service(settings, pipeline=pipeline) as service:
        add_crashing_routes(service)
        server = build_server(service.app, settings)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            headers = {"Authorization": f"Bearer {await service.create_token()}"}
            async with AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
                yield Watched(service=service, client=client, port=port, log=log)
            server.should_exit = True
            await serving


def add_crashing_routes(service: RunningService) -> None:
    """Routes that fail with the marker in hand, before and after the answer has begun."""

    @service.app.post("/crash", dependencies=[Depends(public())])
    async def crash(said: str = MARKER) -> None:
        try:
            raise KeyError(said)
        except KeyError as error:
            raise ValueError(f"cannot read {said}") from error

    @service.app.get("/broken-stream", dependencies=[Depends(public())])
    async def break_stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ValueError(MARKER)

        return StreamingResponse(parts())

    @service.app.get("/lost-task", dependencies=[Depends(public())])
    async def lose_task() -> None:
        async def fail() -> None:
            raise ValueError(MARKER)

        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """What goes past the logs, straight to the terminal, is looked at too."""
    yield
    printed = capfd.readouterr()
    assert not holds_marker(printed.out)
    assert not holds_marker(printed.err)


async def test_success_leaves_words_in_their_columns_only(
    settings: Settings, pipeline: TriagePipeline
) -> None:
    async with watched(settings, pipeline) as watch:
        first = await watch.send(text=f"{MARKER}，我不想活了")
        again = await watch.send(text=f"{MARKER}，我不想活了")
        conflict = await watch.send(text=f"{MARKER}，还有别的")
        read = await watch.client.get(f"/v1/conversations/{first.json()['conversation_id']}")
        queues = await watch.client.get("/v1/queues")
        assert (first.status_code, again.content, conflict.status_code) == (200, first.content, 409)
        assert MARKER in read.text
        assert MARKER not in queues.text + conflict.text
        assert watch.events().count("message_stored") == 1
        assert await watch.find_leaks() == []


REFUSED: dict[str, bytes] = {
    "too long": json.dumps(message_body(text=MARKER * 3000)).encode(),
    "too large": json.dumps(message_body(text=MARKER * 30_000)).encode(),
    "wrong type": json.dumps(message_body(text=[MARKER])).encode(),
    "unknown field": json.dumps(message_body(**{MARKER: MARKER})).encode(),
    "as the channel": json.dumps(message_body(channel=MARKER)).encode(),
    "as the time": json.dumps(message_body(sent_at=MARKER)).encode(),
    "as the content type": json.dumps(message_body(content_type=MARKER)).encode(),
    "surrogate": json.dumps(message_body(text=f"{MARKER}\ud800")).encode(),
    "not JSON": MARKER.encode(),
    "cut off": json.dumps(message_body(text=MARKER))[:-2].encode(),
    "not UTF-8": MARKER.encode() + b"\xff",
    "duplicate": f'{{"{MARKER}": 1, "{MARKER}": 2}}'.encode(),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
async def test_refusal_repeats_nothing(settings: Settings, pipeline: TriagePipeline, body: bytes) -> None:
    async with watched(settings, pipeline) as watch:
        answer = await watch.client.post(
            "/v1/messages", content=body, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500
        assert not holds_marker(answer.text)
        assert not holds_marker(dict(answer.headers))
        assert await watch.find_leaks() == []


@pytest.mark.parametrize("at", ["triage", "advance"])
async def test_crash_of_the_pipeline(settings: Settings, at: str) -> None:
    pipeline = CrashingPipeline(at=at, error=ValueError(f"cannot read {MARKER}"))
    async with watched(settings, pipeline) as watch:
        answer = await watch.send(text=MARKER)
        assert answer.status_code == 200
        assert "triage_crashed" in watch.events()
        assert '"type": "builtins.ValueError"' in watch.log.getvalue()
        assert await watch.find_leaks() == []


async def test_crash_of_the_catalog(
    settings: Settings, pipeline: TriagePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(settings, pipeline) as watch:
        catalog = watch.service.services.catalog

        def refuse(*_: object, **__: object) -> object:
            raise ContentError(f"no reply for {MARKER}")

        monkeypatch.setattr(catalog, "compose", refuse)
        answer = await watch.send(text=MARKER)
        assert (answer.status_code, answer.json()["reply"]["key"]) == (200, "human_review")
        assert "reply_missing" in watch.events()
        assert await watch.find_leaks() == []


async def test_crash_of_the_database(settings: Settings, pipeline: TriagePipeline) -> None:
    async with watched(settings, pipeline) as watch:
        await watch.service.execute(text("ALTER TABLE assessments RENAME TO away"))
        answer = await watch.send(text=MARKER)
        assert answer.status_code == 503
        assert not holds_marker(answer.text)
        assert "database_failed" in watch.events()
        await watch.service.execute(text("ALTER TABLE away RENAME TO assessments"))
        assert await watch.find_leaks() == []
        assert (await watch.send(text=MARKER)).status_code == 200


async def test_database_that_quotes_what_it_refuses(settings: Settings, pipeline: TriagePipeline) -> None:
    async with watched(settings, pipeline) as watch:
        refuse = {
            True: "CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.role = 'youth' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END",
            False: "ALTER TABLE messages ADD CONSTRAINT refuse CHECK (role <> 'youth')",
        }
        allow = {True: "DROP TRIGGER refuse", False: "ALTER TABLE messages DROP CONSTRAINT refuse"}
        await watch.service.execute(text(refuse[watch.service.database.is_sqlite]))
        answer = await watch.send(text=MARKER)
        await watch.service.execute(text(allow[watch.service.database.is_sqlite]))
        assert answer.status_code == 503
        assert not holds_marker(answer.text)
        assert await watch.find_leaks() == []


async def test_crash_of_an_endpoint_before_and_within_the_answer(
    settings: Settings, pipeline: TriagePipeline
) -> None:
    async with watched(settings, pipeline) as watch:
        answer = await watch.client.post("/crash")
        assert answer.status_code == 500
        assert not holds_marker(answer.text)
        with pytest.raises(Exception, match=r"incomplete|closed|peer"):
            await watch.client.get("/broken-stream")
        await watch.client.get("/lost-task")
        assert watch.events().count("request_failed") == 2
        assert "library_record" in watch.events(), "uvicorn tells of the broken stream, without its words"
        assert await watch.find_leaks() == []


async def test_paths_queries_headers_and_broken_requests(
    settings: Settings, pipeline: TriagePipeline
) -> None:
    async with watched(settings, pipeline) as watch:
        await watch.client.get(f"/{MARKER}?said={MARKER}")
        await watch.client.get(f"/v1/conversations/{quote(MARKER)}")
        await watch.client.request(quote(MARKER).replace("%", ""), "/healthz")
        await watch.client.get(
            "/healthz", headers={"User-Agent": quote(MARKER), "X-Request-ID": quote(MARKER)}
        )
        await watch.client.get("/v1/queues", headers={"Authorization": f"Bearer {quote(MARKER)}"})
        for raw in (
            f"{MARKER} / HTTP/1.1\r\n\r\n",
            f"GET /{MARKER} HTTP/9.9\r\n{MARKER}\r\n\r\n",
            f"GET /ws/{quote(MARKER)} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", watch.port)
            writer.write(raw.encode())
            await writer.drain()
            await asyncio.wait_for(reader.read(2000), timeout=5)
            writer.close()
            await writer.wait_closed()
        assert await watch.find_leaks() == []
