"""What readers of conversations and queues are shown."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

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
    """One turn; a young person gets it without ``reply_key``, ``assessment`` and ``evidence``."""

    message_id: UUID
    role: Role
    content_type: ContentType
    text: str
    sent_at: datetime | None
    received_at: datetime
    reply_key: str | None = None
    assessment: AssessmentView | None = None
    evidence: list[EvidenceView] | None = None


class StandingView(Schema):
    """Where a conversation stands, for staff and chat backends."""

    queue: Queue
    category: Category
    level: RiskLevel
    level_name: str
    signals: list[Signal]
    degraded: list[DegradedReason]
    escalated: bool
    waiting_since: datetime | None
    respond_by: datetime | None


class ConversationView(Schema):
    """A conversation with all its turns; ``standing`` is left out for a young person."""

    conversation_id: UUID
    channel: str
    opened_at: datetime
    updated_at: datetime
    standing: StandingView | None = None
    turns: list[TurnView]


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
    evidence: list[EvidenceView] | None = None


class QueueView(Schema):
    """A queue: how many wait, how long the longest has waited, and the entries by rank."""

    name: Queue
    waiting: int
    oldest_waiting_s: int
    entries: list[QueueEntry]
