from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.slots import AgeBand, Dialect, Slot, SlotSource, SlotValue, YesNo
from triage.intake.state import NEW_INTAKE, SCREEN_SLOTS, IntakeState

DECLINED = SlotSource.DECLINED


def told(slot: Slot, value: str, *, source: SlotSource = SlotSource.STATED, quote: str = "原话") -> SlotValue:
    return SlotValue(slot=slot, value=value, quote=quote, source=source)


@pytest.mark.parametrize(
    ("slot", "first", "second", "kept", "contradicted"),
    [
        pytest.param(Slot.AGE, AgeBand.UNDER_14, AgeBand.ADULT, AgeBand.UNDER_14, True, id="another age"),
        pytest.param(Slot.AGE, AgeBand.ADULT, AgeBand.ADULT, AgeBand.ADULT, False, id="the same age"),
        pytest.param(Slot.AGE, "", AgeBand.ADULT, AgeBand.ADULT, False, id="an age after words"),
        pytest.param(Slot.PLAN, YesNo.YES, YesNo.NO, YesNo.YES, True, id="yes, then no"),
        pytest.param(Slot.PLAN, YesNo.NO, YesNo.YES, YesNo.YES, True, id="no, then yes"),
        pytest.param(Slot.PLAN, YesNo.YES, YesNo.UNSURE, YesNo.YES, False, id="yes, then unsure"),
        pytest.param(Slot.PLAN, YesNo.UNSURE, YesNo.YES, YesNo.YES, False, id="unsure, then yes"),
        pytest.param(Slot.PLAN, YesNo.NO, YesNo.UNSURE, YesNo.NO, False, id="no, then unsure"),
        pytest.param(Slot.SAFE, YesNo.YES, YesNo.NO, YesNo.NO, False, id="safe no more"),
        pytest.param(Slot.SAFE, YesNo.NO, YesNo.YES, YesNo.YES, False, id="safe again"),
        pytest.param(Slot.COMPANY, "with_others", "alone", "alone", False, id="left alone"),
        pytest.param(Slot.AREA, "440100", "440300", "440300", False, id="moved"),
        pytest.param(Slot.PLACE, "家里", "楼下", "楼下", False, id="went down"),
        pytest.param(Slot.TOLD, YesNo.NO, YesNo.YES, YesNo.NO, False, id="the first counts"),
        pytest.param(Slot.HELP, "", "advice", "advice", False, id="a value after words"),
        pytest.param(Slot.HELP, "advice", "", "advice", False, id="words after a value"),
    ],
)
def test_what_is_kept_of_two_tellings(
    slot: Slot, first: str, second: str, kept: str, contradicted: bool
) -> None:
    state = NEW_INTAKE.with_values((told(slot, first),)).with_values((told(slot, second),))
    assert state.value_of(slot) == kept
    assert state.contradicted is contradicted
    assert len(state.values) == 1


@pytest.mark.parametrize("slot", [Slot.AGE, Slot.PLAN, Slot.SAFE, Slot.HELP])
def test_what_was_declined_may_be_told_later_and_what_was_told_is_not_declined(slot: Slot) -> None:
    declined, yes = told(slot, "", source=DECLINED), told(slot, "yes")
    assert NEW_INTAKE.with_values((declined, yes)).values == (yes,)
    assert NEW_INTAKE.with_values((yes, declined)).values == (yes,)
    assert not NEW_INTAKE.with_values((declined, yes, declined)).contradicted


def test_a_no_after_a_refusal_fills_a_step_of_the_screen() -> None:
    values = (told(Slot.ACT, "", source=DECLINED), told(Slot.ACT, YesNo.NO))
    assert NEW_INTAKE.with_values(values).value_of(Slot.ACT) == YesNo.NO


def test_a_contradiction_stays_noted() -> None:
    ages = (told(Slot.AGE, AgeBand.UNDER_14), told(Slot.AGE, AgeBand.ADULT))
    state = NEW_INTAKE.with_values(ages)
    assert state.contradicted
    assert state.with_values((told(Slot.AGE, AgeBand.UNDER_14),)).contradicted


def test_an_open_slot_has_no_value() -> None:
    assert NEW_INTAKE.find(Slot.AGE) is None
    assert NEW_INTAKE.value_of(Slot.AGE) == ""


VALUES = st.builds(
    told,
    st.sampled_from(Slot),
    st.sampled_from(["", *YesNo]),
    source=st.sampled_from(SlotSource),
    quote=st.text(max_size=3),
)
TELLINGS = st.lists(VALUES, max_size=8).map(tuple)


@given(TELLINGS, TELLINGS)
def test_laws_of_telling(first: tuple[SlotValue, ...], second: tuple[SlotValue, ...]) -> None:
    """A slot has one value, no filled slot is emptied, a yes of the screen stands, one way of telling."""
    before = NEW_INTAKE.with_values(first)
    after = before.with_values(second)
    slots = [each.slot for each in after.values]
    assert len(set(slots)) == len(slots)
    assert set(slots) == {each.slot for each in first + second}
    assert after.contradicted >= before.contradicted
    for slot in SCREEN_SLOTS:
        assert before.value_of(slot) != YesNo.YES or after.value_of(slot) == YesNo.YES
    assert after == NEW_INTAKE.with_values(first + second)


KEYS = st.lists(st.sampled_from(["a.one", "a.two", "a.three"]), unique=True).map(tuple)
STATES = st.builds(
    lambda asked, pending, opened, refusals: IntakeState(
        asked=asked, pending=pending, opened=opened, refusals=refusals
    ),
    KEYS,
    st.none() | st.sampled_from(["a.one", "a.two"]),
    st.booleans(),
    st.integers(0, 3),
)


@given(STATES, TELLINGS)
def test_an_answer_taken_back_leaves_what_was_told(state: IntakeState, values: tuple[SlotValue, ...]) -> None:
    read = state.answering().with_values(values)
    assert read.pending is None
    answered = replace(read, asked=(*read.asked, "a.new"), pending="a.new", opened=True)
    back = answered.taken_back()
    assert (back.asked, back.pending, back.opened) == (state.asked, state.pending, state.opened)
    assert back.values == read.values
    assert back.taken_back() == back


def test_only_our_own_words_are_taken_back() -> None:
    state = replace(NEW_INTAKE.answering(), dialect=Dialect.CANTONESE, refusals=1, contradicted=True)
    back = replace(state, opened=True).taken_back()
    assert (back.dialect, back.refusals, back.contradicted) == (Dialect.CANTONESE, 1, True)
