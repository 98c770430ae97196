"""A scripted user: what is true of one kind of writer, in several wordings, and where the talk must end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.intake.slots import Dialect, Slot
from triage.labels import Queue, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One way to begin: messages sent in a row, the slots told in them, and which message discloses.

    ``tells`` maps a slot to its canonical value, "" where it has none; ``discloses`` counts from 0.
    ``queues`` are the queues where this opening belongs while no danger was told.
    """

    say: tuple[str, ...]
    tells: Mapping[Slot, str]
    discloses: int | None
    queues: frozenset[Queue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Something said of one's own accord at a turn drawn from ``at`` (first to last), whatever was asked."""

    at: tuple[int, int]
    say: tuple[str, ...]
    discloses: bool
    unless_disclosed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is answered when a slot is asked for: one of several wordings of one value ("" for none)."""

    say: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One kind of writer.

    Every slot is either among ``facts`` or among ``declines``; ``answers`` has other words for single
    questions, by their key. ``turns`` and ``after_disclosure`` bound the
    messages written, the latter after danger was told (None: no such bound). ``disclosing`` are the slots
    whose answer tells the danger. ``level`` is the least that the conversation must reach once all was told.
    """

    key: str
    about: str
    dialect: Dialect
    level: RiskLevel
    openings: tuple[Opening, ...]
    later: tuple[Later, ...]
    facts: Mapping[Slot, Fact]
    answers: Mapping[str, tuple[str, ...]]
    declines: frozenset[Slot]
    refusals: tuple[str, ...]
    otherwise: tuple[str, ...]
    taps: tuple[str, ...]
    turns: tuple[int, int]
    after_disclosure: tuple[int, int] | None
    disclosing: frozenset[Slot]
    hands_over_at_once: bool

    @property
    def is_in_danger(self) -> bool:
        """Whether there is danger to be told; whether a run tells it depends on how it goes."""
        told_unasked = any(opening.discloses is not None for opening in self.openings)
        return told_unasked or bool(self.disclosing) or any(later.discloses for later in self.later)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaFolder:
    """All personas of a folder, with the hash of the files they were read from."""

    name: str
    sha256: str
    personas: tuple[Persona, ...] = field(repr=False)
