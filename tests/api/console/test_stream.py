"""The live stream: in order, resumed at the cursor, and ended when it can no longer be trusted."""

import asyncio
import gc
import json
import threading
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy import insert
from sse_starlette import ServerSentEvent

from api.console import stream
from api.console.stream import follow
from api.conversations.feed import EventFeed
from api.db.session import Database
from api.db.tables import EventRow
from tests.api.console.test_pages import send
from tests.api.running import RunningService
from tests.fakes import FrozenClock

NAMES = count()
CLOCK = FrozenClock(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
WITHIN_S = 5.0


@pytest.fixture
def feed(service: RunningService) -> EventFeed:
    """A quick look-out over the service's database."""
    return EventFeed(service.database, clock=CLOCK, poll_every_s=0.01)


async def say(backend: AsyncClient) -> str:
    """Make something happen; gives the conversation's id."""
    return await send(backend, "最近睡不着", name=f"s-{next(NAMES)}")


async def next_change(messages: AsyncGenerator[ServerSentEvent]) -> ServerSentEvent:
    """The next message that is not a heartbeat."""
    async with asyncio.timeout(WITHIN_S):
        while (message := await anext(messages)).event == "heartbeat":
            pass
    return message


def conversations_of(message: ServerSentEvent) -> set[str]:
    """Whose change a message tells of."""
    return {each["conversation_id"] for each in json.loads(str(message.data))}


async def test_it_begins_with_a_sign_of_life(feed: EventFeed) -> None:
    messages = follow(feed, cursor=0, clock=CLOCK)
    first = await anext(messages)
    assert (first.event, first.data, first.id) == ("heartbeat", CLOCK.now().isoformat(), None)
    await messages.aclose()


async def test_what_happens_is_told_with_its_cursor_and_without_words(
    feed: EventFeed, backend: AsyncClient
) -> None:
    messages = follow(feed, cursor=0, clock=CLOCK)
    await anext(messages)
    conversation = await say(backend)
    message = await next_change(messages)
    await messages.aclose()
    assert message.event == "queue_changed"
    assert conversations_of(message) == {conversation}
    assert "睡不着" not in str(message.data)


async def test_from_the_cursor_on_nothing_is_lost_or_told_twice(
    feed: EventFeed, backend: AsyncClient
) -> None:
    before = await say(backend)
    messages = follow(feed, cursor=0, clock=CLOCK)
    seen = await next_change(messages)
    await messages.aclose()
    missed = {await say(backend) for _ in range(3)}
    messages = follow(feed, cursor=int(str(seen.id)), clock=CLOCK)
    told = await next_change(messages)
    await messages.aclose()
    assert conversations_of(seen) == {before}
    assert conversations_of(told) == missed


async def test_more_than_one_batch_arrives_whole(
    feed: EventFeed, backend: AsyncClient, service: RunningService
) -> None:
    conversation = UUID(await say(backend))
    event = {"kind": "message_received", "conversation_id": conversation, "at": service.clock.now()}
    await service.execute(insert(EventRow).values([event] * 450))
    newest = (await service.rows(EventRow))[-1].id
    messages = follow(feed, cursor=0, clock=CLOCK)
    while int(str((await next_change(messages)).id)) < newest:
        pass
    await messages.aclose()


async def test_a_quiet_stream_beats_and_ends_in_time(
    feed: EventFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_EVERY_S", 0.02)
    monkeypatch.setattr(stream, "LIFETIME_BEATS", 3)
    assert [message.event async for message in follow(feed, cursor=0, clock=CLOCK)] == ["heartbeat"] * 3


async def test_when_the_database_is_gone_the_stream_ends(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = EventFeed(service.database, clock=CLOCK, poll_every_s=0.01)
    messages = follow(feed, cursor=0, clock=CLOCK)
    await anext(messages)

    async def refuse(_self: Database, _work: object) -> object:
        raise OSError("gone")

    monkeypatch.setattr(Database, "read", refuse)
    async with asyncio.timeout(WITHIN_S):
        assert [message.event async for message in messages] == []


def look_outs() -> int:
    """How many look-outs are running."""
    return len([task for task in asyncio.all_tasks() if task.get_name() == "event-feed"])


async def test_the_look_out_rests_while_nobody_follows(feed: EventFeed) -> None:
    async with feed.following():
        assert look_outs() == 1
    await asyncio.sleep(0)
    assert look_outs() == 0


async def test_many_follow_one_look_out(feed: EventFeed, backend: AsyncClient) -> None:
    streams = [follow(feed, cursor=0, clock=CLOCK) for _ in range(20)]
    for each in streams:
        await anext(each)
    assert look_outs() == 1
    conversation = await say(backend)
    for each in streams:
        assert conversation in conversations_of(await next_change(each))
        await each.aclose()


@pytest.mark.parametrize("after_steps", range(1, 14))
async def test_a_page_that_goes_leaves_no_broken_connection(
    service: RunningService, after_steps: int
) -> None:
    feed = EventFeed(service.database, clock=CLOCK, poll_every_s=0.001)

    async def watch() -> None:
        async for _ in follow(feed, cursor=0, clock=CLOCK):
            pass

    pages = [asyncio.create_task(watch()) for _ in range(4)]
    for _ in range(after_steps):
        await asyncio.sleep(0.0005)
    while not all(page.done() for page in pages):
        for page in pages:
            page.cancel()  # again and again, as a server's task group does
        await asyncio.sleep(0)
    await service.database.close()
    gc.collect()
    left = [task for task in asyncio.all_tasks() if "terminate" in repr(task.get_coro())]
    assert left == []
    assert not [thread for thread in threading.enumerate() if "_connection_worker_thread" in repr(thread)]
