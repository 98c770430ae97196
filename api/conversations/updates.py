"""What is new in a conversation, for whoever keeps it open: the chat page, a chat backend, staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.auth.permissions import Principal, Role
from api.conversations import repository
from api.conversations.schemas import UpdatesView, WaitingView
from api.conversations.service import find_theirs, is_held_back, record_reading, view_turns
from api.db.tables import ConversationRow
from api.hours import ServiceHours

MOST_TURNS = 200
"""Turns told at once; the cursor leads on to the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """What is told, and when a turn that is held back is to be shown."""

    view: UpdatesView
    next_at: datetime | None


def begin_updates(session: Session, *, conversation_id: UUID, viewer: Principal, now: datetime) -> None:
    """Check that the viewer may follow a conversation, and put it on record; a young person's own is not."""
    find_theirs(session, conversation_id=conversation_id, viewer=viewer)
    if viewer.role is not Role.CHAT_SESSION:
        record_reading(session, conversation_id=conversation_id, viewer=viewer, now=now)


def read_updates(
    session: Session,
    *,
    conversation_id: UUID,
    viewer: Principal,
    after: int,
    hours: ServiceHours,
    now: datetime,
) -> Updates:
    """The turns after a position that may be shown by now, and how the conversation stands.

    The cursor stops before a turn that is held back, so that it is not passed over; what was said
    after it is told all the same, and told again: a counsellor's words wait for no machine's.
    """
    row = find_theirs(session, conversation_id=conversation_id, viewer=viewer)
    turns = repository.list_turns(session, conversation_id=conversation_id, after=after, limit=MOST_TURNS)
    held = [turn.message for turn in turns if is_held_back(turn, now=now)]
    shown = [turn for turn in turns if not is_held_back(turn, now=now)]
    seen = turns[-1].message.position if turns else min(after, row.turns)
    view = UpdatesView(
        turns=view_turns(shown, viewer=viewer, now=now),
        cursor=held[0].position - 1 if held else seen,
        typing=_is_typed_in(row, viewer=viewer, now=now),
        recalled=repository.list_recalled(session, conversation_id=conversation_id),
        waiting=_view_waiting(session, row, hours=hours, now=now),
    )
    return Updates(view=view, next_at=min((m.visible_at for m in held if m.visible_at), default=None))


def _is_typed_in(row: ConversationRow, *, viewer: Principal, now: datetime) -> bool:
    """Whether the other side is typing."""
    until = row.youth_typing_until if viewer.is_staff else row.typing_until
    return until is not None and until > now


def _view_waiting(
    session: Session, row: ConversationRow, *, hours: ServiceHours, now: datetime
) -> WaitingView | None:
    if row.waiting_since is None or row.respond_by is None:
        return None
    position = 1 + repository.count_ahead(session, row=row)
    on_duty = row.escalated or hours.are_open(now)
    return WaitingView(position=position, respond_by=row.respond_by, on_duty=on_duty)
