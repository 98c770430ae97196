"""The SQL of conversations: reading, ranking, changing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.db.tables import AssessmentRow, ConversationRow, MessageRow
from triage.labels import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLength:
    """How many wait in a queue, and since when the longest has waited."""

    queue: str
    waiting: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A waiting conversation and its place in its queue, from 1."""

    row: ConversationRow
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTurn:
    """A turn and, if it was triaged, its assessment."""

    message: MessageRow
    assessment: AssessmentRow | None


# A closed conversation waits for nobody: ``waiting_since`` alone decides, and its index answers alone.
_IS_WAITING = ConversationRow.waiting_since.is_not(None)
_RANKING = (
    ConversationRow.urgency.desc(),
    ConversationRow.respond_by,
    ConversationRow.waiting_since,
    ConversationRow.id,
)


def _ranks_before_own() -> ColumnElement[bool]:
    """``_RANKING`` written out: what stands before the row whose columns are bound as ``own_…``."""
    table = ConversationRow
    last = and_(
        table.waiting_since == bindparam("own_waiting_since"),
        table.id < bindparam("own_id"),
    )
    third = and_(
        table.respond_by == bindparam("own_respond_by"),
        or_(table.waiting_since < bindparam("own_waiting_since"), last),
    )
    second = and_(
        table.urgency == bindparam("own_urgency"),
        or_(table.respond_by < bindparam("own_respond_by"), third),
    )
    return or_(table.urgency > bindparam("own_urgency"), second)


# Built once: building a statement costs more than running it.
_FIND_OPEN = select(ConversationRow).where(
    ConversationRow.channel == bindparam("wanted_channel"),
    ConversationRow.user_ref == bindparam("wanted_user"),
    ConversationRow.closed_at.is_(None),
)
_COUNT_AHEAD = select(func.count()).where(
    _IS_WAITING, ConversationRow.queue == bindparam("own_queue"), _ranks_before_own()
)
_LIST_TURNS = (
    select(MessageRow, AssessmentRow)
    .outerjoin(AssessmentRow, AssessmentRow.message_id == MessageRow.id)
    .where(
        MessageRow.conversation_id == bindparam("wanted_conversation"),
        MessageRow.position > bindparam("known_position"),
        MessageRow.withdrawn_at.is_(None),
    )
    .order_by(MessageRow.position)
)
_LIST_TYPED_IN = select(ConversationRow.id).where(ConversationRow.typing_until > bindparam("now"))
_LIST_RECALLED = (
    select(MessageRow.id)
    .where(
        MessageRow.conversation_id == bindparam("wanted_conversation"), MessageRow.recalled_at.is_not(None)
    )
    .order_by(MessageRow.position)
)


def find_open_conversation(session: Session, *, channel: str, user_ref: str) -> ConversationRow | None:
    """The user's open conversation on a channel."""
    found: ConversationRow | None = session.scalar(
        _FIND_OPEN, {"wanted_channel": channel, "wanted_user": user_ref}
    )
    return found


def find_conversation(
    session: Session, *, conversation_id: UUID, channel: str | None, user_ref: str | None
) -> ConversationRow | None:
    """A conversation by id; with ``channel`` or ``user_ref``, only if it is theirs."""
    query = select(ConversationRow).where(ConversationRow.id == conversation_id)
    if channel is not None:
        query = query.where(ConversationRow.channel == channel)
    if user_ref is not None:
        query = query.where(ConversationRow.user_ref == user_ref)
    found: ConversationRow | None = session.scalar(query)
    return found


def list_turns(
    session: Session, *, conversation_id: UUID, after: int = 0, limit: int | None = None
) -> list[ReadTurn]:
    """The turns after a position, in their order; without those that were withdrawn before being shown."""
    rows = session.execute(
        _LIST_TURNS.limit(limit), {"wanted_conversation": conversation_id, "known_position": after}
    )
    return [ReadTurn(message=message, assessment=assessment) for message, assessment in rows]


def list_recalled(session: Session, *, conversation_id: UUID) -> list[UUID]:
    """The messages of a conversation that the young person took back."""
    return list(session.scalars(_LIST_RECALLED, {"wanted_conversation": conversation_id}))


def list_typed_in(session: Session, *, now: datetime) -> frozenset[UUID]:
    """The conversations in which a counsellor is typing."""
    return frozenset(session.scalars(_LIST_TYPED_IN, {"now": now}))


def count_ahead(session: Session, *, row: ConversationRow) -> int:
    """How many of the same queue are to be served before a waiting conversation."""
    place = {"id": row.id, "queue": row.queue, "urgency": row.urgency}
    times = {"respond_by": row.respond_by, "waiting_since": row.waiting_since}
    ahead = session.scalar(_COUNT_AHEAD, {f"own_{key}": value for key, value in (place | times).items()})
    return ahead or 0


def list_queue_lengths(session: Session) -> list[QueueLength]:
    """Length and oldest wait of every queue in which somebody waits."""
    rows = session.execute(
        select(ConversationRow.queue, func.count(), func.min(ConversationRow.waiting_since))
        .where(_IS_WAITING)
        .group_by(ConversationRow.queue)
    )
    return [
        QueueLength(queue=queue, waiting=waiting, oldest=oldest)
        for queue, waiting, oldest in rows
        if oldest is not None
    ]


def list_ranked(session: Session, *, channel: str | None, limit: int) -> list[Ranked]:
    """Waiting conversations by rank, ``limit`` a queue; positions count those of other channels too."""
    position = func.row_number().over(partition_by=ConversationRow.queue, order_by=_RANKING)
    waiting = select(ConversationRow, position.label("position")).where(_IS_WAITING).subquery()
    ranked = aliased(ConversationRow, waiting)
    query = select(ranked, waiting.c.position)
    if channel is None:
        query = query.where(waiting.c.position <= limit)
    else:
        query = query.where(ranked.channel == channel).limit(limit * len(Queue))
    rows = session.execute(query.order_by(waiting.c.position))
    return [Ranked(row=row, position=place) for row, place in rows]


def find_leading_assessments(
    session: Session, *, conversation_ids: Sequence[UUID]
) -> dict[UUID, AssessmentRow]:
    """Per conversation the assessment with evidence of the gravest message, the latest of equals."""
    rank = func.row_number().over(
        partition_by=AssessmentRow.conversation_id,
        order_by=(
            AssessmentRow.message_level.desc(),
            AssessmentRow.created_at.desc(),
            AssessmentRow.message_id.desc(),
        ),
    )
    ranked = (
        select(AssessmentRow, rank.label("rank"))
        .where(AssessmentRow.conversation_id.in_(conversation_ids), AssessmentRow.has_evidence)
        .subquery()
    )
    leading = aliased(AssessmentRow, ranked)
    rows = session.scalars(select(leading).where(ranked.c.rank == 1))
    return {row.conversation_id: row for row in rows}
