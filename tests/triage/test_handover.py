"""What a counsellor is handed over with a conversation."""

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import build_pipeline, shipped_catalog
from triage.conversation import Conversation
from triage.handover import BASICS, AssessedTurn, HandoverSummary, summarize_handover
from triage.intake.slots import AgeBand, Slot, Speaker, YesNo
from triage.labels import RiskLevel, Signal

PIPELINE = build_pipeline()


def talk(*lines: str) -> HandoverSummary:
    conversation = Conversation.begin(pipeline=PIPELINE, catalog=shipped_catalog())
    turns = []
    for position, line in enumerate(lines, 1):
        conversation, answer = conversation.say(line)
        assessment = answer.result.assessment
        turns.append(
            AssessedTurn(
                position=2 * position - 1,
                level=assessment.level,
                message_level=assessment.message_level,
                signals=frozenset(assessment.signals),
                quotes=tuple(each.text for each in assessment.evidence),
            )
        )
    return summarize_handover(conversation.state, turns)


def test_nobody_has_to_say_it_again() -> None:
    summary = talk("最近很难过，总是睡不好，从初一开始就这样", "没有人", "我15岁，在广州天河", "不想说")
    told = {each.slot: each for each in summary.told}
    assert told[Slot.EVENT].quote == "最近很难过，总是睡不好，从初一开始就这样"
    assert "初一" in told[Slot.SINCE].quote
    assert told[Slot.AGE].value == AgeBand.FROM_14_TO_17
    assert told[Slot.AREA].value == "440106"
    assert summary.speaker is Speaker.SELF
    assert summary.asked
    assert len(summary.replies) == 4
    assert not set(summary.unknown) & set(told)


def test_the_way_to_danger_is_told_with_quotations() -> None:
    summary = talk("今天很难过", "我不想活了", "有", "有", "骗你的")
    assert [step.level for step in summary.trajectory][:1] == [RiskLevel.MODERATE]
    first = summary.trajectory[0]
    assert (first.position, first.signals, first.quote) == (3, (Signal.SUICIDE,), "不想活了")
    assert summary.trajectory[-1].level >= RiskLevel.HIGH
    assert {each.slot: each.value for each in summary.screen}[Slot.WISH] == YesNo.YES
    assert summary.level >= RiskLevel.HIGH


def test_a_contradiction_and_a_wish_for_a_person_are_told() -> None:
    summary = talk("我15岁，很难过", "转人工", "其实我20岁了，在读大三")
    assert summary.contradicted
    assert summary.wants_person


LEVELS = st.sampled_from(RiskLevel)
TURNS = st.lists(st.tuples(LEVELS, LEVELS, st.frozensets(st.sampled_from(Signal)), st.text(max_size=200)))


@given(turns=TURNS)
def test_the_trajectory_rises_in_order_and_ends_at_the_worst(
    turns: list[tuple[RiskLevel, RiskLevel, frozenset[Signal], str]],
) -> None:
    worst = RiskLevel.NONE
    assessed = []
    for position, (level, own, signals, quote) in enumerate(turns):
        worst = max(worst, level)
        assessed.append(
            AssessedTurn(position=position, level=worst, message_level=own, signals=signals, quotes=(quote,))
        )
    steps = summarize_handover(
        Conversation.begin(pipeline=PIPELINE, catalog=shipped_catalog()).state, assessed
    ).trajectory
    assert [step.position for step in steps] == sorted({step.position for step in steps})
    assert max((step.level for step in steps), default=RiskLevel.NONE) == worst
    assert {signal for step in steps for signal in step.signals} == {s for each in turns for s in each[2]}


def test_an_empty_conversation_has_everything_still_open() -> None:
    summary = talk()
    assert summary.unknown == BASICS
    assert not summary.told
    assert not summary.trajectory
