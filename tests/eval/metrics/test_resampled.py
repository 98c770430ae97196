"""The many-at-once measures must be those of scikit-learn with the same sample weights."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    roc_auc_score,
    roc_curve,
)

from eval.metrics import classification
from eval.metrics.intervals import FloatArray, draw_weights
from eval.metrics.resampled import WeightedCalibration, WeightedConfusion, WeightedRanking

TIGHT = 1e-9
RANDOM = np.random.default_rng(7)
N = 160
TRUTH = RANDOM.random(N) < 0.3
SCORE: FloatArray = np.round(np.clip(0.35 * TRUTH + RANDOM.random(N) * 0.65, 0, 1), 2).astype(np.float64)
WEIGHTS = np.concatenate(list(draw_weights(np.arange(N) // 2, resamples=25, seed=3)))
ONES = np.ones((1, N))
CLASSES = RANDOM.integers(0, 4, N)
CHOSEN = np.where(RANDOM.random(N) < 0.6, CLASSES, RANDOM.integers(0, 5, N))
LEVELS = RANDOM.integers(0, 5, N)
RATED = np.clip(LEVELS + RANDOM.integers(-1, 3, N), 0, 4)


def each(measure: object, *arguments: np.ndarray, **options: object) -> list[float]:
    return [float(measure(*arguments, sample_weight=row, **options)) for row in WEIGHTS]  # type: ignore[operator]


def test_area_under_roc() -> None:
    ranking = WeightedRanking(TRUTH, SCORE)
    assert ranking.area_under_roc(WEIGHTS) == pytest.approx(each(roc_auc_score, TRUTH, SCORE), abs=TIGHT)
    assert ranking.area_under_roc(ONES)[0] == pytest.approx(
        classification.area_under_roc(TRUTH, SCORE), abs=TIGHT
    )


def test_average_precision() -> None:
    ranking = WeightedRanking(TRUTH, SCORE)
    expected = each(average_precision_score, TRUTH, SCORE)
    assert ranking.average_precision(WEIGHTS) == pytest.approx(expected, abs=TIGHT)


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.05, 0.3, 1.0])
def test_recall_at(rate: float) -> None:
    found = WeightedRanking(TRUTH, SCORE).recall_at(rate)
    expected = []
    for row in WEIGHTS:
        wrong, right, _ = roc_curve(TRUTH, SCORE, sample_weight=row, drop_intermediate=False)
        expected.append(right[wrong <= rate + 1e-12].max())
    assert found(WEIGHTS) == pytest.approx(expected, abs=TIGHT)
    assert found(ONES)[0] == pytest.approx(
        classification.recall_at(TRUTH, SCORE, false_alarm_rate=rate), abs=TIGHT
    )


def test_macro_f1_and_f1_of_a_class() -> None:
    confusion = WeightedConfusion(CLASSES, CHOSEN, classes=4)
    expected = each(f1_score, CLASSES, CHOSEN, labels=range(4), average="macro", zero_division=0.0)
    assert confusion.macro_f1(WEIGHTS) == pytest.approx(expected, abs=TIGHT)
    assert confusion.macro_f1(ONES)[0] == pytest.approx(classification.macro_f1(CLASSES, CHOSEN), abs=TIGHT)
    of_two = each(f1_score, CLASSES == 2, CHOSEN == 2, zero_division=0.0)
    assert confusion.f1_of(2)(WEIGHTS) == pytest.approx(of_two, abs=TIGHT)


def test_quadratic_kappa() -> None:
    confusion = WeightedConfusion(LEVELS, RATED, classes=5)
    expected = each(cohen_kappa_score, LEVELS, RATED, weights="quadratic")
    assert confusion.quadratic_kappa(WEIGHTS) == pytest.approx(expected, abs=TIGHT)
    assert confusion.quadratic_kappa(ONES)[0] == pytest.approx(
        classification.quadratic_kappa(LEVELS, RATED), abs=TIGHT
    )


def test_brier() -> None:
    calibration = WeightedCalibration(TRUTH, SCORE)
    assert calibration.brier_score(WEIGHTS) == pytest.approx(each(brier_score_loss, TRUTH, SCORE), abs=TIGHT)


def test_calibration_error_of_a_resample_is_that_of_its_rows() -> None:
    found = WeightedCalibration(TRUTH, SCORE).calibration_error(WEIGHTS)
    for row, value in zip(WEIGHTS, found, strict=True):
        drawn = np.repeat(np.arange(N), row.astype(np.int64))
        assert value == pytest.approx(classification.calibration_error(TRUTH[drawn], SCORE[drawn]), abs=TIGHT)


def test_a_resample_with_one_class_is_undefined() -> None:
    ranking = WeightedRanking(TRUTH, SCORE)
    only_danger = np.where(TRUTH, 1.0, 0.0)[None, :]
    for weights in (only_danger, 1.0 - only_danger):
        assert np.isnan(ranking.area_under_roc(weights)).all()
        assert np.isnan(ranking.average_precision(weights)).all()
        assert np.isnan(ranking.recall_at(0.05)(weights)).all()


def test_a_class_that_a_resample_lost_is_left_out_of_the_mean() -> None:
    confusion = WeightedConfusion(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=4)
    assert confusion.macro_f1(np.array([[1.0, 1.0, 0.0]]))[0] == pytest.approx(2 / 3, abs=TIGHT)
