"""Every measure against a hand-worked example or a direct count, to 1e-9."""

import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from sklearn.metrics import f1_score as sklearn_f1

from eval.metrics.classification import (
    area_under_roc,
    average_precision,
    brier_score,
    calibration_bin,
    calibration_error,
    f1_of,
    macro_f1,
    quadratic_kappa,
    recall_at,
)

TIGHT = 1e-9
TRUTH = np.array([True, False, True, True, False, False, True, False])
SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.6, 0.3, 0.2, 0.1])


def test_area_counts_pairs_and_ties_as_half() -> None:
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0 for high in SCORE[TRUTH] for low in SCORE[~TRUTH]
    ]
    assert area_under_roc(TRUTH, SCORE) == pytest.approx(np.mean(pairs), abs=TIGHT)
    assert area_under_roc(TRUTH, SCORE) == pytest.approx(10.5 / 16, abs=TIGHT)


def test_average_precision_by_hand() -> None:
    # thresholds .9 .8 .7 .6(tie) .3 .2: precision at each new recall 1/1, 2/3, 3/5, 4/7
    by_hand = 0.25 * (1 + 2 / 3 + 3 / 5 + 4 / 7)
    assert average_precision(TRUTH, SCORE) == pytest.approx(by_hand, abs=TIGHT)


@pytest.mark.parametrize(
    ("rate", "recall"),
    [
        pytest.param(0.0, 0.25, id="none allowed"),
        pytest.param(0.24, 0.25, id="just below the first"),
        pytest.param(0.25, 0.5, id="one of four"),
        pytest.param(0.5, 0.75, id="two of four, tie taken whole"),
        pytest.param(1.0, 1.0, id="all"),
    ],
)
def test_recall_at_a_share_of_false_alarms(rate: float, recall: float) -> None:
    assert recall_at(TRUTH, SCORE, false_alarm_rate=rate) == pytest.approx(recall, abs=TIGHT)


def test_a_constant_score_ranks_nothing() -> None:
    constant = np.full(TRUTH.size, 0.7)
    assert area_under_roc(TRUTH, constant) == 0.5
    assert average_precision(TRUTH, constant) == pytest.approx(TRUTH.mean(), abs=TIGHT)
    assert recall_at(TRUTH, constant, false_alarm_rate=0.05) == 0.0


def test_a_reversed_score_is_worse_than_chance() -> None:
    assert area_under_roc(TRUTH, 1 - SCORE) == pytest.approx(1 - area_under_roc(TRUTH, SCORE), abs=TIGHT)


@pytest.mark.parametrize("truth", [np.ones(8, dtype=np.bool_), np.zeros(8, dtype=np.bool_)])
def test_one_class_alone_is_undefined_not_perfect(truth: np.ndarray) -> None:
    assert math.isnan(area_under_roc(truth, SCORE))
    assert math.isnan(average_precision(truth, SCORE))
    assert math.isnan(recall_at(truth, SCORE, false_alarm_rate=0.05))
    assert brier_score(truth, SCORE) == pytest.approx(float(np.mean((SCORE - truth) ** 2)), abs=TIGHT)


CLASSES = np.array([0, 0, 0, 1, 1, 3])
CHOSEN = np.array([0, 0, 1, 1, 4, 0])


def test_macro_f1_by_hand() -> None:
    # class 0: 2 hits, 3 true, 3 predicted; class 1: 1, 2, 2; class 3: 0, 1, 0; 4 means no answer
    by_hand = (2 * 2 / 6 + 2 * 1 / 4 + 0) / 3
    assert macro_f1(CLASSES, CHOSEN) == pytest.approx(by_hand, abs=TIGHT)


def test_f1_of_a_class() -> None:
    assert f1_of(CLASSES == 0, CHOSEN == 0) == pytest.approx(4 / 6, abs=TIGHT)
    assert f1_of(CLASSES == 3, CHOSEN == 3) == 0.0
    assert math.isnan(f1_of(CLASSES == 2, CHOSEN == 2))
    assert f1_of(CLASSES == 0, CHOSEN == 0) == sklearn_f1(CLASSES == 0, CHOSEN == 0)


def test_always_the_largest_class_scores_low() -> None:
    truth = np.array([0] * 97 + [1, 2, 3])
    assert macro_f1(truth, np.zeros(100, dtype=np.int64)) < 0.25


LEVELS = np.array([0, 0, 1, 2, 3, 4, 4, 2])
RATED = np.array([0, 1, 1, 2, 4, 4, 2, 0])


def test_quadratic_kappa_from_its_definition() -> None:
    observed = confusion_matrix(LEVELS, RATED, labels=range(5))
    chance = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    weights = np.array([[(row - column) ** 2 for column in range(5)] for row in range(5)])
    by_hand = 1 - (observed * weights).sum() / (chance * weights).sum()
    assert quadratic_kappa(LEVELS, RATED) == pytest.approx(by_hand, abs=TIGHT)


def test_kappa_of_degenerate_raters() -> None:
    assert quadratic_kappa(LEVELS, LEVELS) == pytest.approx(1.0, abs=TIGHT)
    assert quadratic_kappa(LEVELS, np.full(8, 2)) == pytest.approx(0.0, abs=TIGHT)
    assert quadratic_kappa(LEVELS, 4 - LEVELS) < 0
    assert math.isnan(quadratic_kappa(np.full(8, 2), np.full(8, 2)))


def test_brier_by_hand() -> None:
    assert brier_score(np.array([True, False]), np.array([0.8, 0.4])) == pytest.approx(0.1, abs=TIGHT)


def test_calibration_error_by_hand() -> None:
    truth = np.array([False, True, True, False, True])
    score = np.array([0.05, 0.02, 0.97, 0.91, 1.0])
    # bin 0: share 1/2, mean .035; bin 9 (with 1.0): share 2/3, mean .96
    by_hand = 2 / 5 * abs(1 / 2 - 0.035) + 3 / 5 * abs(2 / 3 - 0.96)
    assert calibration_error(truth, score) == pytest.approx(by_hand, abs=TIGHT)


def test_calibration_of_a_constant() -> None:
    assert calibration_error(TRUTH, np.full(8, 0.5)) == pytest.approx(0.0, abs=TIGHT)
    assert calibration_error(TRUTH, np.ones(8)) == pytest.approx(0.5, abs=TIGHT)


def test_bins_have_equal_width() -> None:
    assert list(calibration_bin(np.array([0.0, 0.0999, 0.1, 0.95, 1.0]))) == [0, 0, 1, 9, 9]
