"""A small stage for scripted users, with faults to choose from. All sentences are invented."""

from dataclasses import dataclass, field, replace

from eval.simulation.persona import Fact, Opening, Persona
from eval.simulation.talk import Reaction, Versions
from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue
from triage.labels import Queue, RiskLevel

QUESTIONS = {
    "small.event": (Slot.EVENT, "发生了什么？"),
    "small.age": (Slot.AGE, "你多大？"),
    "small.wish": (Slot.WISH, "有没有不想活的念头？"),
}
DANGER_WORD = "不想活"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTalk:
    """Asks three questions in order, escalates on one word, and keeps all it is told; ``fault`` spoils it."""

    fault: str = ""
    level: RiskLevel = RiskLevel.NONE
    asked: tuple[str, ...] = ()
    pending: str | None = None
    values: tuple[SlotValue, ...] = ()
    heard: tuple[str, ...] = field(default=(), repr=False)

    def say(self, text: str, *, hurried: bool) -> "tuple[SmallTalk, Reaction]":
        """The next state and what is said."""
        asked = self.asked[:-1] if hurried and self.asked else self.asked
        values = self.values
        if self.pending and not hurried:
            slot = QUESTIONS[self.pending][0]
            values = (*values, SlotValue(slot=slot, value="", quote=text, source=SlotSource.ANSWERED))
        level = max(self.level, RiskLevel.MODERATE if DANGER_WORD in text else RiskLevel.NONE)
        if self.fault == "lowered" and len(self.heard) == 2:
            level = RiskLevel.NONE
        key = next((each for each in QUESTIONS if each not in asked), None)
        if self.fault == "asked twice" and len(self.heard) > 1:
            key = "small.event"
        talk = replace(
            self,
            level=level,
            asked=asked if key is None else (*asked, key),
            pending=key,
            values=values,
            heard=(*self.heard, text),
        )
        return talk, talk.react()

    def react(self) -> Reaction:
        """What is said now."""
        question = QUESTIONS.get(self.pending or "")
        messages = ("我在听。", question[1]) if question else (f"记下了 {len(self.heard)}。",)
        spoilt = {"three messages": (*messages, "还有"), "empty": (), "blank": (" ",)}
        danger = self.level >= RiskLevel.MODERATE
        queue = Queue.HIGH_RISK if danger else Queue.PSYCHOLOGY
        return Reaction(
            messages=spoilt.get(self.fault, messages),
            quick_replies=("没有", "不想说") if self.pending == "small.wish" else (),
            question_key=self.pending,
            asks=question[0] if question else None,
            level=self.level,
            queue=None if self.fault == "no queue" else queue,
            escalated=danger,
            with_person=danger,
            is_ready=self.pending is None,
            values=self.values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallStage:
    """Where small talks are held."""

    fault: str = ""

    def begin(self) -> SmallTalk:
        """A new one."""
        return SmallTalk(fault=self.fault)

    @property
    def versions(self) -> Versions:
        """Invented versions."""
        return Versions(model="m/1", lexicon="2", policy="3", scripts="4", texts="5")


def opening(*say: str, discloses: int | None = None, tells: tuple[Slot, ...] = ()) -> Opening:
    """An opening that belongs in the psychology queue."""
    return Opening(
        say=say,
        tells=dict.fromkeys(tells, ""),
        discloses=discloses,
        queues=frozenset({Queue.PSYCHOLOGY}),
    )


CALM = Persona(
    key="calm",
    about="answers everything",
    dialect=Dialect.MANDARIN,
    level=RiskLevel.NONE,
    openings=(opening("心里有点闷"), opening("睡不好"), opening("想聊聊")),
    later=(),
    facts={slot: Fact(say=(f"{slot}一", f"{slot}二"), value="") for slot in Slot},
    answers={},
    declines=frozenset(),
    refusals=(),
    otherwise=("嗯", "好"),
    taps=(),
    turns=(6, 6),
    after_disclosure=None,
    disclosing=frozenset(),
    hands_over_at_once=False,
)
