"""Around every request: an identifier, a bounded body, a last resort."""

import asyncio
from typing import Any

import pytest
from fastapi import Depends
from sqlalchemy import text
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api import middleware
from api.auth.guards import public
from api.db.tables import AssessmentRow, MessageRow
from api.metrics import Metrics
from api.middleware import MAX_BODY_BYTES, RequestMiddleware
from tests.api.running import RunningService, error_code, message_body


async def test_every_answer_has_its_own_identifier(service: RunningService) -> None:
    async with service.client() as caller:
        answers = [await caller.get(path) for path in ("/healthz", "/healthz", "/nowhere", "/v1/queues")]
    identifiers = {answer.headers["x-request-id"] for answer in answers}
    assert len(identifiers) == 4


async def test_callers_cannot_choose_the_identifier(service: RunningService) -> None:
    async with service.client(headers={"X-Request-ID": "我的秘密".encode().hex()}) as caller:
        answer = await caller.get("/healthz")
    assert answer.headers["x-request-id"] != "我的秘密".encode().hex()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/messages/", 404, "not_found"),
        ("DELETE", "/v1/messages", 405, "method_not_allowed"),
        ("GET", "/static/nothing.css", 404, "not_found"),
        ("GET", "/static/../settings.py", 404, "not_found"),
        ("GET", "/static/%2e%2e/settings.py", 404, "not_found"),
    ],
)
async def test_unknown_paths_are_answered_in_the_one_shape(
    service: RunningService, method: str, path: str, status: int, code: str
) -> None:
    async with service.client() as caller:
        answer = await caller.request(method, path)
    assert (answer.status_code, error_code(answer)) == (status, code)


async def test_unforeseen_errors_are_a_500_in_the_one_shape(service: RunningService) -> None:
    @service.app.get("/crash", dependencies=[Depends(public())])
    async def crash() -> None:
        raise ZeroDivisionError("秘密")

    async with service.client() as caller:
        answer = await caller.get("/crash")
    assert (answer.status_code, error_code(answer)) == (500, "internal_error")
    assert "秘密" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_broken_streams_break_the_connection(service: RunningService) -> None:
    @service.app.get("/stream", dependencies=[Depends(public())])
    async def stream() -> StreamingResponse:
        async def parts() -> Any:
            yield b"one"
            raise ZeroDivisionError

        return StreamingResponse(parts())

    async with service.client() as caller:
        answer = await caller.get("/stream")
    assert answer.content == b"one"


async def test_database_errors_are_a_503_to_be_repeated(service: RunningService) -> None:
    token = await service.create_token()
    await service.execute(text("DROP TABLE assessments"))
    async with service.client(token=token) as backend:
        answer = await backend.post("/v1/messages", json=message_body())
    assert (answer.status_code, error_code(answer)) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert await service.count(MessageRow) == 0
    if not service.database.is_sqlite:
        # The tests share this database; put back what was taken.
        await service.database.write(lambda session: AssessmentRow.table().create(session.connection()))


def build_scope(**changes: Any) -> Scope:
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    return {**scope, **changes}


async def drive(scope: Scope, receive: Receive) -> tuple[list[bytes], list[Message]]:
    """What the application was given as bodies, and what was answered."""
    bodies: list[bytes] = []
    answered: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Message) -> None:
        answered.append(message)

    await RequestMiddleware(app, metrics=Metrics())(scope, receive, send)
    return bodies, answered


def receive_all(*messages: Message) -> Receive:
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    return receive


def chunk(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_chunks_are_put_together() -> None:
    receive = receive_all(chunk(b"a", more=True), chunk(b"", more=True), chunk(b"b", more=False))
    bodies, answered = await drive(build_scope(), receive)
    assert bodies == [b"ab"]
    assert answered[0]["status"] == 200


@pytest.mark.parametrize(("excess", "status"), [(0, 200), (1, 413)])
async def test_limit_is_exact(excess: int, status: int) -> None:
    body = b"x" * (MAX_BODY_BYTES + excess)
    _, answered = await drive(build_scope(), receive_all(chunk(body, more=False)))
    assert answered[0]["status"] == status


async def test_declared_size_is_refused_without_reading() -> None:
    headers = [(b"content-length", str(MAX_BODY_BYTES + 1).encode())]
    bodies, answered = await drive(build_scope(headers=headers), receive_all())
    assert (bodies, answered[0]["status"]) == ([], 413)


async def test_half_a_request_is_no_request() -> None:
    receive = receive_all(chunk(b'{"a": 1}', more=True), {"type": "http.disconnect"})
    assert await drive(build_scope(), receive) == ([], [])


async def test_bodies_that_do_not_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "BODY_WITHIN_S", 0.05)

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    bodies, answered = await drive(build_scope(), never)
    assert (bodies, answered[0]["status"]) == ([], 408)
