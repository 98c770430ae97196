"""Point values of the classification measures, from scikit-learn where it has them.

Every function answers NaN where the measure is undefined (one class only), never a flattering 1.
"""

import math

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    roc_auc_score,
    roc_curve,
)

from eval.metrics.intervals import BoolArray, FloatArray, IntArray

CALIBRATION_BINS = 10
_TOLERANCE = 1e-12


def has_both_classes(truth: BoolArray) -> bool:
    """Whether a ranking can be judged at all."""
    return bool(truth.any()) and not bool(truth.all())


def area_under_roc(truth: BoolArray, score: FloatArray) -> float:
    """Probability that a row in danger scores above one that is not; ties count half."""
    return float(roc_auc_score(truth, score)) if has_both_classes(truth) else math.nan


def average_precision(truth: BoolArray, score: FloatArray) -> float:
    """Mean precision over the recalls reached, without interpolation."""
    return float(average_precision_score(truth, score)) if has_both_classes(truth) else math.nan


def recall_at(truth: BoolArray, score: FloatArray, *, false_alarm_rate: float) -> float:
    """The best recall of any threshold that raises at most this share of false alarms."""
    if not has_both_classes(truth):
        return math.nan
    false_alarms, recalls, _ = roc_curve(truth, score, drop_intermediate=False)
    return float(recalls[false_alarms <= false_alarm_rate + _TOLERANCE].max())


def macro_f1(truth: IntArray, predicted: IntArray) -> float:
    """Mean F1 over the classes that occur in the truth; an unknown predicted class counts as wrong."""
    return float(f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0.0))


def f1_of(truth: BoolArray, predicted: BoolArray) -> float:
    """F1 of one class; NaN when it does not occur in the truth."""
    return float(f1_score(truth, predicted, zero_division=0.0)) if truth.any() else math.nan


def quadratic_kappa(truth: IntArray, predicted: IntArray) -> float:
    """Cohen's kappa with quadratic weights; NaN when truth and prediction are one same constant."""
    if np.unique(np.concatenate([truth, predicted])).size < 2:
        return math.nan
    return float(cohen_kappa_score(truth, predicted, weights="quadratic", labels=np.arange(5)))


def brier_score(truth: BoolArray, score: FloatArray) -> float:
    """Mean squared distance between probability and outcome."""
    return float(brier_score_loss(truth, score, pos_label=True))


def calibration_bin(score: FloatArray) -> IntArray:
    """The bin of equal width that each probability falls in; 1.0 belongs to the last one."""
    return np.minimum((score * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)


def calibration_error(truth: BoolArray, score: FloatArray) -> float:
    """Expected calibration error (ECE): mean |share in danger - mean score| of ten equal bins."""
    bins = calibration_bin(score)
    gaps = np.bincount(bins, weights=truth - score, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / truth.size)
