"""Deny by default: every route of the application carries exactly one guard."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.auth.guards import Guard, PublicMark, public, require
from api.auth.permissions import Permission, Principal
from api.main import create_app
from api.settings import Settings
from tests.api.running import RunningService

PUBLIC = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/console/sign-in"),
    ("POST", "/console/sign-in"),
    ("POST", "/v1/sessions"),
}
"""All that a stranger may reach; a new public route is a decision, written down here."""

SOME_ID = UUID("019a9a4c-5d3e-7c1f-b2a4-d0c9e8f70001")


def find_marks(dependant: Dependant) -> Iterator[Guard | PublicMark]:
    """All guards among a route's dependencies, however deep."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Guard | PublicMark):
            yield inner.call
        yield from find_marks(inner)


def find_unguarded(app: FastAPI) -> list[str]:
    """Routes without exactly one guard, and mounts of anything but our static files."""
    wrong = []
    for context in iter_route_contexts(app.routes):
        route: Any = context.original_route
        if isinstance(route, Mount):
            if route.path != "/static" or not isinstance(route.app, StaticFiles):
                wrong.append(f"mount {route.path}")
        elif not isinstance(route, APIRoute):
            wrong.append(f"bare route {context.path}")
        elif len(list(find_marks(context.dependant))) != 1:
            wrong.append(f"{sorted(route.methods or ())} {context.path}")
    return wrong


def guarded_routes(app: FastAPI) -> dict[tuple[str, str], Guard | PublicMark]:
    """The guard of every route, by method and path."""
    return {
        (method, str(context.path)): next(find_marks(context.dependant))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    }


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The application, not started."""
    return create_app(Settings.model_validate({}))


def test_every_route_is_guarded_exactly_once(app: FastAPI) -> None:
    assert find_unguarded(app) == []
    assert len(guarded_routes(app)) > 15


def test_public_routes_are_the_ones_written_down(app: FastAPI) -> None:
    found = {key for key, mark in guarded_routes(app).items() if isinstance(mark, PublicMark)}
    assert found == PUBLIC


def test_every_permission_guards_something(app: FastAPI) -> None:
    used = {mark.permission for mark in guarded_routes(app).values() if isinstance(mark, Guard)}
    assert used == set(Permission)


def test_the_check_itself_finds_what_is_wrong() -> None:
    app = FastAPI(openapi_url=None)
    router = APIRouter(prefix="/r")
    guard = Depends(require(Permission.USE_CONSOLE))

    @router.get("/bare")
    async def bare() -> None: ...

    @router.get("/twice", dependencies=[Depends(public())])
    async def twice(_: Annotated[Principal, guard]) -> None: ...

    @router.get("/good")
    async def good(_: Annotated[Principal, guard]) -> None: ...

    app.include_router(router)
    app.mount("/files", StaticFiles(directory="."))
    app.add_route("/plain", lambda _request: PlainTextResponse("open"))
    assert find_unguarded(app) == ["['GET'] /r/bare", "['GET'] /r/twice", "mount /files", "bare route /plain"]


async def test_strangers_are_turned_away_everywhere_else(service: RunningService) -> None:
    guarded = {key for key, mark in guarded_routes(service.app).items() if isinstance(mark, Guard)}
    async with service.client() as stranger:
        for method, path in sorted(guarded):
            url = path.replace("{conversation_id}", str(SOME_ID))
            body: dict[str, str] | None = {} if method == "POST" else None
            answer = await stranger.request(method, url, json=body)
            assert answer.status_code == 401, (method, path)
            page = await stranger.request(method, url, json=body, headers={"Accept": "text/html"})
            assert page.status_code == (303 if method == "GET" else 401), (method, path)
