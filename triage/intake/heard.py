"""What one message tells the intake."""

from dataclasses import dataclass
from enum import StrEnum

from triage.intake.script import Act
from triage.intake.slots import Slot, Speaker
from triage.intake.state import IntakeState
from triage.signals.hit import SignalHit


class Weight(StrEnum):
    """How a classifier's scores of a message are to be taken.

    FULL: the most worried voice counts. JOINT: a short answer to a harmless question of ours; alone it is a
    fragment, and in its window a stranger to what came before, so both voices count by halves. NONE: nothing
    but a harmless answer ("since yesterday", "no"), in which no danger can be read.
    """

    FULL = "full"
    JOINT = "joint"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a message tells the intake, known before any decision.

    ``weight`` says how far the classifier can be trusted with the message as it stands.
    """

    state: IntakeState
    hits: tuple[SignalHit, ...] = ()
    act: Act | None = None
    weight: Weight = Weight.FULL

    @property
    def speaker(self) -> Speaker:
        """Who writes, as far as it was told."""
        return Speaker(self.state.value_of(Slot.SPEAKER) or Speaker.SELF)
