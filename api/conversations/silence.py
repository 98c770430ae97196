"""Silence after a disclosure is an alarm: whoever told of danger and writes no more is looked after."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.audit.log import Actor, AuditAction, SubjectKind, record_audit
from api.clock import Clock
from api.conversations.events import EventKind, append_events
from api.db.session import Database
from api.db.tables import ConversationRow, MessageRow
from api.observability import get_logger
from triage.labels import RiskLevel
from triage.message import Role

SWEEP_EVERY_S = 1.0
MOST_AT_ONCE = 100
"""Rows of one transaction; when more are due, the next follows at once."""

_log = get_logger(__name__)


@asynccontextmanager
async def watching_silence(
    database: Database, *, clock: Clock, within_s: Mapping[RiskLevel, int]
) -> AsyncIterator[None]:
    """Sweep for as long as the block runs; ``within_s`` is the policy's promise for each level."""
    sweeping = asyncio.create_task(_sweep_on(database, clock, within_s), name="silence-sweep")
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping


async def _sweep_on(database: Database, clock: Clock, within_s: Mapping[RiskLevel, int]) -> None:
    failing = False
    while True:
        try:
            while await sweep(database, now=clock.now(), within_s=within_s) == MOST_AT_ONCE:
                pass
            failing = False
        except Exception:
            # Whatever goes wrong once, the next sweep must come; an outage is told of once.
            if not failing:
                _log.exception("silence_sweep_failed")
            failing = True
        await asyncio.sleep(SWEEP_EVERY_S)


async def sweep(database: Database, *, now: datetime, within_s: Mapping[RiskLevel, int]) -> int:
    """Raise the alarms that are due, at most ``MOST_AT_ONCE``; gives how many were raised."""
    # Asked first without writing: on SQLite a sweep that finds nothing must keep no message waiting.
    if not await database.read(partial(_is_any_due, now=now)):
        return 0
    raised = await database.write(partial(raise_due_alarms, now=now, within_s=within_s))
    for conversation_id in raised:
        _log.warning("conversation_silent", conversation_id=str(conversation_id))
    return len(raised)


def raise_due_alarms(session: Session, *, now: datetime, within_s: Mapping[RiskLevel, int]) -> list[UUID]:
    """Turn due silences into alarms, in the transaction under way: all of it, or nothing.

    Rows that another sweeper or a message holds are left to them; what they leave due comes next time.
    The lock lets others refer to the rows: whoever holds the events' lock must not have to wait for us.
    """
    rows = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.silence_due_at <= now)
        .order_by(ConversationRow.silence_due_at, ConversationRow.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    last_words = _find_last_words(session, [row.id for row in rows])
    for row in rows:
        _raise_alarm(row, silent_since=last_words.get(row.id, now), now=now, within_s=within_s)
    # All rows are changed before the first event: events are numbered under a lock that is held to the end.
    session.flush()
    for row in rows:
        _tell(session, row, now=now)
    return [row.id for row in rows]


def _is_any_due(session: Session, *, now: datetime) -> bool:
    due = select(ConversationRow.id).where(ConversationRow.silence_due_at <= now).limit(1)
    return session.scalar(due) is not None


def _find_last_words(session: Session, conversation_ids: list[UUID]) -> dict[UUID, datetime]:
    rows = session.execute(
        select(MessageRow.conversation_id, func.max(MessageRow.received_at))
        .where(MessageRow.conversation_id.in_(conversation_ids), MessageRow.role == Role.YOUTH.value)
        .group_by(MessageRow.conversation_id)
    )
    return {conversation_id: moment for conversation_id, moment in rows if moment is not None}


def _raise_alarm(
    row: ConversationRow, *, silent_since: datetime, now: datetime, within_s: Mapping[RiskLevel, int]
) -> None:
    row.silence_due_at = None
    row.silent_since = silent_since
    # A message in the making read the row as it was: it must read it again.
    row.version += 1
    if row.waiting_since is None or row.respond_by is None:
        row.waiting_since = now
        row.respond_by = now + timedelta(seconds=within_s.get(RiskLevel(row.level), min(within_s.values())))


def _tell(session: Session, row: ConversationRow, *, now: datetime) -> None:
    record_audit(
        session,
        actor=Actor.SYSTEM,
        action=AuditAction.CONVERSATION_SILENT,
        subject_kind=SubjectKind.CONVERSATION,
        subject_id=str(row.id),
        now=now,
    )
    append_events(session, kinds=[EventKind.CONVERSATION_SILENT], conversation_id=row.id, now=now)
