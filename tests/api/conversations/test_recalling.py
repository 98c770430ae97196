"""A message taken back: unseen by the young person, kept for staff, and its danger stands."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from api.db.tables import AuditEntryRow, ConversationRow, EventRow, MessageRow
from tests.api.conversations.people import chat_page, counsellor, say, updates_of
from tests.api.running import RunningService, error_code, message_body

RECALL = "/v1/messages/recall"


async def test_the_young_person_sees_it_no_more_and_staff_still_do(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page, "我不想活了")
        [before] = await service.rows(ConversationRow)
        answer = await page.post(RECALL, json={"external_id": "1"})
        own = (await page.get(f"/v1/conversations/{conversation_id}")).json()["turns"][0]
        seen = (await staff.get(f"/v1/conversations/{conversation_id}")).json()["turns"][0]
        update = await updates_of(page, conversation_id, after=2)
    assert answer.status_code == 200
    assert (own["text"], own["recalled"]) == ("", True)
    assert (seen["text"], seen["recalled"]) == ("我不想活了", True)
    assert seen["evidence"]
    assert (update["turns"], update["recalled"]) == ([], [own["message_id"]])
    [after] = await service.rows(ConversationRow)
    assert (after.level, after.escalated, after.queue) == (before.level, True, "high_risk")
    assert (after.waiting_since, after.respond_by) == (before.waiting_since, before.respond_by)


async def test_a_chat_backend_is_not_given_the_text_to_show(backend: AsyncClient) -> None:
    sent = (await backend.post("/v1/messages", json=message_body())).json()
    await backend.post(RECALL, json={"channel": "miniprogram", "external_id": "m-1", "user": "u-1"})
    turn = (await backend.get(f"/v1/conversations/{sent['conversation_id']}")).json()["turns"][0]
    assert (turn["text"], turn["recalled"]) == ("", True)
    assert turn["assessment"]


async def test_again_it_changes_nothing(service: RunningService) -> None:
    async with chat_page(service) as page:
        await say(page)
        answers = [await page.post(RECALL, json={"external_id": "1"}) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "message_recalled") == 1
    assert await service.count(EventRow, EventRow.kind == "message_recalled") == 1


async def test_sent_again_after_the_recall_it_stays_taken_back(service: RunningService) -> None:
    async with chat_page(service) as page:
        await say(page)
        await page.post(RECALL, json={"external_id": "1"})
        await say(page)
    [message] = await service.rows(MessageRow, MessageRow.role == "youth")
    assert message.recalled_at is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"channel": "miniprogram", "external_id": "m-2"}, id="unknown"),
        pytest.param({"channel": "yueshengshi", "external_id": "m-1"}, id="other channel"),
        pytest.param({"channel": "miniprogram", "external_id": "m-1", "user": "u-2"}, id="other user"),
    ],
)
async def test_what_is_not_theirs_is_not_there(backend: AsyncClient, body: dict[str, Any]) -> None:
    await backend.post("/v1/messages", json=message_body())
    answer = await backend.post(RECALL, json=body)
    assert (answer.status_code, error_code(answer)) == (404, "not_found")


async def test_nobody_takes_back_the_message_of_another(service: RunningService) -> None:
    async with chat_page(service) as page, chat_page(service) as stranger:
        await say(page)
        answers = [
            await stranger.post(RECALL, json={"external_id": "1"}),
            await stranger.post(RECALL, json={"external_id": "1", "channel": "miniprogram"}),
        ]
    token = await service.create_token(channel="yueshengshi")
    async with service.client(token=token) as bound:
        answers.append(await bound.post(RECALL, json={"channel": "web", "external_id": "1"}))
    assert [answer.status_code for answer in answers] == [404] * 3
    assert await service.count(MessageRow, MessageRow.recalled_at.is_not(None)) == 0


async def test_without_a_channel_there_is_nothing_to_look_in(backend: AsyncClient) -> None:
    answer = await backend.post(RECALL, json={"external_id": "m-1"})
    assert (answer.status_code, error_code(answer)) == (422, "validation_failed")


async def test_staff_take_nothing_back(service: RunningService) -> None:
    async with counsellor(service) as staff:
        answer = await staff.post(RECALL, json={"channel": "web", "external_id": "1"})
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")
