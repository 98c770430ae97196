"""What comes in: a message, and the conversation so far that it is read with."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from triage.intake.state import NEW_INTAKE, IntakeState
from triage.labels import Category, Queue, RiskLevel, Signal

MAX_TURNS_KEPT = 24
MAX_REPLIES_KEPT = 64
"""Turns kept in a state; older ones live on only in the level and the signals they raised."""


class Role(StrEnum):
    """Who wrote a turn."""

    YOUTH = "youth"
    ASSISTANT = "assistant"
    COUNSELLOR = "counsellor"


class ContentType(StrEnum):
    """What kind of content a message carries; only text can be read by the classifier."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One inbound message as the pipeline sees it; ``text`` is the original, never rewritten."""

    text: str = field(repr=False)
    content_type: ContentType = ContentType.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a transcript."""

    role: Role
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationState:
    """All that the pipeline needs to know of a conversation's past; ``turns`` are the youth's.

    ``level``, ``signals`` and ``risk_score`` are running maxima: the machine never lowers them.
    ``replies_sent`` are the keys of what the assistant said; while ``with_person`` it says nothing.
    """

    turns: tuple[Turn, ...] = ()
    level: RiskLevel = RiskLevel.NONE
    signals: frozenset[Signal] = frozenset()
    risk_score: float = 0.0
    category: Category | None = None
    queue: Queue | None = None
    escalated: bool = False
    degraded: bool = False
    in_review: bool = False
    replies_sent: tuple[str, ...] = ()
    intake: IntakeState = NEW_INTAKE
    with_person: bool = False

    def with_turn(self, turn: Turn) -> "ConversationState":
        """The state after one more turn was said; labels are left as they are."""
        return replace(self, turns=(*self.turns, turn)[-MAX_TURNS_KEPT:])

    def without_last_reply(self) -> "ConversationState":
        """The state as if the last message had not been answered yet: its writer went on writing.

        What the message told stays told; only our own words are taken back.
        """
        return replace(self, replies_sent=self.replies_sent[:-1], intake=self.intake.taken_back())
