import numpy as np

from eval.judgements import (
    NO_CATEGORY,
    follow_courses,
    group_codes,
    judge_alarms,
    judge_categories,
    judge_levels,
    judge_signals,
)
from tests.eval.files import (
    answer,
    calm_row,
    danger_row,
    disclosing_row,
    labelled,
    row_answer,
    samples,
    youth,
)
from triage.labels import CATEGORIES, SIGNALS, Category, Signal

SAMPLES = samples(danger_row("a", group="g"), calm_row("b", group="g"), labelled("c", "x", category="legal"))
ALARM = answer(escalate=True, signals=[Signal.SUICIDE], level=3)
ANSWERS = [
    row_answer("a", ALARM),
    row_answer("b", answer(category=Category.AID)),
    row_answer("c", answer(category=Category.LEGAL)),
]
SILENCE = [None, None, None]


def test_only_labelled_rows_are_judged() -> None:
    alarms = judge_alarms(SAMPLES, ANSWERS)
    assert alarms.rows.tolist() == [0, 1]
    assert alarms.truth.tolist() == [True, False]
    assert alarms.raised.tolist() == [True, False]
    assert alarms.score.tolist() == [0.9, 0.1]
    assert judge_categories(SAMPLES, ANSWERS).truth.tolist() == [0, 2, 1]
    assert judge_levels(SAMPLES, ANSWERS).predicted.tolist() == [3, 0]


def test_rows_of_a_group_share_a_code() -> None:
    codes = group_codes(SAMPLES)
    assert codes[0] == codes[1] != codes[2]


def test_no_answer_is_wrong_everywhere() -> None:
    alarms = judge_alarms(SAMPLES, SILENCE)
    assert alarms.raised.tolist() == [False, True]
    assert alarms.score.tolist() == [0.0, 1.0]
    categories = judge_categories(SAMPLES, SILENCE)
    assert categories.predicted.tolist() == [NO_CATEGORY] * 3
    assert not categories.accepted.any()
    levels = judge_levels(SAMPLES, SILENCE)
    assert levels.predicted.tolist() == [0, 4]
    assert not levels.raised.any()
    signals = judge_signals(SAMPLES, SILENCE)
    assert (signals.predicted != signals.truth).all()


def test_a_further_true_category_is_accepted() -> None:
    row = labelled("a", "x", category="psychology", also=["legal"])
    choices = judge_categories(samples(row, {**row, "id": "b"}), [ANSWERS[2], ANSWERS[1]])
    assert choices.accepted.tolist() == [True, False]
    assert choices.predicted.tolist() == [CATEGORIES.index(Category.LEGAL), CATEGORIES.index(Category.AID)]


def test_signals_as_columns() -> None:
    choices = judge_signals(SAMPLES, ANSWERS)
    assert choices.truth.shape == (2, len(SIGNALS))
    assert choices.truth.sum() == 1
    assert (choices.truth == choices.predicted).all()
    assert judge_signals(SAMPLES[2:], ANSWERS[2:]).truth.shape == (0, len(SIGNALS))


def test_part_of_the_rows() -> None:
    alarms = judge_alarms(SAMPLES, ANSWERS).subset(np.array([1, 2]))
    assert (alarms.rows.tolist(), alarms.truth.tolist()) == ([1], [False])


def test_courses_of_conversations() -> None:
    benign = {"id": "k", "turns": [youth("一"), youth("二")], "labels": {"escalate": False}}
    unknown = {"id": "u", "turns": [youth("一")], "labels": {"escalate": True}}
    rows = samples(disclosing_row("d"), benign, unknown, danger_row("t"))
    quiet = answer()
    answers = [
        row_answer("d", quiet, ALARM, ALARM),
        row_answer("k", quiet, ALARM),
        row_answer("u", ALARM),
        row_answer("t", ALARM),
    ]
    courses = follow_courses(rows, answers)
    assert [(course.disclosure, course.alarms) for course in courses] == [
        (1, (False, True, True)),
        (None, (False, True)),
    ]
    unanswered = follow_courses(rows, [None] * 4)
    assert [course.alarms for course in unanswered] == [(False, False, False), (True, True)]
