"""A conversation's stream: what is new, in order, once; held back turns in time; nothing to strangers."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sse_starlette import ServerSentEvent

from api.auth.permissions import Principal, Role
from api.conversations import stream
from api.conversations.feed import EventFeed
from api.conversations.stream import follow_conversation
from api.conversations.updates import Updates, read_updates
from api.db.session import Database
from api.db.tables import AuditEntryRow, WebSessionRow
from api.hours import ServiceHours
from tests.api.conversations.people import change_turn, chat_page, counsellor, reply, say
from tests.api.running import START, RunningService

WITHIN_S = 5.0

ALWAYS = ServiceHours.parse("00:00-24:00")


@asynccontextmanager
async def following(
    service: RunningService, conversation_id: UUID, *, after: int = 0, feed: EventFeed | None = None
) -> AsyncIterator[AsyncGenerator[ServerSentEvent]]:
    """The stream as the young person's page gets it."""
    [session, *_] = await service.rows(WebSessionRow)
    young = Principal(role=Role.CHAT_SESSION, id=str(session.id), channel="web", user=session.user_ref)

    async def read(position: int) -> Updates:
        ask = partial(
            read_updates, conversation_id=conversation_id, viewer=young, after=position, hours=ALWAYS
        )
        return await service.database.read(partial(ask, now=service.clock.now()))

    feed = feed or EventFeed(service.database, clock=service.clock, poll_every_s=0.01)
    messages = follow_conversation(
        feed, conversation_id=conversation_id, read=read, cursor=after, clock=service.clock
    )
    try:
        yield messages
    finally:
        await messages.aclose()


async def next_update(messages: AsyncGenerator[ServerSentEvent]) -> dict[str, Any]:
    """The next message that is not a heartbeat; its id is its cursor."""
    async with asyncio.timeout(WITHIN_S):
        while (message := await anext(messages)).event == "heartbeat":
            pass
    view: dict[str, Any] = json.loads(str(message.data))
    assert (message.event, message.id) == ("update", str(view["cursor"]))
    return view


def positions(view: dict[str, Any]) -> list[int]:
    return [turn["position"] for turn in view["turns"]]


async def test_it_begins_with_a_sign_of_life_and_all_that_was_missed(service: RunningService) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page)
    async with following(service, conversation_id) as messages:
        first = await anext(messages)
        update = await next_update(messages)
    assert (first.event, first.data) == ("heartbeat", START.isoformat())
    assert positions(update) == [1, 2]


async def test_a_reply_arrives_and_only_it(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        async with following(service, conversation_id) as messages:
            await next_update(messages)
            await reply(staff, conversation_id, "我在")
            update = await next_update(messages)
    assert [(turn["role"], turn["text"]) for turn in update["turns"]] == [("counsellor", "我在")]
    assert "waiting" not in update


async def test_what_is_written_in_another_tab_arrives(service: RunningService) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page)
        async with following(service, conversation_id, after=2) as messages:
            assert positions(await next_update(messages)) == []
            await say(page, "还有一句", external_id="2")
            assert positions(await next_update(messages)) == [3, 4]


async def test_a_held_turn_comes_in_its_time_and_what_was_told_is_not_told_again(
    service: RunningService,
) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await reply(staff, conversation_id)
        due_at = START + timedelta(seconds=0.1)
        await change_turn(service, conversation_id, 2, visible_at=due_at, withdrawn_at=None)
        async with following(service, conversation_id) as messages:
            early = await next_update(messages)
            service.clock.advance(timedelta(seconds=0.1))
            due = await next_update(messages)
    assert (positions(early), early["cursor"]) == ([1, 3], 1)
    assert (positions(due), due["cursor"]) == ([2], 3)


async def test_typing_begins_and_ends(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        async with following(service, conversation_id) as messages:
            assert not (await next_update(messages))["typing"]
            await staff.post(f"/v1/conversations/{conversation_id}/typing")
            begun = await next_update(messages)
            service.clock.advance(timedelta(seconds=6))
            ended = await next_update(messages)
    assert (begun["typing"], ended["typing"]) == (True, False)
    assert (begun["turns"], ended["turns"]) == ([], [])


async def test_a_recall_in_another_tab_is_told(service: RunningService) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page)
        async with following(service, conversation_id) as messages:
            told = await next_update(messages)
            await page.post("/v1/messages/recall", json={"external_id": "1"})
            update = await next_update(messages)
    assert (told["recalled"], update["turns"]) == ([], [])
    assert update["recalled"] == [told["turns"][0]["message_id"]]


