"""A phrase of the lexicon found in a message, and the context it stands in."""

from dataclasses import dataclass, field
from enum import StrEnum

from triage.labels import RiskLevel, Signal


class ContextFlag(StrEnum):
    """What around a phrase changes its meaning."""

    NEGATED = "negated"
    PAST = "past"
    OTHER_PERSON = "other_person"
    HYPOTHETICAL = "hypothetical"
    FICTION = "fiction"
    FIGURATIVE = "figurative"


class Strength(StrEnum):
    """How far a phrase can be trusted without the classifier.

    CERTAIN raises the level by itself; LIKELY raises it when the classifier leans the same way;
    HINT is shown as evidence and never raises anything alone (homophones, emoji).
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    HINT = "hint"


WEAKENING = frozenset(
    {
        ContextFlag.NEGATED,
        ContextFlag.PAST,
        ContextFlag.HYPOTHETICAL,
        ContextFlag.FICTION,
        ContextFlag.FIGURATIVE,
    }
)
"""Flags that take a phrase's force away; OTHER_PERSON does not: a known person in danger counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalHit:
    """One phrase found.

    ``start``/``end`` are code-point offsets into the original text and ``text`` is exactly
    ``original[start:end]``. ``phrase`` is the key of the lexicon entry, ``floor`` the level that
    the phrase stands for when nothing in its context weakens it.
    """

    signal: Signal
    start: int
    end: int
    text: str = field(repr=False)
    phrase: str
    strength: Strength
    floor: RiskLevel
    flags: frozenset[ContextFlag] = frozenset()

    @property
    def weakened(self) -> bool:
        """Whether the context takes away the phrase's force (negated, past, fiction, ...)."""
        return not WEAKENING.isdisjoint(self.flags)
