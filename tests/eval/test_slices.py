import pytest

from eval.judgements import judge_alarms
from eval.slices import FEWEST_POSITIVES, measure_slices, slices_of
from tests.eval.files import answer, calm_row, danger_row, disclosing_row, row_answer, samples


def test_slices_of_a_sample() -> None:
    row = danger_row("a", slices={"theme": "exam", "tags": ["slang", "typo"]})
    (sample,) = samples(row)
    assert list(slices_of(sample)) == [
        ("kind", "text"),
        ("length", "11-30"),
        ("subject", "self"),
        ("category", "psychology"),
        ("signal", "suicide"),
        ("theme", "exam"),
        ("tags", "slang"),
        ("tags", "typo"),
    ]
    assert ("kind", "conversation") in list(slices_of(samples(disclosing_row("c"))[0]))


def test_each_part_is_measured_alone() -> None:
    rows = [danger_row(f"d{n}", slices={"theme": "exam" if n < 40 else "love"}) for n in range(50)]
    rows += [calm_row(f"c{n}", slices={"theme": "exam"}) for n in range(20)]
    found = samples(*rows)
    answers = [row_answer(str(n), answer(escalate=n < 20 or n >= 68)) for n in range(70)]
    parts = {(part.key, part.value): part for part in measure_slices(found, judge_alarms(found, answers))}
    exam, love = parts["theme", "exam"], parts["theme", "love"]
    assert (exam.n, exam.positives, exam.is_small) == (60, 40, False)
    assert (exam.recall.value, exam.false_alarm_rate.value) == (0.5, 0.1)
    assert exam.auc.value == pytest.approx(0.5 * 0.9 + 0.5 * (0.5 * 0.1 + 0.5 * 0.9), abs=1e-9)
    assert (love.n, love.positives, love.is_small) == (10, 10, True)
    assert love.recall.value == 0.0
    assert love.auc.value is None
    assert love.positives < FEWEST_POSITIVES


def test_tiny_parts_are_left_out_and_doubled_names_count_once() -> None:
    rows = [danger_row(f"d{n}", slices={"subject": "self", "city": "one" if n else "two"}) for n in range(6)]
    found = samples(*rows)
    parts = measure_slices(found, judge_alarms(found, [row_answer("x", answer())] * 6))
    names = [(part.key, part.value, part.n) for part in parts]
    assert ("city", "one", 5) in names
    assert all(value != "two" for _, value, _ in names)
    assert names.count(("subject", "self", 6)) == 1


def test_without_labels_there_are_no_parts() -> None:
    assert measure_slices([], judge_alarms([], [])) == []
