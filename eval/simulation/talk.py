"""What a scripted user sees of the conversation, and the measures besides: one reaction to each message."""

from dataclasses import dataclass
from typing import Protocol

from triage.intake.slots import Slot, SlotValue
from triage.labels import Queue, RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """The assistant's answer to one message, and how the conversation stands after it.

    ``asks`` is the slot of the question asked; ``with_person`` says that a person was called by decision,
    ``is_ready`` that the intake asks no more. ``quick_replies`` are those shown with the question.
    """

    messages: tuple[str, ...]
    quick_replies: tuple[str, ...]
    question_key: str | None
    asks: Slot | None
    level: RiskLevel
    queue: Queue | None
    escalated: bool
    with_person: bool
    is_ready: bool
    values: tuple[SlotValue, ...]

    @property
    def is_handed_over(self) -> bool:
        """Whether a person has the conversation, or all that the assistant could ask for."""
        return self.escalated or self.with_person or self.is_ready


class Talk(Protocol):
    """A conversation so far; saying something gives a new one."""

    def say(self, text: str, *, hurried: bool) -> tuple["Talk", Reaction]:
        """The conversation after a message and its answer.

        ``hurried``: it followed at once, so that the answer to the message before was never shown.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The versions of all that answers a scripted user."""

    model: str
    lexicon: str
    policy: str
    scripts: str
    texts: str


class Stage(Protocol):
    """Where conversations are held."""

    def begin(self) -> Talk:
        """A new conversation."""
        ...

    @property
    def versions(self) -> Versions:
        """The versions of all that answers."""
        ...
