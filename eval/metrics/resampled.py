"""The measures of ``classification`` over many bootstrap resamples at once.

scikit-learn scores one resample per call; a thousand of them for every measure and slice would take
minutes. The tests hold these to scikit-learn's ``sample_weight`` results.
"""

import numpy as np

from eval.metrics.classification import CALIBRATION_BINS, calibration_bin
from eval.metrics.intervals import BoolArray, FloatArray, IntArray, Statistic

_TOLERANCE = 1e-12


class WeightedRanking:
    """Rows sorted by score once; each method takes weights (resamples, n)."""

    def __init__(self, truth: BoolArray, score: FloatArray) -> None:
        self._order = np.argsort(-score, kind="stable")
        ranked = score[self._order]
        self._truth = truth[self._order].astype(np.float64)
        self._ends = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)

    def counts(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """True and false alarms at each distinct threshold, from the strictest: (resamples, k)."""
        ranked = weights[:, self._order]
        hits = np.cumsum(ranked * self._truth, axis=1)[:, self._ends]
        alarms = np.cumsum(ranked, axis=1)[:, self._ends]
        return hits, alarms - hits

    def area_under_roc(self, weights: FloatArray) -> FloatArray:
        """Area under the ROC curve by trapezoids."""
        hits, false_alarms = self.counts(weights)
        steps = np.diff(false_alarms, axis=1, prepend=0.0)
        before = np.concatenate([np.zeros((len(hits), 1)), hits[:, :-1]], axis=1)
        return _divide((steps * (hits + before) / 2).sum(axis=1), hits[:, -1] * false_alarms[:, -1])

    def average_precision(self, weights: FloatArray) -> FloatArray:
        """Average precision; NaN where a resample holds one class only."""
        hits, false_alarms = self.counts(weights)
        alarms = hits + false_alarms
        precision = np.divide(hits, alarms, out=np.zeros_like(hits), where=alarms > 0)
        total = (np.diff(hits, axis=1, prepend=0.0) * precision).sum(axis=1)
        return np.where(false_alarms[:, -1] > 0, _divide(total, hits[:, -1]), np.nan)

    def recall_at(self, false_alarm_rate: float) -> Statistic:
        """The statistic of the best recall within a share of false alarms."""

        def statistic(weights: FloatArray) -> FloatArray:
            hits, false_alarms = self.counts(weights)
            allowed = false_alarms <= (false_alarm_rate + _TOLERANCE) * false_alarms[:, -1:]
            best = np.where(allowed, hits, 0.0).max(axis=1)
            return np.where(false_alarms[:, -1] > 0, _divide(best, hits[:, -1]), np.nan)

        return statistic


class WeightedConfusion:
    """Confusion counts of ``classes`` true and ``classes + 1`` predicted values (the last: none)."""

    def __init__(self, truth: IntArray, predicted: IntArray, *, classes: int) -> None:
        self._shape = (classes, classes + 1)
        self._cells = np.zeros((truth.size, classes * (classes + 1)))
        self._cells[np.arange(truth.size), truth * (classes + 1) + predicted] = 1.0
        self._present = np.unique(truth)

    def counts(self, weights: FloatArray) -> FloatArray:
        """Counts (resamples, true class, predicted class)."""
        return (weights @ self._cells).reshape(-1, *self._shape)

    def macro_f1(self, weights: FloatArray) -> FloatArray:
        """Mean F1 over the classes of the whole sample that the resample still holds."""
        each = np.stack([self.f1_of(int(kind))(weights) for kind in self._present])
        seen = ~np.isnan(each)
        return _divide(np.where(seen, each, 0.0).sum(axis=0), seen.sum(axis=0).astype(np.float64))

    def f1_of(self, kind: int) -> Statistic:
        """The statistic of one class's F1."""

        def statistic(weights: FloatArray) -> FloatArray:
            counts = self.counts(weights)
            support, alarms = counts[:, kind, :].sum(axis=1), counts[:, :, kind].sum(axis=1)
            found = _divide(2 * counts[:, kind, kind], support + alarms)
            return np.where(support > 0, found, np.nan)

        return statistic

    def quadratic_kappa(self, weights: FloatArray) -> FloatArray:
        """Cohen's kappa with quadratic weights; every row must have a predicted class."""
        classes = self._shape[0]
        counts = self.counts(weights)[:, :, :classes]
        distance = np.square(np.subtract.outer(np.arange(classes), np.arange(classes))).astype(np.float64)
        total = counts.sum(axis=(1, 2))
        chance = np.einsum("ri,rj,ij->r", counts.sum(axis=2), counts.sum(axis=1), distance)
        return 1.0 - _divide((counts * distance).sum(axis=(1, 2)) * total, chance)


class WeightedCalibration:
    """Distances between probability and outcome."""

    def __init__(self, truth: BoolArray, score: FloatArray) -> None:
        self._squares = np.square(truth - score)
        self._gaps = np.zeros((truth.size, CALIBRATION_BINS))
        self._gaps[np.arange(truth.size), calibration_bin(score)] = truth - score

    def brier_score(self, weights: FloatArray) -> FloatArray:
        """Mean squared distance."""
        return _divide(weights @ self._squares, weights.sum(axis=1))

    def calibration_error(self, weights: FloatArray) -> FloatArray:
        """Expected calibration error."""
        return _divide(np.abs(weights @ self._gaps).sum(axis=1), weights.sum(axis=1))


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    undefined = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)
