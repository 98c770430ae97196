"""The feed: whoever follows it with a cursor sees every event, in order, whatever commits when."""

import asyncio
from functools import partial
from uuid import UUID

from httpx2 import AsyncClient
from sqlalchemy.orm import Session

from api.conversations.events import (
    Event,
    EventKind,
    append_events,
    find_latest_event_id,
    list_events_after,
)
from api.db.tables import ConversationRow
from tests.api.running import START, RunningService, message_body

WRITERS = 30


async def open_conversation(service: RunningService, backend: AsyncClient) -> UUID:
    await backend.post("/v1/messages", json=message_body())
    [row] = await service.rows(ConversationRow)
    conversation_id: UUID = row.id
    return conversation_id


async def list_after(service: RunningService, *, cursor: int, limit: int = 200) -> list[Event]:
    return await service.database.read(partial(list_events_after, cursor=cursor, limit=limit))


async def test_cursor_moves_over_all_events(service: RunningService, backend: AsyncClient) -> None:
    conversation_id = await open_conversation(service, backend)
    start = await service.database.read(find_latest_event_id)
    for _ in range(3):
        await service.database.write(
            partial(
                append_events,
                kinds=[EventKind.MESSAGE_RECEIVED, EventKind.CONVERSATION_ESCALATED],
                conversation_id=conversation_id,
                now=START,
            )
        )
    first = await list_after(service, cursor=start, limit=4)
    rest = await list_after(service, cursor=first[-1].id)
    assert await service.database.read(find_latest_event_id) == rest[-1].id
    assert [event.kind for event in (*first, *rest)] == [
        EventKind.MESSAGE_RECEIVED,
        EventKind.CONVERSATION_ESCALATED,
    ] * 3
    assert {event.at for event in first} == {START}


async def test_empty_feed_has_cursor_zero(service: RunningService) -> None:
    assert await service.database.read(find_latest_event_id) == 0
    assert await list_after(service, cursor=0) == []


async def test_follower_misses_nothing_while_many_write(
    service: RunningService, backend: AsyncClient
) -> None:
    conversation_id = await open_conversation(service, backend)
    done = asyncio.Event()

    def write_slowly(session: Session, pause_s: float) -> None:
        append_events(session, kinds=[EventKind.MESSAGE_RECEIVED], conversation_id=conversation_id, now=START)
        # Held open after the number is drawn: a later number must not become visible before it.
        session.connection().exec_driver_sql(
            f"SELECT pg_sleep({pause_s})" if not service.database.is_sqlite else "SELECT 1"
        )

    async def write_all() -> None:
        pauses = [0.02 if number % 2 else 0.0 for number in range(WRITERS)]
        await asyncio.gather(
            *(service.database.write(partial(write_slowly, pause_s=pause_s)) for pause_s in pauses)
        )
        done.set()

    async def follow() -> list[Event]:
        seen: list[Event] = []
        while True:
            finished = done.is_set()
            seen += await list_after(service, cursor=seen[-1].id if seen else 0)
            if finished:
                return seen
            await asyncio.sleep(0.005)

    seen, _ = await asyncio.gather(follow(), write_all())
    assert len(seen) == WRITERS + 1
    assert [event.id for event in seen] == sorted(event.id for event in seen)
