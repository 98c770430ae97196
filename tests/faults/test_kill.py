"""kill -9 amid a stream of messages: what was answered is stored, once; the rest can be sent again."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError
from sqlalchemy import func, select
from sqlalchemy.engine import URL

from api.auth.permissions import Role
from api.auth.tokens import create_api_token
from api.db.session import Database
from api.db.tables import AssessmentRow, AuditEntryRow, ConversationRow, EventRow, MessageRow
from tests.api.databases import opened
from tests.api.running import message_body
from tests.faults.process import running_process

KILLS = 4
SENDERS = 8
USERS = 5
PATIENCE_S = 60
BEFORE_KILL_S = (0.15, 0.6)


@dataclass(kw_only=True)
class Stream:
    """A chat backend that sends until the line goes dead, and remembers what was acknowledged."""

    token: str
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    sent: int = 0

    def connect(self, base_url: str) -> AsyncClient:
        headers = {"Authorization": f"Bearer {self.token}"}
        return AsyncClient(base_url=base_url, headers=headers, timeout=PATIENCE_S)

    async def send_until_dead(self, base_url: str) -> None:
        async with self.connect(base_url) as client:
            await asyncio.gather(*(self._send_on(client) for _ in range(SENDERS)))

    async def _send_on(self, client: AsyncClient) -> None:
        while True:
            external_id = f"m-{self.sent}"
            self.sent += 1
            try:
                answer = await client.post("/v1/messages", json=build_body(external_id))
            except HTTPError:
                self.unanswered.append(external_id)
                return
            assert answer.status_code == 200, answer.text
            self.acknowledged[external_id] = answer.content


def build_body(external_id: str) -> dict[str, Any]:
    user = f"u-{int(external_id.removeprefix('m-')) % USERS}"
    return message_body(external_id=external_id, user=user, text=f"第 {external_id} 条，我有点难过")


async def create_token(database: Database) -> str:
    now = datetime.now(UTC)
    return await database.write(
        partial(create_api_token, name="stream", role=Role.CHAT_BACKEND, channel=None, now=now)
    )


async def count(database: Database, table: type[Any], *conditions: Any) -> int:
    query = select(func.count()).select_from(table).where(*conditions)
    return await database.read(lambda session: session.scalar(query)) or 0


async def assert_record_is_whole(database: Database) -> None:
    """Nothing of a message is stored without the rest of it."""
    messages = await count(database, MessageRow, MessageRow.role == "youth")
    assert await count(database, MessageRow, MessageRow.role == "assistant") == messages
    assert await count(database, AssessmentRow) == messages
    assert await count(database, AuditEntryRow, AuditEntryRow.action == "message_received") == messages
    assert await count(database, EventRow, EventRow.kind == "message_received") == messages
    conversations = await database.read(lambda session: list(session.scalars(select(ConversationRow))))
    assert len(conversations) == USERS
    assert sum(row.version for row in conversations) == messages
    for row in conversations:
        assert row.turns == 2 * row.version
        assert await count(database, MessageRow, MessageRow.conversation_id == row.id) == row.turns


async def test_answered_messages_survive_kills(database_url: URL, tmp_path: Path) -> None:
    async with opened(database_url) as database:
        stream = Stream(token=await create_token(database))
        await send_and_kill(stream, database_url, tmp_path)
        await assert_record_is_whole(database)
        with running_process(database_url, folder=tmp_path) as server:
            async with stream.connect(server.base_url) as client:
                for external_id, content in stream.acknowledged.items():
                    assert await count(database, MessageRow, MessageRow.external_id == external_id) == 1
                    assert await send_again(client, external_id) == content
                for external_id in stream.unanswered:
                    await send_again(client, external_id)
                    assert await count(database, MessageRow, MessageRow.external_id == external_id) == 1
        await assert_record_is_whole(database)
        assert await count(database, MessageRow, MessageRow.role == "youth") == stream.sent


async def send_again(client: AsyncClient, external_id: str) -> bytes:
    answer = await client.post("/v1/messages", json=build_body(external_id))
    assert answer.status_code == 200
    return answer.content


async def send_and_kill(stream: Stream, url: URL, folder: Path) -> None:
    """Send to a server until it is killed, over and over, at moments that differ."""
    chance = random.Random(20261124)
    for _ in range(KILLS):
        with running_process(url, folder=folder) as server:
            sending = asyncio.create_task(stream.send_until_dead(server.base_url))
            enough = len(stream.acknowledged) + SENDERS
            while len(stream.acknowledged) < enough:
                assert not sending.done(), "the line went dead before the server was killed"
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(*BEFORE_KILL_S))
            server.kill()
            await asyncio.wait_for(sending, timeout=PATIENCE_S)
    assert len(stream.unanswered) >= KILLS
