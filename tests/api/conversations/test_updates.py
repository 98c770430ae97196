"""Updates: everything after the cursor once it may be shown, and nothing that is not theirs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from api.db.tables import AuditEntryRow, ConversationRow
from tests.api.conversations.people import (
    change_turn,
    chat_page,
    counsellor,
    reply,
    say,
    updates_of,
)
from tests.api.running import START, RunningService, error_code, message_body


def positions(view: dict[str, Any]) -> list[int]:
    return [turn["position"] for turn in view["turns"]]


async def test_a_page_that_keeps_its_cursor_sees_every_turn_once(service: RunningService) -> None:
    seen: list[int] = []
    cursor = 0
    async with chat_page(service) as page, counsellor(service) as staff:
        for number in range(4):
            conversation_id = await say(page, external_id=f"{number}")
            if number % 2:
                await reply(staff, conversation_id, client_id=f"{number}")
            view = await updates_of(page, conversation_id, after=cursor)
            seen += positions(view)
            cursor = view["cursor"]
        last = await updates_of(page, conversation_id, after=cursor)
    [row] = await service.rows(ConversationRow)
    assert row.turns >= 6
    assert seen == list(range(1, row.turns + 1))
    assert (last["turns"], last["cursor"]) == ([], row.turns)


async def test_the_place_in_line_is_told_while_one_waits(
    service: RunningService, backend: AsyncClient
) -> None:
    await backend.post("/v1/messages", json=message_body(text="我站在楼顶，不想活了"))
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        waiting = await updates_of(page, conversation_id)
        await reply(staff, conversation_id)
        answered = await updates_of(page, conversation_id)
    assert waiting["waiting"]["position"] == 2
    assert waiting["waiting"]["respond_by"] > "2026-11-24T12:00:00Z"
    assert "waiting" not in answered


async def test_a_turn_held_back_comes_when_its_time_has_come(service: RunningService) -> None:
    held_until = START + timedelta(seconds=1.5)
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await change_turn(service, conversation_id, 2, visible_at=held_until)
        early = await updates_of(page, conversation_id)
        read = (await page.get(f"/v1/conversations/{conversation_id}")).json()
        seen = (await staff.get(f"/v1/conversations/{conversation_id}")).json()
        service.clock.advance(timedelta(seconds=1.5))
        due = await updates_of(page, conversation_id, after=early["cursor"])
        later = (await staff.get(f"/v1/conversations/{conversation_id}")).json()
    assert (positions(early), early["cursor"]) == ([1], 1)
    assert positions(read) == [1]
    assert [turn.get("shown_at") for turn in seen["turns"]] == [None, "2026-11-24T12:00:01.500000Z"]
    assert (positions(due), due["cursor"]) == ([2], 2)
    assert [turn.get("shown_at") for turn in later["turns"]] == [None, None]


async def test_a_counsellors_words_wait_for_no_held_turn_and_none_is_passed_over(
    service: RunningService,
) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await reply(staff, conversation_id)
        due_at = START + timedelta(seconds=1.5)
        await change_turn(service, conversation_id, 2, visible_at=due_at, withdrawn_at=None)
        early = await updates_of(page, conversation_id)
        service.clock.advance(timedelta(seconds=2))
        due = await updates_of(page, conversation_id, after=early["cursor"])
    assert (positions(early), early["cursor"]) == ([1, 3], 1)
    assert (positions(due), due["cursor"]) == ([2, 3], 3)


async def test_a_withdrawn_turn_is_shown_to_nobody(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await change_turn(service, conversation_id, 2, withdrawn_at=START)
        await say(page, "还有一句", external_id="2")
        for client in (page, staff):
            read = (await client.get(f"/v1/conversations/{conversation_id}")).json()
            assert positions(read) == [1, 3, 4]
            assert positions(await updates_of(client, conversation_id)) == [1, 3, 4]
        assert "还有一句" in (await staff.get(f"/console/conversations/{conversation_id}")).text


async def test_a_cursor_from_nowhere_does_not_hide_what_comes(service: RunningService) -> None:
    async with chat_page(service) as page:
        conversation_id = await say(page)
        view = await updates_of(page, conversation_id, after=2**31 - 1)
        await say(page, "还有", external_id="2")
        more = await updates_of(page, conversation_id, after=view["cursor"])
    assert positions(more) == [3, 4]


async def test_a_young_person_gets_words_only(service: RunningService) -> None:
    async with chat_page(service) as page:
        answer = await page.get(f"/v1/conversations/{await say(page)}/updates")
    for word in ("suicide", "moderate", "assessment", "evidence", "high_risk", "reply_key"):
        assert word not in answer.text


async def test_only_words_handed_to_others_are_put_on_record(
    service: RunningService, backend: AsyncClient
) -> None:
    async def readings(role: str) -> int:
        wanted = (AuditEntryRow.action == "conversation_read", AuditEntryRow.actor_role == role)
        return await service.count(AuditEntryRow, *wanted)

    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        for client in (page, staff, backend):
            for after in (0, 2, 2, 2):
                await updates_of(client, conversation_id, after=after)
    assert await readings("chat_session") == 0
    assert await readings("counsellor") == 1
    assert await readings("chat_backend") == 1


@pytest.mark.parametrize("what", ["updates", "stream"])
async def test_conversations_of_others_are_not_there(service: RunningService, what: str) -> None:
    async with chat_page(service) as page, chat_page(service) as stranger:
        conversation_id = await say(page)
        answers = [await stranger.get(f"/v1/conversations/{conversation_id}/{what}")]
        answers.append(await page.get(f"/v1/conversations/{uuid4()}/{what}"))
    async with service.client(token=await service.create_token(channel="yueshengshi")) as bound:
        answers.append(await bound.get(f"/v1/conversations/{conversation_id}/{what}"))
    assert [(answer.status_code, error_code(answer)) for answer in answers] == [(404, "not_found")] * 3
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_read") == 0


@pytest.mark.parametrize("after", ["-1", "x", str(2**31)])
async def test_what_is_no_position_is_refused(backend: AsyncClient, after: str) -> None:
    answer = await backend.get(f"/v1/conversations/{uuid4()}/updates", params={"after": after})
    assert (answer.status_code, error_code(answer)) == (422, "validation_failed")
