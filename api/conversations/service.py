"""Read conversations and queues, each viewer what that viewer may see."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.audit.log import AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal, Role
from api.conversations import repository
from api.conversations.repository import QueueLength, Ranked, ReadTurn
from api.conversations.schemas import (
    AssessmentView,
    ConversationView,
    EvidenceView,
    QueueEntry,
    QueueView,
    StandingView,
    TurnView,
)
from api.db.tables import AssessmentRow, ConversationRow
from api.errors import NotFound
from triage.labels import Category, Queue, RiskLevel
from triage.message import ContentType
from triage.message import Role as TurnRole
from triage.risk.assessment import Disposition

ENTRIES_PER_QUEUE = 100


def list_queues(session: Session, *, now: datetime, viewer: Principal) -> list[QueueView]:
    """All queues, ranked; entries of the viewer's channel, evidence for staff only.

    Ranking: escalated first by falling level, then by the time promised, then by waiting time.
    """
    lengths = {length.queue: length for length in repository.list_queue_lengths(session)}
    ranked = repository.list_ranked(session, channel=viewer.channel, limit=ENTRIES_PER_QUEUE)
    evidence: dict[UUID, AssessmentRow] = {}
    if viewer.is_staff:
        ids = [each.row.id for each in ranked]
        evidence = repository.find_leading_assessments(session, conversation_ids=ids)
    return [
        _view_queue(
            queue,
            lengths.get(queue),
            [_view_entry(each, evidence, viewer) for each in ranked if each.row.queue == queue],
            now,
        )
        for queue in Queue
    ]


def read_conversation(
    session: Session, *, conversation_id: UUID, viewer: Principal, now: datetime
) -> ConversationView:
    """A whole conversation; leaves an audit entry. ``NotFound`` also for those the viewer may not see."""
    row = find_theirs(session, conversation_id=conversation_id, viewer=viewer)
    turns = repository.list_turns(session, conversation_id=conversation_id)
    record_reading(session, conversation_id=conversation_id, viewer=viewer, now=now)
    youth_view = viewer.role is Role.CHAT_SESSION
    return ConversationView(
        conversation_id=row.id,
        channel=row.channel,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        standing=None if youth_view else _view_standing(row),
        turns=view_turns(turns, viewer=viewer, now=now),
    )


def find_theirs(session: Session, *, conversation_id: UUID, viewer: Principal) -> ConversationRow:
    """A conversation that the viewer may see; ``NotFound`` also for those of others."""
    row = repository.find_conversation(
        session,
        conversation_id=conversation_id,
        channel=viewer.channel,
        user_ref=viewer.user if viewer.role is Role.CHAT_SESSION else None,
    )
    if row is None:
        raise NotFound
    return row


def record_reading(session: Session, *, conversation_id: UUID, viewer: Principal, now: datetime) -> None:
    """Put on record that somebody read a conversation."""
    record_audit(
        session,
        actor=viewer,
        action=AuditAction.CONVERSATION_READ,
        subject_kind=SubjectKind.CONVERSATION,
        subject_id=str(conversation_id),
        now=now,
    )


def is_held_back(turn: ReadTurn, *, now: datetime) -> bool:
    """Whether a turn is not to be shown to the young person yet."""
    return turn.message.visible_at is not None and turn.message.visible_at > now


def view_turns(turns: Iterable[ReadTurn], *, viewer: Principal, now: datetime) -> list[TurnView]:
    """Turns as the viewer may see them; what is held back is there for staff only, marked."""
    return [
        _view_turn(turn, viewer, now) for turn in turns if viewer.is_staff or not is_held_back(turn, now=now)
    ]


def _view_queue(
    queue: Queue, length: QueueLength | None, entries: Sequence[QueueEntry], now: datetime
) -> QueueView:
    return QueueView(
        name=queue,
        waiting=length.waiting if length else 0,
        oldest_waiting_s=max(0, int((now - length.oldest).total_seconds())) if length else 0,
        entries=list(entries),
    )


def _view_entry(ranked: Ranked, evidence: dict[UUID, AssessmentRow], viewer: Principal) -> QueueEntry:
    row = ranked.row
    assert row.waiting_since is not None
    assert row.respond_by is not None
    return QueueEntry(
        conversation_id=row.id,
        channel=row.channel,
        position=ranked.position,
        level=RiskLevel(row.level),
        level_name=name_level(row.level),
        signals=row.signals,
        degraded=row.degraded,
        category=Category(row.category),
        escalated=row.escalated,
        waiting_since=row.waiting_since,
        respond_by=row.respond_by,
        silent_since=row.silent_since,
        evidence=_view_evidence(evidence.get(row.id)) if viewer.is_staff else None,
    )


def _view_evidence(assessment: AssessmentRow | None) -> list[EvidenceView]:
    return [EvidenceView.model_validate(each) for each in assessment.evidence] if assessment else []


def _view_standing(row: ConversationRow) -> StandingView:
    return StandingView(
        queue=Queue(row.queue),
        category=Category(row.category),
        level=RiskLevel(row.level),
        level_name=name_level(row.level),
        signals=row.signals,
        degraded=row.degraded,
        escalated=row.escalated,
        waiting_since=row.waiting_since,
        respond_by=row.respond_by,
        answered_at=row.answered_at,
        silent_since=row.silent_since,
    )


def _view_turn(turn: ReadTurn, viewer: Principal, now: datetime) -> TurnView:
    message, assessment = turn.message, turn.assessment
    youth_view = viewer.role is Role.CHAT_SESSION
    recalled = message.recalled_at is not None
    return TurnView(
        message_id=message.id,
        position=message.position,
        role=TurnRole(message.role),
        content_type=ContentType(message.content_type),
        text="" if recalled and not viewer.is_staff else message.text,
        sent_at=message.sent_at,
        received_at=message.received_at,
        recalled=recalled,
        shown_at=message.visible_at if is_held_back(turn, now=now) else None,
        reply_key=None if youth_view else message.reply_key,
        assessment=None if assessment is None or youth_view else _view(assessment),
        evidence=_view_evidence(assessment) if viewer.is_staff and assessment else None,
    )


def _view(assessment: AssessmentRow) -> AssessmentView:
    return AssessmentView(
        category=Category(assessment.category),
        signals=assessment.signals,
        level=RiskLevel(assessment.level),
        level_name=name_level(assessment.level),
        message_level=RiskLevel(assessment.message_level),
        risk_score=assessment.risk_score,
        escalate=assessment.escalate,
        degraded=assessment.degraded,
        disposition=Disposition(assessment.disposition),
        reason=assessment.reason,
        model_version=assessment.model_version,
        lexicon_version=assessment.lexicon_version,
        policy_version=assessment.policy_version,
    )


def name_level(level: int) -> str:
    """The level's name as the interface writes it, e.g. ``imminent``."""
    return RiskLevel(level).name.lower()
