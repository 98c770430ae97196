"""A service whose assist is switched on, with a counsellor's browser and one conversation."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy.engine import URL

from api.auth.csrf import HEADER, csrf_token_of
from api.auth.permissions import Role
from api.auth.sessions import cookie_name
from api.settings import Settings
from tests.api.assist.model_host import KEY, ModelHost, running_host
from tests.api.console.staff import counsellor_client
from tests.api.running import RunningService, build_settings, message_body
from tests.api.running import running_service as running
from triage.pipeline import TriagePipeline


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A counsellor at work, and the chat backend that brings the messages."""

    service: RunningService
    counsellor: AsyncClient
    backend: AsyncClient

    async def hear(self, text: str, *, number: int = 1, **changes: object) -> str:
        """A message of the young person; gives the conversation's id."""
        body = message_body(text=text, external_id=f"m-{number}", **changes)
        answer = await self.backend.post("/v1/messages", json=body)
        assert answer.status_code == 200
        conversation_id: str = answer.json()["conversation_id"]
        return conversation_id

    async def ask(self, conversation_id: str) -> Response:
        """Ask for a suggestion, as the console's page does."""
        token = self.counsellor.cookies.get(cookie_name(secure=False))
        path = f"/v1/conversations/{conversation_id}/assist"
        return await self.counsellor.post(path, headers={HEADER: csrf_token_of(token or "")})


@pytest.fixture
def host() -> Iterator[ModelHost]:
    """The operator's own language model."""
    with running_host() as host:
        yield host


@pytest.fixture
def settings(database_url: URL, clean_environment: None, host: ModelHost) -> Settings:
    """Settings with the assist switched on."""
    return switched_on(database_url, host, limit_s=30)


def switched_on(database_url: URL, host: ModelHost, *, limit_s: float) -> Settings:
    """Settings for a host; the limit is long unless the test is about it, for slow machines."""
    return build_settings(
        database_url, assist_url=host.url, assist_model="qwen", assist_api_key=KEY, assist_timeout_s=limit_s
    )


@asynccontextmanager
async def open_desk(settings: Settings, *, pipeline: TriagePipeline) -> AsyncIterator[Desk]:
    """A started service with a counsellor and a chat backend."""
    async with running(settings, pipeline=pipeline) as service:
        token = await service.create_token(Role.CHAT_BACKEND)
        async with service.client(token=token) as backend, counsellor_client(service) as counsellor:
            yield Desk(service=service, counsellor=counsellor, backend=backend)


@pytest.fixture
async def desk(settings: Settings, pipeline: TriagePipeline) -> AsyncIterator[Desk]:
    """A desk where the assist is switched on."""
    async with open_desk(settings, pipeline=pipeline) as desk:
        yield desk
