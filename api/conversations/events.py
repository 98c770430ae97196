"""The feed of changes: what the console follows with a cursor, so that a reconnect loses nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from api.db.tables import EventRow

_POSTGRESQL_LOCK = 0x51745F65
"""Any fixed number; it names the advisory lock under which events get their ids."""

_INSERT = insert(EventRow.table())
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


class EventKind(StrEnum):
    """What happened to a conversation."""

    MESSAGE_RECEIVED = "message_received"
    MESSAGE_RECALLED = "message_recalled"
    CONVERSATION_ESCALATED = "conversation_escalated"
    CONVERSATION_ANSWERED = "conversation_answered"
    CONVERSATION_SILENT = "conversation_silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change; ``id`` is the cursor to go on from."""

    id: int
    kind: EventKind
    conversation_id: UUID
    at: datetime


def append_events(
    session: Session, *, kinds: Sequence[EventKind], conversation_id: UUID, now: datetime
) -> None:
    """Add events at the end of a writing transaction; call it last before the commit.

    A sequence of PostgreSQL gives numbers out before the commit, so a reader could see number 8,
    move its cursor, and miss 7. A lock held to the commit makes the order of ids that of commits.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK, {"key": _POSTGRESQL_LOCK})
    session.execute(
        _INSERT,
        [{"kind": kind, "conversation_id": conversation_id, "at": now} for kind in kinds],
    )


def list_events_after(session: Session, *, cursor: int, limit: int = 200) -> list[Event]:
    """Events after the cursor, oldest first."""
    rows = session.scalars(select(EventRow).where(EventRow.id > cursor).order_by(EventRow.id).limit(limit))
    return [
        Event(id=row.id, kind=EventKind(row.kind), conversation_id=row.conversation_id, at=row.at)
        for row in rows
    ]


def find_latest_event_id(session: Session) -> int:
    """The cursor of the newest event, 0 when there is none."""
    return session.scalar(select(func.max(EventRow.id))) or 0
