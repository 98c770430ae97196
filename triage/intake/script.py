"""The scripts (话术脚本) of the intake; ``script_files`` reads them from ``prompts/intake``.

A script is a list of questions in their order. Whether one is asked is decided by what is known already
(``triage.intake.machine``); what it says, and what an answer to it means, stands in the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from triage.intake.slots import Dialect, Slot
from triage.labels import RiskLevel, Signal


class ScriptKey(StrEnum):
    """Every script; ``triage.intake.machine.choose_script`` says when each is used."""

    IMMINENT = "imminent"
    ACUTE = "acute"
    RISK = "risk"
    HARM = "harm"
    VIOLENCE = "violence"
    PEER_RISK = "peer_risk"
    CAREGIVER_RISK = "caregiver_risk"
    SCREEN = "screen"
    CAREGIVER = "caregiver"
    UNREAD = "unread"
    HANDOFF = "handoff"
    FRAUD = "fraud"
    PSYCHOLOGY = "psychology"
    LEGAL = "legal"
    AID = "aid"
    GENERAL = "general"


class Act(StrEnum):
    """What a short message does in the talk (言语行为), besides what it tells."""

    DECLINE = "decline"
    RETRACT = "retract"
    GOODBYE = "goodbye"
    ASK_SECRECY = "ask_secrecy"
    ASK_IDENTITY = "ask_identity"
    ASK_WAITING = "ask_waiting"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """Words that, as an answer to a question, give its slot a value, and danger where ``signal`` is set.

    ``words`` are whole answers, normalised; ``level`` is the level that the answer stands for. One with
    ``anytime`` is heard after any other question, too: its words mean nothing else.
    """

    words: frozenset[str]
    value: str
    signal: Signal | None = None
    level: RiskLevel = RiskLevel.NONE
    anytime: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: what it asks for, its words by dialect, and what answers to it mean.

    ``unless`` maps a slot to the values with which the question is no longer worth asking.
    """

    key: str
    slot: Slot
    texts: Mapping[Dialect, str]
    quick_replies: Mapping[Dialect, tuple[str, ...]]
    answers: tuple[AnswerRule, ...] = ()
    unless: Mapping[Slot, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """All scripts, all questions by key, and the words of short acts."""

    version: str
    scripts: Mapping[ScriptKey, tuple[Question, ...]]
    questions: Mapping[str, Question]
    acts: Mapping[Act, frozenset[str]]

    def find(self, key: str | None) -> Question | None:
        """The question with this key; None also for one that is no longer in the files."""
        return self.questions.get(key) if key else None
