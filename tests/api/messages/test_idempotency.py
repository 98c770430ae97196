"""The same message, however often and however many at once, is stored once and answered alike."""

import asyncio

import pytest
from httpx2 import AsyncClient

from api.db.tables import AssessmentRow, ConversationRow, EventRow, MessageRow
from api.settings import Settings
from tests.api.running import RunningService, error_code, message_body, running_service
from triage.pipeline import TriagePipeline

COPIES = 50


async def test_repeat_is_answered_to_the_byte(service: RunningService, backend: AsyncClient) -> None:
    first = await backend.post("/v1/messages", json=message_body(text="我不想活了"))
    await backend.post("/v1/messages", json=message_body(external_id="m-2", text="还是难过"))
    again = await backend.post("/v1/messages", json=message_body(text="我不想活了"))
    assert again.status_code == 200
    assert again.content == first.content
    assert await service.count(MessageRow, MessageRow.role == "youth") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"text": "别的话"},
        {"user": "u-2"},
        {"content_type": "image"},
        {"sent_at": "2026-11-24T12:00:00Z"},
    ],
    ids=["text", "user", "content_type", "sent_at"],
)
async def test_same_id_with_another_body_is_refused(
    service: RunningService, backend: AsyncClient, change: dict[str, str]
) -> None:
    first = await backend.post("/v1/messages", json=message_body())
    conflict = await backend.post("/v1/messages", json=message_body(**change))
    again = await backend.post("/v1/messages", json=message_body())
    assert (conflict.status_code, error_code(conflict)) == (409, "idempotency_conflict")
    assert again.content == first.content
    assert await service.count(MessageRow, MessageRow.role == "youth") == 1


async def test_the_same_time_in_another_zone_is_the_same_body(backend: AsyncClient) -> None:
    first = await backend.post("/v1/messages", json=message_body(sent_at="2026-11-24T12:00:00Z"))
    again = await backend.post("/v1/messages", json=message_body(sent_at="2026-11-24T20:00:00+08:00"))
    assert again.content == first.content


async def assert_stored_once(service: RunningService) -> None:
    assert await service.count(MessageRow, MessageRow.role == "youth") == 1
    assert await service.count(MessageRow, MessageRow.role == "assistant") == 1
    assert await service.count(AssessmentRow) == 1
    assert await service.count(ConversationRow) == 1
    assert await service.count(EventRow, EventRow.kind == "message_received") == 1


async def test_fifty_copies_at_once_are_stored_once(service: RunningService, backend: AsyncClient) -> None:
    answers = await asyncio.gather(
        *(backend.post("/v1/messages", json=message_body()) for _ in range(COPIES))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    await assert_stored_once(service)


async def test_fifty_copies_over_two_processes_are_stored_once(
    settings: Settings, pipeline: TriagePipeline
) -> None:
    # Two applications share nothing but the database, as two processes do.
    async with (
        running_service(settings, pipeline=pipeline) as one,
        running_service(settings, pipeline=pipeline) as other,
    ):
        token = await one.create_token()
        async with one.client(token=token) as left, other.client(token=token) as right:
            answers = await asyncio.gather(
                *((left, right)[i % 2].post("/v1/messages", json=message_body()) for i in range(COPIES))
            )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        await assert_stored_once(one)


async def test_many_messages_of_one_user_over_two_processes_all_count(
    settings: Settings, pipeline: TriagePipeline
) -> None:
    async with (
        running_service(settings, pipeline=pipeline) as one,
        running_service(settings, pipeline=pipeline) as other,
    ):
        token = await one.create_token()
        async with one.client(token=token) as left, other.client(token=token) as right:
            answers = await asyncio.gather(
                *(
                    (left, right)[i % 2].post("/v1/messages", json=message_body(external_id=f"m-{i}"))
                    for i in range(20)
                )
            )
        assert {answer.status_code for answer in answers} == {200}
        [conversation] = await one.rows(ConversationRow)
        assert (conversation.version, conversation.turns) == (20, 40)
        assert len(conversation.state["replies_sent"]) == 20
        positions = sorted(row.position for row in await one.rows(MessageRow))
        assert positions == list(range(1, 41))
