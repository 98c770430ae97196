"""Messages in a row are one turn; a counsellor is not talked over; promises fit the hours and the silence."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from api.conversations.state import decode_state
from api.db.tables import AssessmentRow, ConversationRow, MessageRow
from api.hours import ServiceHours
from api.messages.service import ASSISTANT_RESUMES_AFTER
from tests.api.conversations.people import chat_page, counsellor, reply
from tests.api.running import RunningService, message_body

HOLD = timedelta(milliseconds=1_500)


@pytest.fixture
async def backend(service: RunningService) -> AsyncIterator[AsyncClient]:
    async with service.client(token=await service.create_token()) as client:
        yield client


async def send(client: AsyncClient, text: str, *, number: int, **changes: Any) -> dict[str, Any]:
    body = message_body(external_id=f"m-{number}", text=text, **changes)
    answer = await client.post("/v1/messages", json=body)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def shown(service: RunningService) -> list[MessageRow]:
    return await service.rows(MessageRow, MessageRow.withdrawn_at.is_(None))


async def test_messages_in_a_row_are_answered_once(service: RunningService, backend: AsyncClient) -> None:
    first = await send(backend, "在吗", number=1, hold_reply=True)
    assert datetime.fromisoformat(first["reply"]["show_at"]) == service.clock.now() + HOLD
    service.clock.advance(HOLD / 2)
    second = await send(backend, "最近很难过", number=2, hold_reply=True)
    assert [row.text for row in await shown(service)] == ["在吗", "最近很难过", second["reply"]["text"]]
    [conversation] = await service.rows(ConversationRow)
    state = decode_state(conversation.state)
    assert state.replies_sent == (second["reply"]["key"],)
    assert state.intake.asked == (second["reply"]["question_key"],)
    assert await service.count(AssessmentRow) == 2, "each message is triaged at once"


async def test_a_reply_that_was_shown_stands(service: RunningService, backend: AsyncClient) -> None:
    await send(backend, "在吗", number=1, hold_reply=True)
    service.clock.advance(HOLD)
    await send(backend, "最近很难过", number=2, hold_reply=True)
    assert len(await shown(service)) == 4


async def test_danger_in_a_row_is_put_before_a_person_at_once(
    service: RunningService, backend: AsyncClient
) -> None:
    await send(backend, "我不想活了", number=1, hold_reply=True)
    [conversation] = await service.rows(ConversationRow)
    assert conversation.escalated
    await send(backend, "骗你的", number=2, hold_reply=True)
    [conversation] = await service.rows(ConversationRow)
    assert conversation.escalated


async def test_who_does_not_hold_replies_back_is_answered_each_time(
    service: RunningService, backend: AsyncClient
) -> None:
    answers = [await send(backend, text, number=number) for number, text in enumerate(["在吗", "很难过"])]
    assert [answer["reply"]["show_at"] for answer in answers] == [None, None]
    assert len(await shown(service)) == 4


async def test_the_assistant_keeps_still_while_a_counsellor_talks(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        body = {"external_id": "1", "text": "我不想活了"}
        conversation_id = (await page.post("/v1/messages", json=body)).json()["conversation_id"]
        await reply(staff, conversation_id, "我在，你慢慢说。")
        answer = await page.post("/v1/messages", json={"external_id": "2", "text": "我站在楼顶"})
        assert answer.json()["reply"] is None
        [conversation] = await service.rows(ConversationRow)
        assert conversation.level == 4, "what is written is triaged all the same"
        assert conversation.waiting_since is not None, "and somebody has to look"
        service.clock.advance(ASSISTANT_RESUMES_AFTER)
        again = await page.post("/v1/messages", json={"external_id": "3", "text": "还在吗"})
        assert again.json()["reply"]["messages"]


async def test_a_counsellor_takes_back_what_the_assistant_was_about_to_say(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        body = {"external_id": "1", "text": "我不想活了"}
        conversation_id = (await page.post("/v1/messages", json=body)).json()["conversation_id"]
        await reply(staff, conversation_id, "我在，你慢慢说。")
        service.clock.advance(HOLD)
        turns = (await page.get(f"/v1/conversations/{conversation_id}")).json()["turns"]
    assert [turn["role"] for turn in turns] == ["youth", "counsellor"]


async def test_silence_is_counted_from_every_message_after_a_disclosure(
    service: RunningService, backend: AsyncClient
) -> None:
    await send(backend, "很难过", number=1)
    [conversation] = await service.rows(ConversationRow)
    assert conversation.silence_due_at is None
    await send(backend, "我不想活了", number=2)
    service.clock.advance(timedelta(minutes=1))
    await send(backend, "嗯", number=3)
    [conversation] = await service.rows(ConversationRow)
    after = service.services.settings.silence_after_s
    assert conversation.silence_due_at == service.clock.now() + timedelta(seconds=after)


async def test_out_of_hours_the_promise_counts_from_the_opening_but_danger_never_waits(
    service: RunningService, backend: AsyncClient
) -> None:
    local = service.clock.now() + timedelta(hours=8)
    closed = ServiceHours(opens=(local.hour * 60 + 60) % 1440, closes=(local.hour * 60 + 120) % 1440)
    object.__setattr__(service.services.promises, "hours", closed)
    calm = (await send(backend, "很难过", number=1, user="calm"))["queue"]
    danger = (await send(backend, "我不想活了", number=2, user="danger"))["queue"]
    assert (calm["on_duty"], danger["on_duty"]) == (False, True)
    opening = service.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    assert datetime.fromisoformat(calm["respond_by"]) > opening
    assert datetime.fromisoformat(danger["respond_by"]) <= service.clock.now() + timedelta(minutes=10)


async def test_staff_read_a_hand_over_summary_and_nobody_else_does(
    service: RunningService, backend: AsyncClient
) -> None:
    answer = await send(backend, "我15岁，我不想活了，从上个月开始", number=1)
    path = f"/v1/conversations/{answer['conversation_id']}/handover"
    assert (await backend.get(path)).status_code == 403
    async with counsellor(service) as staff:
        summary = (await staff.get(path)).json()
        page = await staff.get(f"/console/conversations/{answer['conversation_id']}")
    assert {each["slot"] for each in summary["told"]} >= {"age", "since", "event"}
    assert summary["trajectory"][0]["quote"] == "不想活了"
    assert summary["replies"] == ["crisis_moderate"]
    assert "交接摘要" in page.text
    assert "14到17岁" in page.text
