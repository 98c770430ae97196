"""A counsellor's reply: a turn like any other, stored once, after which nobody waits."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from api.auth.permissions import Role
from api.conversations.events import EventKind
from api.db.tables import AuditEntryRow, ConversationRow, EventRow, MessageRow
from tests.api.console.staff import counsellor_client
from tests.api.conversations.people import change_conversation, chat_page, counsellor, reply, say
from tests.api.running import START, RunningService, error_code, message_body


async def test_a_reply_is_a_turn_and_ends_the_wait(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        silent_at = START + timedelta(minutes=10)
        await change_conversation(service, conversation_id, silence_due_at=silent_at)
        service.clock.advance(timedelta(seconds=30))
        answer = await reply(staff, conversation_id, "我在。\r\n你慢慢说 ")
        read = (await page.get(f"/v1/conversations/{conversation_id}")).json()
    turn = read["turns"][-1]
    assert (turn["role"], turn["text"], turn["position"]) == ("counsellor", "我在。\n你慢慢说", 3)
    assert (turn["message_id"], answer["position"]) == (answer["message_id"], 3)
    [row] = await service.rows(ConversationRow)
    assert (row.waiting_since, row.respond_by, row.silence_due_at) == (None, None, None)
    assert row.answered_at == START + timedelta(seconds=30)
    assert (row.turns, row.version, row.escalated) == (3, 2, True)
    [entry] = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_answered")
    assert (entry.subject_id, entry.actor_role) == (str(conversation_id), "counsellor")
    assert (entry.actor_id, entry.details) == (str(row.answered_by), {"message_id": answer["message_id"]})
    assert (await service.rows(EventRow))[-1].kind == EventKind.CONVERSATION_ANSWERED


async def test_the_next_message_waits_again_and_stands_behind_the_reply(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await reply(staff, conversation_id)
        await say(page, "谢谢，我还在", external_id="2")
    turns = sorted((turn.position, turn.role) for turn in await service.rows(MessageRow))
    assert turns[:4] == [(1, "youth"), (2, "assistant"), (3, "counsellor"), (4, "youth")]
    [row] = await service.rows(ConversationRow)
    assert row.waiting_since is not None


async def test_sent_again_it_is_answered_the_same_and_stored_once(service: RunningService) -> None:
    body = {"text": "我在", "client_id": "r-1"}
    async with chat_page(service) as page, counsellor(service) as staff:
        path = f"/v1/conversations/{await say(page)}/replies"
        answers = await asyncio.gather(*(staff.post(path, json=body) for _ in range(6)))
        other = await staff.post(path, json={**body, "text": "别的话"})
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].status_code == 200
    assert (other.status_code, error_code(other)) == (409, "idempotency_conflict")
    assert await service.count(MessageRow, MessageRow.role == "counsellor") == 1
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_answered") == 1


async def test_two_counsellors_may_use_the_same_id(service: RunningService) -> None:
    async with (
        chat_page(service) as page,
        counsellor(service, name="wang") as one,
        counsellor(service, name="chen") as other,
    ):
        conversation_id = await say(page)
        first, second = await reply(one, conversation_id), await reply(other, conversation_id)
    assert first["message_id"] != second["message_id"]
    assert (first["position"], second["position"]) == (3, 4)


async def test_all_at_once_nothing_is_lost_and_no_place_is_taken_twice(
    service: RunningService, backend: AsyncClient
) -> None:
    sent = (await backend.post("/v1/messages", json=message_body())).json()["conversation_id"]
    async with counsellor(service) as staff:
        path = f"/v1/conversations/{sent}/replies"
        replies = (staff.post(path, json={"text": "我在", "client_id": f"r-{n}"}) for n in range(5))
        bodies = (message_body(external_id=f"n-{n}") for n in range(5))
        messages = (backend.post("/v1/messages", json=body) for body in bodies)
        answers = await asyncio.gather(*replies, *messages)
    assert {answer.status_code for answer in answers} == {200}
    turns = await service.rows(MessageRow)
    roles = [turn.role for turn in turns]
    assert (roles.count("youth"), roles.count("counsellor")) == (6, 5)
    positions = sorted(turn.position for turn in turns)
    assert positions == list(range(1, len(turns) + 1))
    [row] = await service.rows(ConversationRow)
    assert row.turns == len(positions)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"text": "", "client_id": "r"}, "empty_text", id="empty"),
        pytest.param({"text": " \n\x00", "client_id": "r"}, "empty_text", id="blank"),
        pytest.param({"text": "好" * 2001, "client_id": "r"}, "text_too_long", id="long"),
        pytest.param({"text": "好\ud800", "client_id": "r"}, "invalid_text", id="half a character"),
        pytest.param({"text": "好"}, "validation_failed", id="no id"),
        pytest.param({"text": "好", "client_id": "r" * 65}, "validation_failed", id="long id"),
        pytest.param({"text": "好", "client_id": "r", "role": "youth"}, "validation_failed", id="more"),
    ],
)
async def test_what_is_no_reply_is_refused(service: RunningService, body: dict[str, Any], code: str) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        path = f"/v1/conversations/{await say(page)}/replies"
        # Written out here: a client refuses to send half a character as it is.
        headers = {"Content-Type": "application/json"}
        answer = await staff.post(path, content=json.dumps(body), headers=headers)
    assert (answer.status_code, error_code(answer)) == (422, code)
    assert await service.count(MessageRow, MessageRow.role == "counsellor") == 0


async def test_the_longest_reply_is_stored(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        await reply(staff, await say(page), "𠝹" * 2000)
    assert await service.count(MessageRow, MessageRow.role == "counsellor") == 1


async def test_nobody_answers_what_is_not_there_or_closed(service: RunningService) -> None:
    body = {"text": "我在", "client_id": "r-1"}
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await change_conversation(service, conversation_id, closed_at=START)
        nowhere = await staff.post(f"/v1/conversations/{uuid4()}/replies", json=body)
        closed = await staff.post(f"/v1/conversations/{conversation_id}/replies", json=body)
    assert (nowhere.status_code, error_code(nowhere)) == (404, "not_found")
    assert (closed.status_code, error_code(closed)) == (409, "conversation_closed")


@pytest.mark.parametrize("role", [Role.CHAT_BACKEND, Role.MONITOR])
async def test_machines_do_not_answer(service: RunningService, role: Role) -> None:
    body = {"text": "我在", "client_id": "r-1"}
    async with service.client(token=await service.create_token(role)) as machine:
        answer = await machine.post(f"/v1/conversations/{uuid4()}/replies", json=body)
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")


async def test_a_young_person_does_not_answer_as_a_counsellor(service: RunningService) -> None:
    async with chat_page(service) as page:
        path = f"/v1/conversations/{await say(page)}/replies"
        answer = await page.post(path, json={"text": "我在", "client_id": "r-1"})
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")


async def test_another_site_cannot_answer_in_a_counsellors_name(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor_client(service) as staff:
        path = f"/v1/conversations/{await say(page)}/replies"
        answer = await staff.post(path, json={"text": "我在", "client_id": "r-1"})
    assert (answer.status_code, error_code(answer)) == (403, "csrf_failed")
