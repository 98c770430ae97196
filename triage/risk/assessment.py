"""The values that assessment and policy produce; ``assess.py`` and ``policy.py`` make them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from triage.intake.state import NEW_INTAKE, IntakeState
from triage.labels import Category, Queue, RiskLevel, Signal, Subject
from triage.signals.hit import ContextFlag


class DegradedReason(StrEnum):
    """Why a message was not fully read by machine; each one sends it to a person."""

    CLASSIFIER_FAILED = "classifier_failed"
    CLASSIFIER_TIMEOUT = "classifier_timeout"
    UNREADABLE = "unreadable"
    UNSUPPORTED_CONTENT = "unsupported_content"
    UNKNOWN_LANGUAGE = "unknown_language"
    TOO_LONG = "too_long"


class EvidenceSource(StrEnum):
    """Who pointed at a piece of evidence."""

    LEXICON = "lexicon"
    CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A quotation from the original message that carries a signal.

    ``text == original[start:end]`` in code points; ``score`` is the classifier's probability for
    the span alone, or None where the lexicon found it.
    """

    signal: Signal
    start: int
    end: int
    text: str = field(repr=False)
    source: EvidenceSource
    flags: frozenset[ContextFlag] = frozenset()
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a message, read with its conversation, amounts to.

    ``level``, ``signals``, ``risk_score`` and ``escalate`` are those of the conversation so far
    (running maxima); ``message_level`` and ``message_risk_score`` are those of this message, read
    alone and in its window; ``classifier_score`` is the classifier's own for this message alone, before
    any phrase or window raised it, None where it gave none; ``message_subject`` is
    whom the danger in it is about.
    """

    category: Category
    category_scores: Mapping[Category, float]
    signals: tuple[Signal, ...]
    signal_scores: Mapping[Signal, float]
    level: RiskLevel
    message_level: RiskLevel
    message_risk_score: float
    risk_score: float
    escalate: bool
    degraded: tuple[DegradedReason, ...]
    evidence: tuple[Evidence, ...]
    classifier_score: float | None = None
    message_subject: Subject = Subject.NONE


class Disposition(StrEnum):
    """What happens next with a conversation."""

    ESCALATE = "escalate"
    HUMAN_REVIEW = "human_review"
    ENQUEUE = "enqueue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy makes of an assessment; effects (storing, alarming) live elsewhere.

    ``respond_within_s`` is the promise, in seconds, until a person looks at it;
    ``reply_key`` names a text in ``prompts/replies``; ``reason`` is a short English sentence.
    """

    disposition: Disposition
    queue: Queue
    respond_within_s: int
    reply_key: str
    reason: str
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageResult:
    """The pipeline's whole answer for one message.

    ``intake`` is the intake's state after it, with the question that is asked now; ``opens`` says that the
    reply must carry the notice about the AI assistant and about confidentiality.
    """

    assessment: Assessment
    decision: Decision
    model_version: str
    lexicon_version: str
    intake: IntakeState = NEW_INTAKE
    opens: bool = False
