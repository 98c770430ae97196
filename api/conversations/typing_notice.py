"""Somebody is typing: told for a few seconds, kept nowhere else."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from api.auth.permissions import Principal
from api.conversations.service import find_theirs
from api.db.tables import ConversationRow

TYPING_FOR = timedelta(seconds=6)
"""How long one notice holds; a page repeats it every four seconds while keys are pressed."""
RENEWED_BEFORE = timedelta(seconds=3)
"""A notice that holds longer than this is not written again: a durable write a key would be too many."""


def tell_typing(session: Session, *, conversation_id: UUID, teller: Principal, now: datetime) -> None:
    """Note that the teller is typing; ``NotFound`` where the teller may not look."""
    row = find_theirs(session, conversation_id=conversation_id, viewer=teller)
    column = ConversationRow.typing_until if teller.is_staff else ConversationRow.youth_typing_until
    held: datetime | None = getattr(row, column.key)
    # Longer than a notice can hold: the clock was set back.
    if held is not None and RENEWED_BEFORE < held - now <= TYPING_FOR:
        return
    session.execute(
        update(ConversationRow).where(ConversationRow.id == row.id).values({column: now + TYPING_FOR})
    )
