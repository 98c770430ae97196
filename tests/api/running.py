"""The service as tests drive it: the real application on a real database, called in process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import Executable, func, select
from sqlalchemy.engine import URL

from api.auth.permissions import Role
from api.auth.tokens import create_api_token
from api.db.session import Database
from api.deps import Services
from api.main import create_app
from api.settings import Settings
from tests.factories import shipped_catalog
from tests.fakes import FrozenClock
from triage.pipeline import TriagePipeline

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BASE_URL = "http://qingting.test"
LOOPBACK = ("127.0.0.1", 50000)
OUTSIDE = ("203.0.113.7", 50000)


def build_settings(url: URL, **changes: Any) -> Settings:
    """Settings for a database, untouched by the machine's variables and files."""
    text = url.render_as_string(hide_password=False)
    return Settings.model_validate({"database_url": text, **changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """The started application, and ways to call it."""

    app: FastAPI
    clock: FrozenClock

    @property
    def services(self) -> Services:
        """The parts built at start."""
        services: Services = self.app.state.services
        return services

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.services.database

    @asynccontextmanager
    async def client(
        self,
        *,
        token: str | None = None,
        peer: tuple[str, int] = OUTSIDE,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[AsyncClient]:
        """A client that calls the application in process, from the given peer."""
        bearer = {"Authorization": f"Bearer {token}"} if token is not None else {}
        transport = ASGITransport(app=self.app, client=peer, raise_app_exceptions=False)
        async with AsyncClient(
            transport=transport, base_url=BASE_URL, headers={**(headers or {}), **bearer}
        ) as client:
            yield client

    async def create_token(self, role: Role = Role.CHAT_BACKEND, *, channel: str | None = None) -> str:
        """A bearer token for a machine."""
        name = f"{role.value}-{channel}"
        create = partial(create_api_token, name=name, role=role, channel=channel, now=self.clock.now())
        return await self.database.write(create)

    async def execute(self, statement: Executable) -> None:
        """Change the database behind the service's back."""
        await self.database.write(lambda session: session.execute(statement))

    async def count(self, table: type[Any], *conditions: Any) -> int:
        """How many rows of a table meet the conditions."""
        query = select(func.count()).select_from(table).where(*conditions)
        return await self.database.read(lambda session: session.scalar(query)) or 0

    async def rows(self, table: type[Any], *conditions: Any) -> list[Any]:
        """The rows of a table that meet the conditions, in order of making."""
        query = select(table).where(*conditions).order_by(next(iter(table.__table__.primary_key)))
        return await self.database.read(lambda session: list(session.scalars(query)))


@asynccontextmanager
async def running_service(
    settings: Settings, *, pipeline: TriagePipeline, clock: FrozenClock | None = None
) -> AsyncIterator[RunningService]:
    """Start the application on a database, and stop it at the end."""
    clock = clock or FrozenClock(START)
    app = create_app(settings, pipeline=pipeline, catalog=shipped_catalog(), clock=clock)
    async with app.router.lifespan_context(app):
        yield RunningService(app=app, clock=clock)


def message_body(**changes: Any) -> dict[str, Any]:
    """The body of a message; what is set to None is left out."""
    body = {
        "channel": "miniprogram",
        "external_id": "m-1",
        "user": "u-1",
        "text": "最近总是睡不着，有点难过",
        **changes,
    }
    return {key: value for key, value in body.items() if value is not None}


def error_code(response: Response) -> str:
    """The code of an error answer, which must have the one shape."""
    body = response.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert {"code", "message", "request_id"} <= set(error) <= {"code", "message", "request_id", "details"}
    assert error["request_id"] == response.headers["x-request-id"]
    code: str = error["code"]
    return code
