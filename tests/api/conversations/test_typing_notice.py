"""Typing is told for six seconds, to the other side only."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient

from api.auth.permissions import Role
from api.conversations.typing_notice import RENEWED_BEFORE, TYPING_FOR
from api.db.tables import ConversationRow
from tests.api.conversations.people import chat_page, counsellor, reply, say, updates_of
from tests.api.running import START, RunningService


async def tell(client: AsyncClient, conversation_id: UUID) -> int:
    return (await client.post(f"/v1/conversations/{conversation_id}/typing")).status_code


async def is_typing(client: AsyncClient, conversation_id: UUID) -> bool:
    typing: bool = (await updates_of(client, conversation_id))["typing"]
    return typing


async def test_a_counsellor_types_for_the_young_person(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        assert not await is_typing(page, conversation_id)
        assert await tell(staff, conversation_id) == 204
        assert await is_typing(page, conversation_id)
        assert not await is_typing(staff, conversation_id)
        service.clock.advance(TYPING_FOR)
        assert not await is_typing(page, conversation_id)


async def test_a_young_person_types_for_staff(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        assert await tell(page, conversation_id) == 204
        assert await is_typing(staff, conversation_id)
        assert not await is_typing(page, conversation_id)


async def test_the_reply_ends_it(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await tell(staff, conversation_id)
        await reply(staff, conversation_id)
        assert not await is_typing(page, conversation_id)


async def test_it_is_written_again_only_when_it_runs_out(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        until = []
        for _ in range(4):
            await tell(staff, conversation_id)
            until.append((await service.rows(ConversationRow))[0].typing_until - START)
            service.clock.advance(timedelta(seconds=1))
    assert until == [TYPING_FOR, TYPING_FOR, TYPING_FOR, RENEWED_BEFORE + TYPING_FOR]


async def test_a_clock_set_back_leaves_nobody_typing_for_hours(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await tell(staff, conversation_id)
        service.clock.advance(timedelta(hours=-1))
        await tell(staff, conversation_id)
        service.clock.advance(TYPING_FOR)
        assert not await is_typing(page, conversation_id)


async def test_nobody_types_where_they_may_not_look(service: RunningService, backend: AsyncClient) -> None:
    async with chat_page(service) as page, chat_page(service) as stranger:
        conversation_id = await say(page)
        assert await tell(stranger, conversation_id) == 404
        assert await tell(backend, conversation_id) == 204
        assert await tell(backend, uuid4()) == 404


@pytest.mark.parametrize("role", [Role.MONITOR])
async def test_a_monitor_types_nowhere(service: RunningService, role: Role) -> None:
    async with service.client(token=await service.create_token(role)) as caller:
        assert await tell(caller, uuid4()) == 403
