"""Routes that read JSON strictly: UTF-8, no duplicate keys, no NaN, no bottomless nesting."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.errors import InvalidEncoding, InvalidJson, UnsupportedMediaType

MAX_DEPTH = 32
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class StrictJsonRequest(Request):
    """A request whose ``json()`` refuses what other JSON readers would read differently."""

    async def json(self) -> Any:
        """The parsed body; ``InvalidEncoding`` or ``InvalidJson`` (both 400) when it is not sound."""
        return parse_json(await self.body())


class StrictJsonRoute(APIRoute):
    """Use as ``APIRouter(route_class=StrictJsonRoute)`` for routes with a JSON body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, given strict requests."""
        handler = super().get_route_handler()
        reads_body = self.body_field is not None

        async def handle_strictly(request: Request) -> Response:
            if reads_body and request.method in _BODY_METHODS:
                _check_media_type(request)
            return await handler(StrictJsonRequest(request.scope, request.receive))

        return handle_strictly


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type != "application/json" or encoding != "identity":
        raise UnsupportedMediaType


def parse_json(body: bytes) -> Any:
    """Parse UTF-8 JSON; the error says what is wrong, never what was sent."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidEncoding(message=f"The request body is not valid UTF-8 at byte {error.start}.") from None
    try:
        parsed = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise InvalidJson(message=f"The request body is not valid JSON at character {error.pos}.") from None
    except RecursionError:
        raise InvalidJson(message="The request body is nested too deeply.") from None
    except ValueError:  # an integer of thousands of digits
        raise InvalidJson(message="The request body holds a number that is too long.") from None
    if _depth_exceeds(parsed, MAX_DEPTH):
        raise InvalidJson(message="The request body is nested too deeply.")
    return parsed


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJson(message="The request body names a member twice.")
    return members


def _refuse_constant(_name: str) -> Any:
    raise InvalidJson(message="The request body holds NaN or Infinity, which JSON does not have.")


def _depth_exceeds(value: Any, remaining: int) -> bool:
    if remaining == 0:
        return isinstance(value, dict | list)
    if isinstance(value, dict):
        return any(_depth_exceeds(member, remaining - 1) for member in value.values())
    if isinstance(value, list):
        return any(_depth_exceeds(item, remaining - 1) for item in value)
    return False
