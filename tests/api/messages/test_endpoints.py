"""Sending a message: what is answered, stored and queued, and who may send."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from api.auth.permissions import Role
from api.db.tables import AssessmentRow, AuditEntryRow, ConversationRow, EventRow, MessageRow
from tests.api.running import START, RunningService, error_code, message_body

TRIAGE_MEMBERS = {
    "category", "category_scores", "signals", "signal_scores", "level", "level_name", "message_level",
    "risk_score", "escalate", "degraded", "evidence", "model_version", "lexicon_version", "policy_version",
}  # fmt: skip


async def open_chat_session(service: RunningService) -> dict[str, Any]:
    async with service.client() as visitor:
        answer = await visitor.post("/v1/sessions")
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    return body


async def test_answer_holds_triage_reply_and_queue(backend: AsyncClient) -> None:
    answer = await backend.post("/v1/messages", json=message_body(text="我真的不想活了"))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"message_id", "conversation_id", "received_at", "triage", "reply", "queue"}
    assert set(body["triage"]) == TRIAGE_MEMBERS
    assert body["triage"]["signals"] == ["suicide"]
    assert body["triage"]["escalate"] is True
    assert body["triage"]["level"] == 2
    assert body["triage"]["level_name"] == "moderate"
    quoted = body["triage"]["evidence"][0]
    assert "我真的不想活了"[quoted["start"] : quoted["end"]] == quoted["text"] != ""
    assert body["reply"]["ai"] is True
    assert body["reply"]["key"] == "crisis_moderate"
    assert body["reply"]["text"]
    assert body["queue"]["name"] == "high_risk"
    assert body["queue"]["position"] == 1
    assert body["queue"]["respond_by"] == "2026-11-24T12:10:00Z"
    assert body["received_at"] == "2026-11-24T12:00:00Z"


async def test_everything_about_a_message_is_stored(service: RunningService, backend: AsyncClient) -> None:
    body = message_body(text="老板不给工资", sent_at="2026-11-24T19:59:58+08:00")
    answer = await backend.post("/v1/messages", json=body)
    message, reply = sorted(await service.rows(MessageRow), key=lambda row: row.position)
    assert (message.role, message.text, message.external_id) == ("youth", "老板不给工资", "m-1")
    assert message.sent_at == START - timedelta(seconds=2)
    assert message.received_at == START
    assert message.answer == answer.text
    assert (reply.role, reply.reply_key) == ("assistant", answer.json()["reply"]["key"])
    assert reply.text == answer.json()["reply"]["text"]
    [assessment] = await service.rows(AssessmentRow)
    assert (assessment.message_id, assessment.category) == (message.id, "legal")
    assert assessment.model_version == "keywords/test"
    [conversation] = await service.rows(ConversationRow)
    assert (conversation.queue, conversation.waiting_since, conversation.turns) == ("legal", START, 2)
    [audit] = await service.rows(AuditEntryRow, AuditEntryRow.action == "message_received")
    assert (audit.actor_role, audit.subject_id) == ("chat_backend", str(message.id))
    assert audit.request_id == answer.headers["x-request-id"]
    assert [event.kind for event in await service.rows(EventRow)] == ["message_received"]


async def test_messages_of_a_user_join_one_conversation(
    service: RunningService, backend: AsyncClient
) -> None:
    first = (await backend.post("/v1/messages", json=message_body(text="我不想活了"))).json()
    service.clock.advance(timedelta(minutes=2))
    second = (await backend.post("/v1/messages", json=message_body(external_id="m-2", text="谢谢"))).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert second["triage"]["level"] == 2, "the machine never lowers a conversation's level"
    assert second["queue"]["name"] == "high_risk"
    assert second["queue"]["respond_by"] == first["queue"]["respond_by"], "a promise is not moved back"
    [conversation] = await service.rows(ConversationRow)
    assert (conversation.version, conversation.turns, conversation.waiting_since) == (2, 4, START)
    kinds = [event.kind for event in await service.rows(EventRow)]
    assert kinds == ["message_received", "conversation_escalated", "message_received"]


@pytest.mark.parametrize("other", [{"channel": "yueshengshi"}, {"user": "u-2"}], ids=["channel", "user"])
async def test_another_channel_or_user_is_another_conversation(
    backend: AsyncClient, other: dict[str, str]
) -> None:
    first = (await backend.post("/v1/messages", json=message_body())).json()
    second = (await backend.post("/v1/messages", json=message_body(external_id="m-2", **other))).json()
    assert second["conversation_id"] != first["conversation_id"]


async def test_position_counts_who_is_served_before(service: RunningService, backend: AsyncClient) -> None:
    async def place(user: str, text: str) -> int:
        body = message_body(external_id=f"m-{user}", user=user, text=text)
        position: int = (await backend.post("/v1/messages", json=body)).json()["queue"]["position"]
        service.clock.advance(timedelta(seconds=1))
        return position

    assert await place("a", "我有点难过") == 1
    assert await place("b", "我也有点难过") == 2
    assert await place("c", "我不想活了") == 1, "the high-risk desk is a queue of its own"
    assert await place("d", "我站在楼顶，不想活了") == 1, "the graver case overtakes"
    assert await place("e", "我不想活了") == 3


async def test_chat_page_is_answered_without_scores(service: RunningService) -> None:
    session = await open_chat_session(service)
    async with service.client(token=session["token"]) as page:
        body = {"external_id": "1", "text": "我不想活了"}
        answer = await page.post("/v1/messages", json=body)
        again = await page.post("/v1/messages", json=body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"message_id", "conversation_id", "received_at", "reply", "queue"}
    assert set(answer.json()["queue"]) == {"position", "respond_by", "on_duty"}
    assert set(answer.json()["reply"]) == {"messages", "text", "quick_replies", "show_at", "ai"}
    assert again.content == answer.content
    [conversation] = await service.rows(ConversationRow)
    assert (conversation.channel, conversation.user_ref) == ("web", session["session_id"])
    assert conversation.queue == "high_risk"


async def test_chat_pages_may_use_the_same_ids(service: RunningService) -> None:
    for text in ("我有点难过", "老板不给工资"):
        session = await open_chat_session(service)
        async with service.client(token=session["token"]) as page:
            answer = await page.post("/v1/messages", json={"external_id": "1", "text": text})
            assert answer.status_code == 200
    assert await service.count(ConversationRow) == 2


@pytest.mark.parametrize("foreign", [{"channel": "miniprogram"}, {"user": "other"}], ids=["channel", "user"])
async def test_chat_page_cannot_speak_for_others(service: RunningService, foreign: dict[str, str]) -> None:
    session = await open_chat_session(service)
    async with service.client(token=session["token"]) as page:
        answer = await page.post("/v1/messages", json={"external_id": "1", "text": "你好", **foreign})
    assert (answer.status_code, error_code(answer)) == (403, "channel_forbidden")
    assert await service.count(MessageRow) == 0


async def test_chat_page_session_ends(service: RunningService) -> None:
    session = await open_chat_session(service)
    service.clock.advance(timedelta(hours=24))
    async with service.client(token=session["token"]) as page:
        answer = await page.post("/v1/messages", json={"external_id": "1", "text": "你好"})
    assert (answer.status_code, error_code(answer)) == (401, "invalid_token")


async def test_backend_is_bound_to_its_channel(service: RunningService) -> None:
    token = await service.create_token(channel="yueshengshi")
    async with service.client(token=token) as bound:
        foreign = await bound.post("/v1/messages", json=message_body(channel="miniprogram"))
        own = await bound.post("/v1/messages", json=message_body(channel=None))
    assert (foreign.status_code, error_code(foreign)) == (403, "channel_forbidden")
    assert own.status_code == 200
    [conversation] = await service.rows(ConversationRow)
    assert conversation.channel == "yueshengshi"


@pytest.mark.parametrize("role", [Role.MONITOR], ids=str)
async def test_other_machines_may_not_send(service: RunningService, role: Role) -> None:
    async with service.client(token=await service.create_token(role)) as caller:
        answer = await caller.post("/v1/messages", json=message_body())
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")
    assert await service.count(MessageRow) == 0
