"""Reading a conversation: who may, what they see, and the record it leaves."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient

from api.auth.permissions import Principal, Role
from api.conversations.service import read_conversation
from api.db.tables import AuditEntryRow
from tests.api.running import START, RunningService, error_code, message_body

COUNSELLOR = Principal(role=Role.COUNSELLOR, id="c")


async def test_backend_reads_turns_and_assessments(service: RunningService, backend: AsyncClient) -> None:
    sent = (await backend.post("/v1/messages", json=message_body(text="我不想活了"))).json()
    answer = await backend.get(f"/v1/conversations/{sent['conversation_id']}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["standing"]["queue"] == "high_risk"
    assert body["standing"]["level_name"] == "moderate"
    youth, reply = body["turns"]
    assert (youth["role"], youth["text"]) == ("youth", "我不想活了")
    assert youth["assessment"]["signals"] == ["suicide"]
    assert "evidence" not in youth
    assert (reply["role"], reply["reply_key"]) == ("assistant", "crisis_moderate")
    assert reply["text"] == sent["reply"]["text"]
    [entry] = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_read")
    assert (entry.actor_role, entry.subject_id) == ("chat_backend", sent["conversation_id"])
    assert entry.request_id == answer.headers["x-request-id"]


async def test_staff_see_evidence(service: RunningService, backend: AsyncClient) -> None:
    sent = (await backend.post("/v1/messages", json=message_body(text="我不想活了"))).json()
    conversation_id = UUID(sent["conversation_id"])
    view = await service.database.write(
        partial(read_conversation, conversation_id=conversation_id, viewer=COUNSELLOR, now=START)
    )
    [quoted, *_] = view.turns[0].evidence or []
    assert view.turns[0].text[quoted.start : quoted.end] == quoted.text
    assert await service.count(AuditEntryRow, AuditEntryRow.actor_role == "counsellor") == 1


async def test_young_person_sees_words_only(service: RunningService) -> None:
    async with service.client() as visitor:
        token = (await visitor.post("/v1/sessions")).json()["token"]
    async with service.client(token=token) as page:
        sent = await page.post("/v1/messages", json={"external_id": "1", "text": "我不想活了"})
        answer = await page.get(f"/v1/conversations/{sent.json()['conversation_id']}")
    assert answer.status_code == 200
    assert set(answer.json()) == {"conversation_id", "channel", "opened_at", "updated_at", "turns"}
    for turn in answer.json()["turns"]:
        assert {"assessment", "evidence"}.isdisjoint(turn)
    for word in ("suicide", "moderate", "risk_score", "high_risk"):
        assert word not in answer.text


async def test_conversations_of_others_are_not_there(service: RunningService, backend: AsyncClient) -> None:
    sent = (await backend.post("/v1/messages", json=message_body())).json()
    path = f"/v1/conversations/{sent['conversation_id']}"
    async with service.client() as visitor:
        page_token = (await visitor.post("/v1/sessions")).json()["token"]
    for token in (page_token, await service.create_token(channel="yueshengshi")):
        async with service.client(token=token) as stranger:
            answer = await stranger.get(path)
        assert (answer.status_code, error_code(answer)) == (404, "not_found")
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_read") == 0


async def test_unknown_conversation_is_not_found(backend: AsyncClient) -> None:
    answer = await backend.get(f"/v1/conversations/{uuid4()}")
    assert (answer.status_code, error_code(answer)) == (404, "not_found")


@pytest.mark.parametrize("path", ["abc", "1", "%00", "我的秘密", "../queues%2f", "' OR 1=1"])
async def test_malformed_ids_are_refused(backend: AsyncClient, path: str) -> None:
    answer = await backend.get(f"/v1/conversations/{path}")
    assert 400 <= answer.status_code < 500
    assert "秘密" not in answer.text


async def test_nobody_reads_without_a_token(service: RunningService, backend: AsyncClient) -> None:
    sent = (await backend.post("/v1/messages", json=message_body())).json()
    async with service.client() as stranger:
        answer = await stranger.get(f"/v1/conversations/{sent['conversation_id']}")
    assert (answer.status_code, error_code(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
