"""Around every request: an identifier, a bounded body, a log line, a last resort."""

import asyncio
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.db.identifiers import new_id
from api.error_answers import error_answer
from api.errors import ApiError, BodyTimeout, BodyTooLarge
from api.metrics import Metrics
from api.observability import get_logger

MAX_BODY_BYTES = 256 * 1024
BODY_WITHIN_S = 20.0
REQUEST_ID_HEADER = "X-Request-ID"
UNMATCHED = "(unmatched)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
_log = get_logger(__name__)


class RequestMiddleware:
    """The outermost layer; see the module's first line."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of connection pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id().hex
        started = time.perf_counter()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                body = await read_body(scope, receive)
                if body is None:
                    return  # the caller hung up before the end; half a request is no request
                await self._app(scope, replay(body, receive), send_with_id)
            except ApiError as error:
                await _answer(error, scope, receive, send_with_id)
            except Exception:
                _log.exception("request_failed", route=_route_of(scope))
                if status is not None:
                    raise  # the answer is under way: only breaking the connection tells the caller
                await _answer(ApiError(), scope, receive, send_with_id)
            finally:
                self._observe(scope, status or 0, time.perf_counter() - started)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.requests.labels(method=method, route=route, status=str(status)).inc()
        self._metrics.request_seconds.labels(method=method, route=route).observe(seconds)
        if route not in _QUIET_ROUTES:
            _log.info(
                "request_finished",
                method=method,
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 1),
            )


async def read_body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body, read before anything parses it, counted as it comes; None if the caller hung up."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise _too_large()
    chunks = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                chunks += message.get("body", b"")
                if len(chunks) > MAX_BODY_BYTES:
                    raise _too_large()
                if not message.get("more_body", False):
                    return bytes(chunks)
    except TimeoutError:
        raise BodyTimeout(headers={"Connection": "close"}) from None


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives a body already read, then whatever comes after it."""
    pending = True

    async def receive_again() -> Message:
        nonlocal pending
        if pending:
            pending = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return receive_again


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(
        message=f"The request body is larger than {MAX_BODY_BYTES} bytes.", headers={"Connection": "close"}
    )


async def _answer(error: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
    response = error_answer(
        status=error.status_code, code=error.code, message=error.message, headers=error.headers
    )
    await response(scope, receive, send)


def _route_of(scope: Scope) -> str:
    """The template of the matched route, never the path that was asked for."""
    path: str = getattr(scope.get("route"), "path", UNMATCHED)
    return path
