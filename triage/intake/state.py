"""How far an intake has come: what is known, what was asked, and what is being asked now."""

from dataclasses import dataclass, replace
from enum import StrEnum

from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue, YesNo

SCREEN_SLOTS = (Slot.WISH, Slot.THOUGHTS, Slot.METHOD, Slot.INTENT, Slot.PLAN, Slot.ACT)
"""The steps of the risk screen: a "yes" stands whatever is said later."""
YES_NO_SLOTS = frozenset({*SCREEN_SLOTS, Slot.SAFE, Slot.TOLD})
_LATEST_COUNTS = frozenset({Slot.SAFE, Slot.COMPANY, Slot.AREA, Slot.PLACE})


class Stage(StrEnum):
    """Whether the assistant still asks, or a person has all that it could learn."""

    ASKING = "asking"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeState:
    """The intake of one conversation.

    ``values`` are the filled slots in the order they were told; ``asked`` the keys of the questions asked,
    ``pending`` the one that the next message may answer. ``opened`` says that the notice about the
    assistant and about confidentiality was given. ``earlier_…`` are what these were before the last reply,
    for taking it back (``ConversationState.without_last_reply``).
    """

    values: tuple[SlotValue, ...] = ()
    asked: tuple[str, ...] = ()
    pending: str | None = None
    dialect: Dialect = Dialect.MANDARIN
    stage: Stage = Stage.ASKING
    contradicted: bool = False
    refusals: int = 0
    wants_person: bool = False
    opened: bool = False
    earlier_asked: tuple[str, ...] = ()
    earlier_pending: str | None = None
    earlier_opened: bool = False

    def find(self, slot: Slot) -> SlotValue | None:
        """What fills a slot; None while it is open."""
        return next((each for each in self.values if each.slot is slot), None)

    def value_of(self, slot: Slot) -> str:
        """The canonical value of a slot, "" when it has none."""
        found = self.find(slot)
        return found.value if found else ""

    def with_values(self, told: tuple[SlotValue, ...]) -> "IntakeState":
        """The state after more was told; a contradiction is noted and nothing told is lost by it."""
        values, contradicted = self.values, self.contradicted
        for new in told:
            old = next((each for each in values if each.slot is new.slot), None)
            contradicted |= old is not None and _contradicts(old, new)
            if old is None or _replaces(old, new):
                values = (*(each for each in values if each.slot is not new.slot), new)
        return replace(self, values=values, contradicted=contradicted)

    def answering(self) -> "IntakeState":
        """The state while a message is read: no question is pending, and how it was is remembered."""
        return replace(
            self,
            pending=None,
            earlier_asked=self.asked,
            earlier_pending=self.pending,
            earlier_opened=self.opened,
        )

    def taken_back(self) -> "IntakeState":
        """The state as if the last question had not been asked; what was told stays."""
        return replace(
            self, asked=self.earlier_asked, pending=self.earlier_pending, opened=self.earlier_opened
        )


NEW_INTAKE = IntakeState()
"""An intake at its beginning."""


def _contradicts(old: SlotValue, new: SlotValue) -> bool:
    """Another age, or yes and no to the same question of the screen: a person has to see which is true."""
    if SlotSource.DECLINED in (old.source, new.source) or not old.value or not new.value:
        return False
    if new.slot is Slot.AGE:
        return old.value != new.value
    return new.slot in SCREEN_SLOTS and {old.value, new.value} == {YesNo.YES, YesNo.NO}


def _replaces(old: SlotValue, new: SlotValue) -> bool:
    yes_stands = old.slot in SCREEN_SLOTS and old.value == YesNo.YES
    if new.source is SlotSource.DECLINED or yes_stands:
        return False
    if old.source is SlotSource.DECLINED or new.slot in _LATEST_COUNTS:
        return True
    if new.slot in SCREEN_SLOTS:
        return new.value == YesNo.YES
    return not old.value and bool(new.value)
