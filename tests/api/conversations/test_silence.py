"""Silence after a disclosure: one alarm for each, whoever sweeps, whenever something dies or the clock jumps."""

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from sqlalchemy.orm import Session

from api.conversations import silence
from api.conversations.silence import raise_due_alarms, sweep, watching_silence
from api.db.session import Database
from api.db.tables import AuditEntryRow, ConversationRow, EventRow
from tests.api.conversations.people import change_conversation, chat_page, counsellor, reply, say
from tests.api.databases import opened
from tests.api.running import START, RunningService, message_body
from triage.labels import RiskLevel

ROOT = Path(__file__).resolve().parents[3]
WITHIN_S = {RiskLevel.MODERATE: 1800, RiskLevel.HIGH: 300, RiskLevel.IMMINENT: 60}
DUE = START + timedelta(minutes=5)
LATER = START + timedelta(minutes=10)
"""The service's clock stands at START, so that its own sweeper finds nothing: these tests sweep."""


async def disclose(backend: AsyncClient, service: RunningService, *, people: int = 1) -> list[UUID]:
    """People who told of danger at START, and whose silence is due five minutes later."""
    conversations = []
    for number in range(people):
        body = message_body(external_id=f"{number}", user=f"{number}", text="我不想活了")
        answer = await backend.post("/v1/messages", json=body)
        conversations.append(UUID(answer.json()["conversation_id"]))
        await change_conversation(service, conversations[-1], silence_due_at=DUE)
    return conversations


async def alarms(service: RunningService) -> list[str]:
    """Whose alarm was raised, by the audit; the events must tell the same."""
    entries = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_silent")
    events = await service.rows(EventRow, EventRow.kind == "conversation_silent")
    raised = sorted(entry.subject_id for entry in entries)
    assert raised == sorted(str(event.conversation_id) for event in events)
    return raised


async def sweep_all(database: Database, *, now: datetime = LATER) -> int:
    return await sweep(database, now=now, within_s=WITHIN_S)


async def test_an_alarm_says_since_when_and_calls_somebody_again(
    service: RunningService, backend: AsyncClient
) -> None:
    [conversation_id] = await disclose(backend, service)
    await change_conversation(service, conversation_id, waiting_since=None, respond_by=None)
    assert await sweep_all(service.database) == 1
    [row] = await service.rows(ConversationRow)
    assert (row.silence_due_at, row.silent_since) == (None, START)
    assert (row.waiting_since, row.respond_by) == (LATER, LATER + timedelta(seconds=1800))
    assert (row.level, row.escalated, row.version) == (2, True, 2)
    [entry] = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_silent")
    assert (entry.actor_role, entry.actor_id, entry.at) == ("system", "system", LATER)
    assert await alarms(service) == [str(conversation_id)]


async def test_a_promise_that_stands_is_not_put_off(service: RunningService, backend: AsyncClient) -> None:
    await disclose(backend, service)
    [before] = await service.rows(ConversationRow)
    await sweep_all(service.database)
    [after] = await service.rows(ConversationRow)
    assert (after.waiting_since, after.respond_by) == (before.waiting_since, before.respond_by)


async def test_before_its_time_and_a_second_time_nothing_happens(
    service: RunningService, backend: AsyncClient
) -> None:
    await disclose(backend, service)
    assert await sweep_all(service.database, now=DUE - timedelta(microseconds=1)) == 0
    assert await sweep_all(service.database) == 1
    assert await sweep_all(service.database) == 0
    assert len(await alarms(service)) == 1


async def test_a_level_without_a_promise_gets_the_shortest(
    service: RunningService, backend: AsyncClient
) -> None:
    [conversation_id] = await disclose(backend, service)
    await change_conversation(service, conversation_id, level=0, waiting_since=None, respond_by=None)
    await sweep_all(service.database)
    [row] = await service.rows(ConversationRow)
    assert row.respond_by == LATER + timedelta(seconds=60)


async def test_a_counsellors_reply_ends_the_watch(service: RunningService) -> None:
    async with chat_page(service) as page, counsellor(service) as staff:
        conversation_id = await say(page)
        await change_conversation(service, conversation_id, silence_due_at=DUE)
        await reply(staff, conversation_id)
    assert await sweep_all(service.database) == 0


async def test_many_due_at_once_with_two_sweepers_are_each_raised_once(
    service: RunningService, backend: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "MOST_AT_ONCE", 3)
    conversations = await disclose(backend, service, people=20)
    async with opened(service.database.url) as other:

        async def sweep_until_none(database: Database) -> int:
            raised = 0
            while count := await sweep_all(database):
                raised += count
            return raised

        counts = await asyncio.gather(*(sweep_until_none(each) for each in (service.database, other) * 2))
    # A sweeper whose rows are all held by others goes home; what is left comes with the next sweep.
    counts.append(await sweep_all(service.database))
    assert sum(counts) == 20
    assert await alarms(service) == sorted(map(str, conversations))


