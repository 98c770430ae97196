"""The people of a conversation as tests play them: a chat page, and a counsellor who calls ``/v1``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from httpx2 import AsyncClient
from sqlalchemy import update

from api.auth.csrf import HEADER
from api.db.tables import ConversationRow, MessageRow
from tests.api.console.staff import counsellor_client, csrf_of
from tests.api.running import RunningService


@asynccontextmanager
async def chat_page(service: RunningService) -> AsyncIterator[AsyncClient]:
    """A chat page with a session of its own."""
    async with service.client() as visitor:
        token = (await visitor.post("/v1/sessions")).json()["token"]
    async with service.client(token=token) as page:
        yield page


@asynccontextmanager
async def counsellor(service: RunningService, *, name: str = "wang") -> AsyncIterator[AsyncClient]:
    """A signed-in counsellor's browser that sends the form token with every call."""
    async with counsellor_client(service, name=name) as client:
        client.headers[HEADER] = csrf_of(await client.get("/console"))
        yield client


async def say(page: AsyncClient, text: str = "我不想活了", *, external_id: str = "1") -> UUID:
    """Send a message from a chat page; gives the conversation's id."""
    answer = await page.post("/v1/messages", json={"external_id": external_id, "text": text})
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["conversation_id"])


async def reply(
    client: AsyncClient, conversation_id: UUID, text: str = "我在，你慢慢说", *, client_id: str = "r-1"
) -> dict[str, Any]:
    """Answer as a counsellor."""
    body = {"text": text, "client_id": client_id}
    answer = await client.post(f"/v1/conversations/{conversation_id}/replies", json=body)
    assert answer.status_code == 200, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


async def updates_of(client: AsyncClient, conversation_id: UUID, *, after: int = 0) -> dict[str, Any]:
    """What is new after a position."""
    answer = await client.get(f"/v1/conversations/{conversation_id}/updates", params={"after": after})
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def change_conversation(service: RunningService, conversation_id: UUID, **columns: Any) -> None:
    """Set columns of a conversation, as a part not under test would."""
    await service.execute(
        update(ConversationRow).where(ConversationRow.id == conversation_id).values(**columns)
    )


async def change_turn(service: RunningService, conversation_id: UUID, position: int, **columns: Any) -> None:
    """Set columns of a turn, as a part not under test would."""
    await service.execute(
        update(MessageRow)
        .where(MessageRow.conversation_id == conversation_id, MessageRow.position == position)
        .values(**columns)
    )
