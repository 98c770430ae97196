"""How a conversation is judged."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from eval.simulation.persona import Persona
from eval.simulation.play import Course, Exchange, play
from eval.simulation.talk import Reaction
from eval.simulation.verdict import Verdict, judge
from eval.simulation.youth import Utterance
from tests.eval.simulation.stages import CALM, SmallStage, opening
from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue
from triage.labels import Queue, RiskLevel

DANGEROUS = replace(
    CALM, key="dangerous", level=RiskLevel.MODERATE, openings=(opening("我不想活了", discloses=0),)
)
REACTION = replace(SmallStage().begin().react(), is_ready=False)


def judged(persona: Persona = CALM, *, fault: str = "") -> Verdict:
    return judge(play(persona, begin=SmallStage(fault=fault).begin, run=0))


def exchange(
    text: str = "嗯",
    *,
    tells: Mapping[Slot, str] | None = None,
    shown: bool = True,
    reaction: Reaction = REACTION,
    **changes: object,
) -> Exchange:
    return Exchange(
        utterance=Utterance(text=text, tells=tells or {}),
        reaction=replace(reaction, **changes),  # type: ignore[arg-type]
        is_shown=shown,
    )


def course(*exchanges: Exchange, persona: Persona = CALM) -> Course:
    return Course(persona=persona, run=0, opening_index=0, exchanges=exchanges)


def test_a_good_conversation() -> None:
    verdict = judged()
    assert verdict.right_queue
    assert verdict.reached_level
    assert (verdict.disclosure, any(verdict.alarms)) == (None, False)
    assert (verdict.questions, verdict.questions_in_all, verdict.handed_over) == (3, 3, 3)
    assert verdict.filled == {Slot.EVENT: True, Slot.AGE: True, Slot.WISH: True}
    assert not verdict.broken_rules
    assert not verdict.asked_again_told


def test_danger_told_at_the_first_message() -> None:
    verdict = judged(DANGEROUS)
    assert (verdict.disclosure, verdict.alarms[0], verdict.queue) == (0, True, Queue.HIGH_RISK)
    assert (verdict.questions, verdict.questions_in_all, verdict.handed_over) == (0, 3, 0)
    assert verdict.right_queue


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("asked twice", "asked twice"),
        ("three messages", "more than two messages"),
        ("empty", "empty answer"),
        ("blank", "empty answer"),
        ("no queue", "no queue"),
    ],
)
def test_broken_rules_are_named(fault: str, rule: str) -> None:
    assert judged(fault=fault).broken_rules == (rule,)


def test_a_lowered_level_is_a_broken_rule() -> None:
    assert judged(DANGEROUS, fault="lowered").broken_rules == ("level lowered",)


def test_a_dropped_alarm_counts_as_lowered() -> None:
    assert judge(course(exchange(escalated=True), exchange(escalated=False))).lowered == 1


def test_the_same_words_under_another_key_are_asked_twice() -> None:
    asks = ("我在听。", "你多大？")
    verdict = judge(
        course(exchange(messages=asks, question_key="a.age"), exchange(messages=asks, question_key="b.age"))
    )
    assert verdict.asked_twice == ("a.age", "b.age")


def test_what_was_never_shown_was_never_asked() -> None:
    asks = exchange(messages=("你多大？",), question_key="a.age")
    assert not judge(course(replace(asks, is_shown=False), asks)).asked_twice


def test_a_slot_asked_although_it_was_told() -> None:
    verdict = judge(course(exchange(tells={Slot.AGE: ""}), exchange(question_key="a.age", asks=Slot.AGE)))
    assert verdict.asked_again_told == ("a.age",)


def test_values_are_compared_where_they_are_known() -> None:
    told = {Slot.AGE: "14_17", Slot.HELP: "legal", Slot.SINCE: "", Slot.PLACE: "440100"}
    found = (
        SlotValue(slot=Slot.AGE, value="14_17", quote="15", source=SlotSource.STATED),
        SlotValue(slot=Slot.HELP, value="advice", quote="怎么办", source=SlotSource.STATED),
        SlotValue(slot=Slot.PLACE, value="", quote="", source=SlotSource.DECLINED),
    )
    verdict = judge(course(exchange(tells=told, values=found)))
    assert [slot for slot, filled in verdict.filled.items() if not filled] == [Slot.SINCE, Slot.PLACE]
    assert sorted(verdict.right) == [False, True]


def test_lengths_and_marks_are_counted() -> None:
    verdict = judge(course(exchange(messages=("好？吗?", "长" * 81)), exchange(messages=("短" * 80,))))
    assert (verdict.too_many_questions, verdict.too_long) == (1, 1)


@pytest.mark.parametrize(
    ("queue", "disclosed", "right"),
    [
        (Queue.HIGH_RISK, True, True),
        (Queue.PSYCHOLOGY, True, False),
        (Queue.PSYCHOLOGY, False, True),
        (Queue.HIGH_RISK, False, True),
        (Queue.LEGAL, False, False),
    ],
)
def test_the_queue_of_somebody_in_danger(queue: Queue, disclosed: bool, right: bool) -> None:
    told = Exchange(
        utterance=Utterance(text="x", discloses=disclosed),
        reaction=replace(REACTION, queue=queue),
        is_shown=True,
    )
    assert judge(course(told, persona=DANGEROUS)).right_queue is right


def test_a_calm_writer_does_not_belong_on_the_high_risk_desk() -> None:
    assert not judge(course(exchange(queue=Queue.HIGH_RISK))).right_queue


def test_cantonese_is_answered_in_cantonese_once_it_shows() -> None:
    persona = replace(CALM, dialect=Dialect.CANTONESE)
    yue, zh = ("我喺度听紧你讲，你唔使急。",), ("我在这里听你说，你可以慢慢讲给我们听。",)
    verdict = judge(
        course(
            exchange("喂", messages=zh),
            exchange("我同屋企人嗌交，唔知点算", messages=yue),
            exchange("佢哋唔理我", messages=zh),
            persona=persona,
        )
    )
    assert verdict.in_language == (True, False)


@pytest.mark.parametrize(("questions", "at_once"), [(0, True), (1, False)])
def test_hand_over_at_once(questions: int, at_once: bool) -> None:
    persona = replace(CALM, hands_over_at_once=True)
    waits = [exchange() for _ in range(questions)]
    assert judge(course(*waits, exchange(with_person=True), persona=persona)).at_once is at_once


def test_never_handed_over() -> None:
    verdict = judge(
        course(exchange(question_key="a.age"), exchange(question_key="a.event", messages=("？",)))
    )
    assert (verdict.handed_over, verdict.questions, verdict.at_once) == (None, 2, None)
