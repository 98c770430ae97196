"""What readers of conversations and queues are shown."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from triage.intake.slots import Dialect, Slot, SlotSource, Speaker
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ContentType, Role
from triage.risk.assessment import DegradedReason, Disposition, EvidenceSource
from triage.signals.hit import ContextFlag


class Schema(BaseModel):
    """A frozen schema; unknown members are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EvidenceView(Schema):
    """A quotation that carries a signal: ``text == turn.text[start:end]`` in code points."""

    signal: Signal
    start: int
    end: int
    text: str
    source: EvidenceSource
    flags: list[ContextFlag]
    score: float | None = None


class AssessmentView(Schema):
    """What triage made of one turn, for staff and chat backends."""

    category: Category
    signals: list[Signal]
    level: RiskLevel
    level_name: str
    message_level: RiskLevel
    risk_score: float
    escalate: bool
    degraded: list[DegradedReason]
    disposition: Disposition
    reason: str
    model_version: str
    lexicon_version: str
    policy_version: str


class TurnView(Schema):
    """One turn; a young person gets it without ``reply_key``, ``assessment`` and ``evidence``.

    ``position`` orders the turns. One that was taken back is ``recalled``, and empty but for staff.
    ``shown_at`` is there while a turn is still held back, which staff alone can see.
    """

    message_id: UUID
    position: int
    role: Role
    content_type: ContentType
    text: str
    sent_at: datetime | None
    received_at: datetime
    recalled: bool = False
    shown_at: datetime | None = None
    reply_key: str | None = None
    assessment: AssessmentView | None = None
    evidence: list[EvidenceView] | None = None


class StandingView(Schema):
    """Where a conversation stands, for staff and chat backends.

    ``silent_since`` is there after a disclosure that was followed by silence: the time of the last words.
    """

    queue: Queue
    category: Category
    level: RiskLevel
    level_name: str
    signals: list[Signal]
    degraded: list[DegradedReason]
    escalated: bool
    waiting_since: datetime | None
    respond_by: datetime | None
    answered_at: datetime | None = None
    silent_since: datetime | None = None


class ConversationView(Schema):
    """A conversation with all its turns; ``standing`` is left out for a young person."""

    conversation_id: UUID
    channel: str
    opened_at: datetime
    updated_at: datetime
    standing: StandingView | None = None
    turns: list[TurnView]


class WaitingView(Schema):
    """The place in line: ``position`` is 1 for the next to be served; ``on_duty`` as in ``QueuePlace``."""

    position: int
    respond_by: datetime
    on_duty: bool


class UpdatesView(Schema):
    """What is new in a conversation after a position, and how it stands now.

    ``cursor`` is the position to ask from next. A turn may come twice (it has its ``message_id``), and
    one that was held back may come after one with a later position. ``recalled`` names all messages
    that were taken back; ``waiting`` is left out when nobody waits.
    """

    turns: list[TurnView]
    cursor: int
    typing: bool
    recalled: list[UUID]
    waiting: WaitingView | None = None


class QueueEntry(Schema):
    """A waiting conversation; ``position`` is 1 for the one to be served next."""

    conversation_id: UUID
    channel: str
    position: int
    level: RiskLevel
    level_name: str
    signals: list[Signal]
    degraded: list[DegradedReason]
    category: Category
    escalated: bool
    waiting_since: datetime
    respond_by: datetime
    silent_since: datetime | None = None
    evidence: list[EvidenceView] | None = None


class QueueView(Schema):
    """A queue: how many wait, how long the longest has waited, and the entries by rank."""

    name: Queue
    waiting: int
    oldest_waiting_s: int
    entries: list[QueueEntry]


class SlotView(Schema):
    """Something that was told: ``value`` is canonical where the slot has values, ``quote`` is verbatim."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    slot: Slot
    value: str
    quote: str
    source: SlotSource


class RiskStepView(Schema):
    """A turn at which the conversation became more dangerous; ``position`` is the turn's."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    position: int
    level: RiskLevel
    signals: list[Signal]
    quote: str


class HandoverView(Schema):
    """What a counsellor needs, so that nobody has to say it all again; made by rules, never generated.

    ``told`` and ``screen`` are filled slots, ``declined`` what the young person would rather not tell,
    ``unknown`` what is still open; ``asked`` and ``replies`` are the keys of what we asked and said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    speaker: Speaker
    dialect: Dialect
    category: Category | None
    level: RiskLevel
    signals: list[Signal]
    told: list[SlotView]
    screen: list[SlotView]
    declined: list[Slot]
    unknown: list[Slot]
    trajectory: list[RiskStepView]
    asked: list[str]
    replies: list[str]
    wants_person: bool
    contradicted: bool
    still_asking: bool
