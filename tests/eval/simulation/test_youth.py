"""What a scripted user writes."""

from dataclasses import replace

import pytest

from eval.simulation.persona import Fact, Later, Persona
from eval.simulation.play import play, play_all
from tests.eval.simulation.stages import CALM, SmallStage, opening
from triage.intake.slots import Slot
from triage.labels import RiskLevel


def words(persona: Persona, *, run: int = 0, seed: int = 1) -> list[str]:
    course = play(persona, begin=SmallStage().begin, run=run, seed=seed)
    return [each.utterance.text for each in course.exchanges]


def test_answers_the_question_that_was_asked() -> None:
    said = words(CALM)
    assert said[0] == "心里有点闷"
    assert [text[:-1] for text in said[1:4]] == ["event", "age", "wish"]
    assert set(said[4:]) == {"嗯", "好"}


def test_what_is_told_is_what_was_said() -> None:
    course = play(CALM, begin=SmallStage().begin, run=0)
    told = [set(each.utterance.tells) for each in course.exchanges]
    assert told == [set(), {Slot.EVENT}, {Slot.AGE}, {Slot.WISH}, set(), set()]


def test_declined_slots_get_a_refusal_and_are_not_told() -> None:
    facts: dict[Slot, Fact] = {slot: CALM.facts[slot] for slot in Slot if slot != Slot.AGE}
    shy = replace(CALM, facts=facts, declines=frozenset({Slot.AGE}), refusals=("不说",))
    course = play(shy, begin=SmallStage().begin, run=0)
    assert course.exchanges[2].utterance.text == "不说"
    assert not course.exchanges[2].utterance.tells


def test_a_single_question_may_have_an_answer_of_its_own() -> None:
    assert words(replace(CALM, answers={"small.age": ("这样问的话",)}))[2] == "这样问的话"


def test_taps_the_quick_reply_that_it_knows() -> None:
    tapper = replace(CALM, taps=("安全", "没有"))
    course = play(tapper, begin=SmallStage().begin, run=0)
    assert (course.exchanges[3].utterance.text, set(course.exchanges[3].utterance.tells)) == (
        "没有",
        {Slot.WISH},
    )


def test_a_tapped_refusal_tells_nothing() -> None:
    tapper = replace(CALM, taps=("不想说", "没有"), refusals=("不想说",))
    assert not play(tapper, begin=SmallStage().begin, run=0).exchanges[3].utterance.tells


def test_messages_in_a_row_hurry_and_tell_at_the_last() -> None:
    hasty = replace(CALM, openings=(opening("老师", "在吗", "难过", discloses=1, tells=(Slot.EVENT,)),))
    course = play(hasty, begin=SmallStage().begin, run=0)
    first = course.exchanges[:4]
    assert [each.utterance.hurried for each in first] == [False, True, True, False]
    assert [each.is_shown for each in first] == [False, False, True, True]
    assert [set(each.utterance.tells) for each in first[:3]] == [set(), set(), {Slot.EVENT}]
    assert [each.utterance.discloses for each in first[:3]] == [False, True, False]
    assert len(course.exchanges) == 6 + 2


def disclosing(**changes: object) -> Persona:
    later = Later(at=(2, 3), say=("其实我不想活了",), discloses=True, unless_disclosed=False)
    persona = replace(CALM, later=(later,), level=RiskLevel.MODERATE)
    return replace(persona, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_discloses_within_the_turns_given(seed: int) -> None:
    assert words(disclosing(), seed=seed).index("其实我不想活了") in (2, 3)


def test_disclosing_turns_differ_by_seed() -> None:
    assert len({words(disclosing(), seed=seed).index("其实我不想活了") for seed in range(12)}) == 2


def test_falls_silent_after_the_disclosure() -> None:
    said = words(disclosing(after_disclosure=(0, 0)))
    assert said[-1] == "其实我不想活了"
    assert len(words(disclosing(after_disclosure=(1, 1)))) == len(said) + 1


def test_nothing_is_disclosed_twice_where_it_should_not() -> None:
    [later] = disclosing().later
    persona = disclosing(
        later=(replace(later, unless_disclosed=True),), openings=(opening("我不想活", discloses=0),)
    )
    assert "其实我不想活了" not in words(persona)


def test_an_answer_may_be_the_disclosure() -> None:
    persona = replace(CALM, disclosing=frozenset({Slot.WISH}), level=RiskLevel.MODERATE)
    course = play(persona, begin=SmallStage().begin, run=0)
    assert [each.utterance.discloses for each in course.exchanges].index(True) == 3


def test_the_same_seed_gives_the_same_conversations() -> None:
    def all_words(seed: int) -> list[list[str]]:
        courses = play_all([CALM, disclosing()], begin=SmallStage().begin, runs=5, seed=seed)
        return [[each.utterance.text for each in course.exchanges] for course in courses]

    assert all_words(1) == all_words(1)
    assert all_words(1) != all_words(2)


def test_openings_take_turns() -> None:
    courses = play_all([CALM], begin=SmallStage().begin, runs=4)
    assert [course.opening_index for course in courses] == [0, 1, 2, 0]
