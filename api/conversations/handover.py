"""The hand-over summary (交接摘要) of a stored conversation, for staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.auth.permissions import Principal
from api.conversations import repository
from api.conversations.repository import ReadTurn
from api.conversations.schemas import HandoverView
from api.conversations.service import find_theirs, record_reading
from api.conversations.state import decode_state
from api.db.tables import ConversationRow
from api.errors import NotFound
from api.observability import get_logger
from triage.handover import AssessedTurn, HandoverSummary, summarize_handover
from triage.labels import RiskLevel, Signal
from triage.message import ConversationState

_log = get_logger(__name__)


def read_handover(
    session: Session, *, conversation_id: UUID, viewer: Principal, now: datetime
) -> HandoverView:
    """The summary of a conversation; leaves an audit entry. ``NotFound`` when there is none to be seen."""
    row = find_theirs(session, conversation_id=conversation_id, viewer=viewer)
    summary = summarize(session, row)
    if summary is None:
        raise NotFound
    record_reading(session, conversation_id=conversation_id, viewer=viewer, now=now)
    return HandoverView.model_validate(summary, from_attributes=True)


def summarize(session: Session, row: ConversationRow) -> HandoverSummary | None:
    """The summary of a conversation; None when its state cannot be read: the transcript still stands."""
    try:
        state: ConversationState = decode_state(row.state)
    except (KeyError, TypeError, ValueError):
        _log.exception("state_unreadable", conversation_id=str(row.id))
        return None
    turns = repository.list_turns(session, conversation_id=row.id)
    return summarize_handover(state, [_assessed(turn) for turn in turns if turn.assessment is not None])


def _assessed(turn: ReadTurn) -> AssessedTurn:
    assessment = turn.assessment
    assert assessment is not None
    return AssessedTurn(
        position=turn.message.position,
        level=RiskLevel(assessment.level),
        message_level=RiskLevel(assessment.message_level),
        signals=frozenset(Signal(signal) for signal in assessment.signals),
        quotes=tuple(str(each["text"]) for each in assessment.evidence),
    )
