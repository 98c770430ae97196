"""Degenerate systems must get the marks that they deserve."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binomtest

from eval.answers import Answer, RowAnswer
from eval.dataset import Sample
from eval.scorecard import Scorecard, compare_scorecards, score_system
from eval.systems import System
from tests.eval.files import answer, calm_row, danger_row, disclosing_row, labelled, row_answer, samples
from triage.labels import CATEGORIES, SIGNALS, Category, RiskLevel, Signal

DANGERS, CALMS = 30, 70
SAMPLES = samples(
    *(danger_row(f"d{n}") for n in range(DANGERS)),
    *(calm_row(f"c{n}") for n in range(CALMS)),
)


def score(answers: Sequence[RowAnswer | None], rows: list[Sample] = SAMPLES, **options: bool) -> Scorecard:
    gives = options.get("gives_probability", True)
    return score_system(System(key="model", title="m", gives_probability=gives, answers=tuple(answers)), rows)


def same(given: Answer, rows: list[Sample] = SAMPLES) -> list[RowAnswer | None]:
    return [row_answer(str(row.row.id), *[given] * len(row.row.youth_indices)) for row in rows]


def right(sample: Sample) -> RowAnswer:
    labels = sample.labels
    assert labels.category is not None
    assert labels.signals is not None
    assert labels.level is not None
    given = Answer(
        category=labels.category,
        risk_score=1.0 if labels.escalate else 0.0,
        escalate=bool(labels.escalate),
        signals=labels.signals,
        level=labels.level,
    )
    return RowAnswer(id=sample.row.id, final=given, turns=(given,))


def value(card: Scorecard, name: str) -> float:
    found = {**card.escalate, **card.category, **card.level}[name].value
    assert found is not None
    return found


def test_a_perfect_system() -> None:
    card = score([right(sample) for sample in SAMPLES])
    for name in (
        "auc",
        "average_precision",
        "recall",
        "recall_at_3",
        "macro_f1",
        "accuracy",
        "kappa",
        "exact",
    ):
        assert value(card, name) == pytest.approx(1.0), name
    assert value(card, "false_alarm_rate") == value(card, "ece") == value(card, "brier") == 0.0
    assert value(card, "rated_too_low") == 0.0
    recall = card.escalate["recall"]
    expected = binomtest(DANGERS, DANGERS).proportion_ci(method="wilson")
    assert recall.low == pytest.approx(expected.low, abs=1e-9)
    assert (recall.high, recall.n) == (1.0, DANGERS)
    assert card.escalate["auc"].low is None
    assert card.escalate["auc"].note
    assert card.workload.positive_predictive_value.low < 0.2  # type: ignore[operator]
    assert card.unanswered == 0


def test_always_alarming() -> None:
    given = answer(escalate=True, risk_score=1.0, signals=SIGNALS, level=4, category=Category.PSYCHOLOGY)
    card = score(same(given))
    assert value(card, "recall") == value(card, "false_alarm_rate") == 1.0
    assert value(card, "auc") == 0.5
    assert value(card, "recall_at_5") == 0.0
    assert value(card, "precision") == pytest.approx(0.3)
    assert value(card, "ece") == pytest.approx(0.7)
    assert value(card, "kappa") == pytest.approx(0.0)
    assert card.workload.positive_predictive_value.value == pytest.approx(0.005)
    assert card.workload.alerts_a_day.value == pytest.approx(2000)
    assert card.signals["suicide"]["precision"].value == pytest.approx(0.3)
    assert value(card, "macro_f1") < 0.5


def test_never_alarming() -> None:
    card = score(same(answer(escalate=False, risk_score=0.0, category=Category.AID)))
    assert value(card, "recall") == value(card, "false_alarm_rate") == value(card, "recall_at_5") == 0.0
    assert value(card, "auc") == 0.5
    assert card.escalate["precision"].value is None
    assert card.escalate["precision"].reason == "no alarm was raised"
    assert card.workload.positive_predictive_value.value is None
    assert card.workload.misses_a_year.value == pytest.approx(3650)
    assert value(card, "rated_too_low") == 1.0
    assert card.signals["suicide"]["recall"].value == 0.0
    assert card.signals["suicide"]["precision"].value is None
    assert card.signals["fraud"]["recall"].reason == "no row carries it"


def test_silence_is_scored_as_wrong_not_left_out() -> None:
    half = [right(sample) if index % 2 else None for index, sample in enumerate(SAMPLES)]
    silent, partly = score([None] * len(SAMPLES)), score(half)
    assert silent.unanswered == len(SAMPLES)
    for name in ("auc", "recall", "macro_f1", "accuracy", "recall_at_5"):
        assert value(silent, name) == 0.0, name
    assert value(silent, "false_alarm_rate") == value(silent, "brier") == 1.0
    assert partly.escalate["recall"].n == DANGERS
    assert value(partly, "recall") == value(partly, "accuracy") == 0.5
    assert sum(row[-1] for row in partly.confusion) == 50


def test_chance_is_chance() -> None:
    random = np.random.default_rng(2)
    answers: list[RowAnswer | None] = []
    for sample in SAMPLES * 10:
        score_drawn = float(random.random())
        given = answer(
            escalate=score_drawn > 0.5,
            risk_score=score_drawn,
            category=CATEGORIES[int(random.integers(4))],
            level=int(random.integers(5)),
        )
        answers.append(row_answer(str(sample.row.id), given))
    card = score(answers, list(SAMPLES) * 10)
    assert value(card, "auc") == pytest.approx(0.5, abs=0.06)
    assert value(card, "recall_at_5") < 0.12
    assert abs(value(card, "kappa")) < 0.12
    low, high = card.escalate["auc"].low, card.escalate["auc"].high
    assert low is not None
    assert high is not None
    assert low < 0.5 < high


def test_what_is_not_labelled_is_not_measured() -> None:
    rows = samples(*(labelled(f"r{n}", "x", escalate=n < 3) for n in range(9)))
    card = score(same(answer(), rows), rows)
    for name in ("macro_f1", "accuracy", "kappa", "rated_too_low"):
        estimate = {**card.category, **card.level}[name]
        assert estimate.value is None
        assert estimate.reason == "the dataset holds no labels for it"
    assert card.signals["suicide"]["recall"].value is None
    assert card.recall_by_level["imminent"].value is None
    assert card.escalate["recall"].n == 3
    only_category = samples(*(labelled(f"r{n}", "x", category="aid") for n in range(5)))
    card = score(same(answer(category=Category.AID), only_category), only_category)
    assert card.escalate["recall"].value is None
    assert card.escalate["auc"].value is None
    assert card.workload.alerts_a_day.value is None
    assert card.category["accuracy"].value == 1.0
    assert card.category["f1_legal"].value is None


def test_one_class_alone() -> None:
    rows = SAMPLES[:DANGERS]
    card = score(same(answer(escalate=True), rows), rows)
    assert card.escalate["auc"].reason == "needs rows with danger and rows without"
    assert card.escalate["false_alarm_rate"].reason == "every row is in danger"
    assert value(card, "recall") == 1.0


def test_a_score_that_is_no_probability_has_no_calibration() -> None:
    card = score([right(sample) for sample in SAMPLES], gives_probability=False)
    assert card.escalate["ece"].value is None
    assert card.escalate["auc"].value == 1.0


def test_recall_by_level_and_degraded() -> None:
    rows = samples(
        *(danger_row(f"m{n}") for n in range(4)),
        *(danger_row(f"i{n}", labels={"signals": ["suicide"], "level": 4}) for n in range(2)),
    )
    alarm, quiet = answer(escalate=True, level=2), answer(degraded=True)
    card = score([row_answer(str(n), given) for n, given in enumerate([alarm] * 3 + [quiet] * 3)], rows)
    assert card.recall_by_level["moderate"].value == pytest.approx(3 / 4)
    assert card.recall_by_level["high"].reason == "no row has this level"
    assert card.recall_by_level["imminent"].value == 0.0
    assert card.degraded.value == pytest.approx(0.5)


def test_conversations_are_followed() -> None:
    rows = samples(disclosing_row("a"))
    quiet, alarm = answer(), answer(escalate=True, signals=[Signal.SUICIDE], level=2)
    card = score([row_answer("a", quiet, quiet, alarm)], rows)
    assert card.conversations.escalating == 1
    assert card.conversations.timing["one_later"].value == 1.0  # type: ignore[index]


def test_differences_are_paired() -> None:
    first = score([right(sample) for sample in SAMPLES])
    weaker = [
        right(sample) if index % 9 else row_answer("x", answer(escalate=not sample.labels.escalate))
        for index, sample in enumerate(SAMPLES)
    ]
    second = score(weaker)
    differences = compare_scorecards(first, second)
    auc = differences["auc"]
    assert auc.value == pytest.approx(value(first, "auc") - value(second, "auc"))
    assert auc.low is not None
    assert auc.low > 0
    same_system = compare_scorecards(second, second)["auc"]
    assert same_system.value == 0.0
    unlabelled = samples(*(labelled(f"r{n}", "x", category="aid") for n in range(5)))
    card = score(same(answer(), unlabelled), unlabelled)
    assert compare_scorecards(card, card)["auc"].value is None


def test_grouped_rows_widen_the_interval() -> None:
    hit, miss = answer(escalate=True), answer()
    given = [hit] * 20 + [miss] * 10
    alone = samples(*(danger_row(f"d{n}") for n in range(30)), *(calm_row(f"c{n}") for n in range(30)))
    grouped = samples(
        *(danger_row(f"d{n}", group=n // 5) for n in range(30)),
        *(calm_row(f"c{n}", group=n // 5) for n in range(30)),
    )
    answers: list[RowAnswer | None] = [row_answer(str(n), each) for n, each in enumerate(given + [miss] * 30)]
    widths = []
    for rows in (alone, grouped):
        recall = score(answers, rows).escalate["recall"]
        assert recall.value == pytest.approx(2 / 3)
        assert recall.low is not None
        assert recall.high is not None
        widths.append(recall.high - recall.low)
    assert widths[1] > 1.5 * widths[0]
    assert not math.isnan(widths[1])


def test_levels_are_the_schemes() -> None:
    assert [int(level) for level in RiskLevel] == [0, 1, 2, 3, 4]
