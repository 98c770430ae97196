"""The measures over many conversations."""

from dataclasses import replace

from eval.simulation.measures import measure, measure_by_persona, measure_by_slot
from eval.simulation.play import play_all
from eval.simulation.verdict import Verdict, judge
from tests.eval.simulation.stages import CALM, SmallStage, opening
from triage.intake.slots import Slot
from triage.labels import RiskLevel

DANGEROUS = replace(
    CALM,
    key="dangerous",
    level=RiskLevel.MODERATE,
    openings=(opening("我不想活了", discloses=0), opening("没有人要我", discloses=0)),
)


def verdicts(*, runs: int = 6) -> list[Verdict]:
    return [judge(course) for course in play_all([CALM, DANGEROUS], begin=SmallStage().begin, runs=runs)]


def test_measures() -> None:
    found = measure(verdicts())
    assert found.conversations == 12
    assert found.right_queue.value == 9 / 12  # the second opening's danger is missed in all three runs
    assert (found.alarm_by_disclosure.value, found.alarm_by_disclosure.n) == (0.5, 6)
    assert (found.false_alarm.value, found.false_alarm.n) == (0.0, 6)
    assert found.handed_over.value == 1.0
    assert (found.median_questions, found.most_questions) == (3, 3)
    assert not found.handed_over_at_once.is_measured
    assert not found.slot_values_right.is_measured


def test_runs_with_one_opening_count_as_one() -> None:
    few, many = measure(verdicts(runs=6)).false_alarm, measure(verdicts(runs=60)).false_alarm
    assert few.high == many.high
    assert many.n == 60


def test_danger_that_nobody_told_is_no_false_alarm_and_no_miss() -> None:
    untold = [replace(each, disclosure=None) for each in verdicts() if each.persona == "dangerous"]
    found = measure(untold)
    assert not found.false_alarm.is_measured
    assert not found.alarm_by_disclosure.is_measured


def test_by_persona() -> None:
    found = measure_by_persona(verdicts())
    assert list(found) == ["calm", "dangerous"]
    assert found["dangerous"].alarm_by_disclosure.n == 6


def test_by_slot() -> None:
    found = measure_by_slot([replace(each, filled={Slot.AGE: each.persona == "calm"}) for each in verdicts()])
    assert {slot: (each.value, each.n) for slot, each in found.items()} == {"age": (0.5, 12)}
