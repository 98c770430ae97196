"""The label scheme: the contract between training data, served model, evaluation and console.

The scheme itself, with its rulings on border cases, is described in ``docs/labels.md``.
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Category(StrEnum):
    """What the young person needs most (业务类别); exactly one per message."""

    PSYCHOLOGY = "psychology"
    LEGAL = "legal"
    AID = "aid"
    OTHER = "other"


class Signal(StrEnum):
    """A danger signal (危险信号) about a real person, the writer or someone the writer knows."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    BULLYING = "bullying"
    SEXUAL_ABUSE = "sexual_abuse"
    DOMESTIC_VIOLENCE = "domestic_violence"
    HARM_TO_OTHERS = "harm_to_others"
    FRAUD = "fraud"


class RiskLevel(IntEnum):
    """How urgent the danger in a message or conversation is (风险等级)."""

    NONE = 0
    LOW = 1
    MODERATE = 2
    HIGH = 3
    IMMINENT = 4


class Subject(StrEnum):
    """Whom a danger signal is about: the writer, somebody the writer knows, or nobody."""

    SELF = "self"
    OTHER = "other"
    NONE = "none"


class Queue(StrEnum):
    """The counsellor queue (坐席队列) that serves a conversation."""

    HIGH_RISK = "high_risk"
    PSYCHOLOGY = "psychology"
    LEGAL = "legal"
    AID = "aid"
    GENERAL = "general"


CATEGORIES: tuple[Category, ...] = tuple(Category)
SIGNALS: tuple[Signal, ...] = tuple(Signal)
LEVELS: tuple[RiskLevel, ...] = tuple(RiskLevel)
SUBJECTS: tuple[Subject, ...] = tuple(Subject)

ESCALATING_SIGNALS: frozenset[Signal] = frozenset(SIGNALS) - {Signal.FRAUD}
ESCALATION_LEVEL = RiskLevel.MODERATE


def escalates(signals: Iterable[Signal], level: RiskLevel) -> bool:
    """Whether labels call for the high-risk desk: any signal but fraud, at MODERATE or more."""
    return level >= ESCALATION_LEVEL and not ESCALATING_SIGNALS.isdisjoint(signals)
