"""The hand-over summary (交接摘要): what a counsellor needs, so that nobody has to say it all again.

Made by rules from the state and the assessments, never generated: each line is a label or a quotation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue, Speaker
from triage.intake.state import SCREEN_SLOTS, Stage
from triage.labels import Category, RiskLevel, Signal
from triage.message import ConversationState

BASICS = (
    Slot.EVENT,
    Slot.SINCE,
    Slot.AREA,
    Slot.PLACE,
    Slot.COMPANY,
    Slot.AGE,
    Slot.HELP,
    Slot.CONTACT,
)
"""What is worth knowing of everybody, in the order in which a counsellor reads it."""
MAX_QUOTE_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedTurn:
    """One turn of the young person as it was assessed; ``quotes`` are its evidence, in their order."""

    position: int
    level: RiskLevel
    message_level: RiskLevel
    signals: frozenset[Signal]
    quotes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskStep:
    """A turn at which the conversation became more dangerous: by its level, or by a new signal."""

    position: int
    level: RiskLevel
    signals: tuple[Signal, ...]
    quote: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSummary:
    """Who, what, since when, where, how dangerous, and what was said by us.

    ``told`` are the filled slots, ``declined`` those that the young person would rather not tell, ``unknown``
    the basic ones that are still open, ``screen`` the answers to the risk screen. ``asked`` are the keys of
    our questions, ``replies`` those of our statements, both in their order.
    """

    speaker: Speaker
    dialect: Dialect
    category: Category | None
    level: RiskLevel
    signals: tuple[Signal, ...]
    told: tuple[SlotValue, ...]
    screen: tuple[SlotValue, ...]
    declined: tuple[Slot, ...]
    unknown: tuple[Slot, ...]
    trajectory: tuple[RiskStep, ...]
    asked: tuple[str, ...]
    replies: tuple[str, ...]
    wants_person: bool
    contradicted: bool
    still_asking: bool


def summarize_handover(state: ConversationState, turns: Sequence[AssessedTurn]) -> HandoverSummary:
    """The summary of a conversation; ``turns`` are the assessed ones, oldest first."""
    intake = state.intake
    filled = {each.slot: each for each in intake.values if each.source is not SlotSource.DECLINED}
    declined = tuple(each.slot for each in intake.values if each.source is SlotSource.DECLINED)
    extra = tuple(slot for slot in (Slot.SAFE, Slot.TOLD) if slot in filled)
    return HandoverSummary(
        speaker=Speaker(intake.value_of(Slot.SPEAKER) or Speaker.SELF),
        dialect=intake.dialect,
        category=state.category,
        level=state.level,
        signals=tuple(signal for signal in Signal if signal in state.signals),
        told=tuple(filled[slot] for slot in (*BASICS, *extra) if slot in filled),
        screen=tuple(filled[slot] for slot in SCREEN_SLOTS if slot in filled),
        declined=declined,
        unknown=tuple(slot for slot in BASICS if slot not in filled and slot not in declined),
        trajectory=tuple(_follow_risk(turns)),
        asked=intake.asked,
        replies=state.replies_sent,
        wants_person=intake.wants_person,
        contradicted=intake.contradicted,
        still_asking=intake.stage is Stage.ASKING,
    )


def _follow_risk(turns: Sequence[AssessedTurn]) -> list[RiskStep]:
    """The turns that raised the level or brought a signal, and the last one that was dangerous by itself."""
    steps: list[RiskStep] = []
    level, known = RiskLevel.NONE, frozenset[Signal]()
    for turn in turns:
        new = turn.signals - known
        if turn.level > level or new:
            steps.append(_step(turn, new))
        level, known = max(level, turn.level), known | turn.signals
    dangerous = [turn for turn in turns if turn.message_level >= RiskLevel.MODERATE and turn.quotes]
    if dangerous and all(step.position < dangerous[-1].position for step in steps):
        steps.append(_step(dangerous[-1], frozenset()))
    return steps


def _step(turn: AssessedTurn, new: frozenset[Signal]) -> RiskStep:
    quote = max(turn.quotes, key=len, default="")
    return RiskStep(
        position=turn.position,
        level=turn.level,
        signals=tuple(signal for signal in Signal if signal in new),
        quote=quote[:MAX_QUOTE_CHARACTERS],
    )