async def test_what_fails_in_the_middle_is_raised_whole_the_next_time(
    service: RunningService, backend: AsyncClient
) -> None:
    conversations = await disclose(backend, service, people=3)

    def fail(session: Session) -> None:
        assert len(raise_due_alarms(session, now=LATER, within_s=WITHIN_S)) == 3
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        await service.database.write(fail)
    assert await alarms(service) == []
    assert await sweep_all(service.database) == 3
    assert await alarms(service) == sorted(map(str, conversations))


async def test_killed_in_the_middle_nothing_is_lost(service: RunningService, backend: AsyncClient) -> None:
    conversations = await disclose(backend, service, people=3)
    url = service.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.api.conversations.dying_sweeper", url]
    died = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (died.returncode, died.stdout.split()) == (9, ["3"]), died.stderr
    assert await alarms(service) == []
    raised = 0
    async with asyncio.timeout(10):
        # PostgreSQL may need a moment to see that the other side is gone, and until then skips its rows.
        while raised < 3:
            raised += await sweep_all(service.database)
    assert await alarms(service) == sorted(map(str, conversations))


async def test_a_message_in_the_making_does_not_undo_an_alarm(
    service: RunningService, backend: AsyncClient
) -> None:
    await disclose(backend, service)
    bodies = [message_body(external_id=f"n-{n}", user="0") for n in range(4)]
    sending = asyncio.gather(*(backend.post("/v1/messages", json=body) for body in bodies))
    raised = await sweep_all(service.database)
    assert {answer.status_code for answer in await sending} == {200}
    [row] = await service.rows(ConversationRow)
    assert len(await alarms(service)) == raised
    assert row.version == 1 + 4 + raised, "each change was made to the row as the one before left it"


async def test_recalls_and_sweeps_at_once_do_not_lock_each_other_out(
    service: RunningService, backend: AsyncClient
) -> None:
    conversations = await disclose(backend, service, people=12)
    bodies = [{"channel": "miniprogram", "external_id": f"{n}"} for n in range(12)]
    recalling = asyncio.gather(*(backend.post("/v1/messages/recall", json=body) for body in bodies))
    raised = 0
    while raised < 12:
        raised += await sweep_all(service.database)
    assert {answer.status_code for answer in await recalling} == {200}
    assert await alarms(service) == sorted(map(str, conversations))


async def wait_for_alarms(service: RunningService, count: int) -> None:
    async with asyncio.timeout(5):
        while await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_silent") < count:
            await asyncio.sleep(0.01)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps in close succession."""
    monkeypatch.setattr(silence, "SWEEP_EVERY_S", 0.01)


@pytest.mark.parametrize("jump", [timedelta(minutes=-90), timedelta(days=400)], ids=["back", "forward"])
async def test_a_clock_that_jumps_loses_no_alarm_and_raises_none_twice(
    service: RunningService, backend: AsyncClient, quick: None, jump: timedelta
) -> None:
    [first, second] = await disclose(backend, service, people=2)
    await change_conversation(service, second, silence_due_at=START + timedelta(minutes=30))
    service.clock.advance(timedelta(minutes=6))
    async with watching_silence(service.database, clock=service.clock, within_s=WITHIN_S):
        await wait_for_alarms(service, 1)
        service.clock.advance(jump)
        await asyncio.sleep(0.05)
        service.clock.advance(abs(jump) + timedelta(minutes=31))
        await wait_for_alarms(service, 2)
        await asyncio.sleep(0.05)
    assert await alarms(service) == sorted(map(str, (first, second)))


async def test_a_sweep_that_fails_does_not_end_the_watch(
    service: RunningService, backend: AsyncClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 0

    def fail_twice(session: Session, **due: Any) -> list[UUID]:
        nonlocal failures
        failures += 1
        raised = raise_due_alarms(session, **due)
        if failures <= 2:
            raise OSError("gone")
        return raised

    await disclose(backend, service)
    monkeypatch.setattr(silence, "raise_due_alarms", fail_twice)
    service.clock.advance(timedelta(minutes=6))
    async with watching_silence(service.database, clock=service.clock, within_s=WITHIN_S):
        await wait_for_alarms(service, 1)
    assert failures >= 3
    assert len(await alarms(service)) == 1


async def test_the_watch_ends_with_its_block(service: RunningService) -> None:
    before = {task for task in asyncio.all_tasks() if task.get_name() == "silence-sweep"}
    async with watching_silence(service.database, clock=service.clock, within_s=WITHIN_S):
        assert {task for task in asyncio.all_tasks() if task.get_name() == "silence-sweep"} > before
    assert {task for task in asyncio.all_tasks() if task.get_name() == "silence-sweep"} == before