async def test_a_long_conversation_arrives_whole(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.conversations.updates.MOST_TURNS", 3)
    async with chat_page(service) as page:
        for number in range(4):
            conversation_id = await say(page, external_id=f"{number}")
    async with following(service, conversation_id) as messages:
        seen = [positions(await next_update(messages)) for _ in range(3)]
    assert seen == [[1, 2, 3], [4, 5, 6], [7, 8]]


async def test_what_happens_to_others_wakes_nobody(service: RunningService, backend: AsyncClient) -> None:
    reads = 0

    async def read(_position: int) -> Updates:
        nonlocal reads
        reads += 1
        raise OSError("not asked for")

    async with chat_page(service) as page, chat_page(service) as other:
        conversation_id = await say(page)
        feed = EventFeed(service.database, clock=service.clock, poll_every_s=0.01)
        async with feed.watching(conversation_id) as watch:
            assert await watch.woken(within_s=WITHIN_S), "the first look wakes everybody"
            await say(other)
            assert not await watch.woken(within_s=0.2)
            await say(page, external_id="2")
            assert await watch.woken(within_s=WITHIN_S)
    assert reads == 0


async def test_many_pages_share_one_look_out(service: RunningService) -> None:
    feed = EventFeed(service.database, clock=service.clock, poll_every_s=0.01)
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        pages = [following(service, conversation_id, feed=feed) for _ in range(10)]
        streams = [await each.__aenter__() for each in pages]
        for each in streams:
            await next_update(each)
        assert len([task for task in asyncio.all_tasks() if task.get_name() == "event-feed"]) == 1
        await reply(staff, conversation_id)
        for each in streams:
            assert positions(await next_update(each)) == [3]
        for context in pages:
            await context.__aexit__(None, None, None)


async def test_a_quiet_stream_beats_and_ends_in_time(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_EVERY_S", 0.05)
    monkeypatch.setattr(stream, "LIFETIME_BEATS", 3)
    async with chat_page(service) as page:
        conversation_id = await say(page)
    async with following(service, conversation_id, after=2) as messages:
        events = [message.event async for message in messages]
    assert events == ["heartbeat", "update", "heartbeat", "heartbeat"]


async def test_when_the_database_is_gone_the_stream_ends(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page)
    async with following(service, conversation_id) as messages:
        await next_update(messages)

        async def refuse(_self: Database, _work: object) -> object:
            raise OSError("gone")

        monkeypatch.setattr(Database, "read", refuse)
        async with asyncio.timeout(WITHIN_S):
            assert [message.event async for message in messages] == []


async def read_stream(client: AsyncClient, conversation_id: UUID, **options: Any) -> str:
    answer = await client.get(f"/v1/conversations/{conversation_id}/stream", **options)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.text


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that end after one short beat, as a client that reads to the end needs."""
    monkeypatch.setattr(stream, "HEARTBEAT_EVERY_S", 0.05)
    monkeypatch.setattr(stream, "LIFETIME_BEATS", 1)


async def test_over_http_it_goes_on_where_it_broke_off(service: RunningService, short: None) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page, "第一句")
        await say(page, "第二句", external_id="2")
        whole = await read_stream(page, conversation_id)
        rest = await read_stream(page, conversation_id, params={"after": 2})
        resumed = await read_stream(page, conversation_id, headers={"Last-Event-ID": "2"})
        odd = await read_stream(page, conversation_id, headers={"Last-Event-ID": "x"})
    assert "第一句" in whole
    assert "第一句" in odd
    assert "第二句" in whole
    for part in (rest, resumed):
        assert "第一句" not in part
        assert "第二句" in part
    assert "id: 4" in whole
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_read") == 0


async def test_each_opening_by_others_is_put_on_record(
    service: RunningService, backend: AsyncClient, short: None
) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        for client in (staff, backend):
            await read_stream(client, conversation_id)
    entries = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_read")
    assert [(entry.actor_role, entry.subject_id) for entry in entries] == [
        ("counsellor", str(conversation_id)),
        ("chat_backend", str(conversation_id)),
    ]
