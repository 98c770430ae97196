"""Measures with intervals for one system: alarms, categories, signals, levels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eval.judgements import Alarms, CategoryChoices, LevelChoices, SignalChoices
from eval.metrics import classification
from eval.metrics.estimate import Estimate, not_measured
from eval.metrics.intervals import (
    BoolArray,
    FloatArray,
    IntArray,
    Statistic,
    bootstrap,
    estimate_bootstrapped,
    estimate_share,
)
from eval.metrics.resampled import WeightedCalibration, WeightedConfusion, WeightedRanking
from triage.labels import CATEGORIES, ESCALATION_LEVEL, LEVELS, SIGNALS, RiskLevel

UNLABELLED = "the dataset holds no labels for it"
ONE_CLASS = "needs rows with danger and rows without"
NO_PROBABILITY = "its score ranks texts and is no probability"
RANKING_RATES = {"recall_at_3": 0.03, "recall_at_5": 0.05}
"""Recall is also given at these shares of false alarms, so that systems compare at equal cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Estimates by measure, and the resamples behind those that were bootstrapped."""

    estimates: Mapping[str, Estimate]
    replicates: Mapping[str, FloatArray]


def measure_ranking(alarms: Alarms) -> Measured:
    """How well the score ranks danger above the rest, whatever the threshold."""
    names = ("auc", "average_precision", *RANKING_RATES)
    truth, score = alarms.truth, alarms.score
    if not classification.has_both_classes(truth):
        return _unmeasured(names, UNLABELLED if truth.size == 0 else ONE_CLASS, n=truth.size)
    ranking = WeightedRanking(truth, score)
    return _resample(
        points={
            "auc": classification.area_under_roc(truth, score),
            "average_precision": classification.average_precision(truth, score),
            **{
                name: classification.recall_at(truth, score, false_alarm_rate=rate)
                for name, rate in RANKING_RATES.items()
            },
        },
        statistics={
            "auc": ranking.area_under_roc,
            "average_precision": ranking.average_precision,
            **{name: ranking.recall_at(rate) for name, rate in RANKING_RATES.items()},
        },
        groups=alarms.groups,
    )


def measure_calibration(alarms: Alarms, *, gives_probability: bool) -> Measured:
    """How far the score is from the probability that it claims to be."""
    names = ("ece", "brier")
    if alarms.truth.size == 0:
        return _unmeasured(names, UNLABELLED, n=0)
    if not gives_probability:
        return _unmeasured(names, NO_PROBABILITY, n=alarms.truth.size)
    weighted = WeightedCalibration(alarms.truth, alarms.score)
    return _resample(
        points={
            "ece": classification.calibration_error(alarms.truth, alarms.score),
            "brier": classification.brier_score(alarms.truth, alarms.score),
        },
        statistics={"ece": weighted.calibration_error, "brier": weighted.brier_score},
        groups=alarms.groups,
    )


def measure_alarm_use(alarms: Alarms) -> dict[str, Estimate]:
    """Recall, false alarms and precision of the alarms as they are raised in service."""
    danger, raised, groups = alarms.truth, alarms.raised, alarms.groups
    if danger.size == 0:
        return dict.fromkeys(("recall", "false_alarm_rate", "precision"), not_measured(UNLABELLED))
    return {
        "recall": _share_or(raised[danger], groups[danger], "no row is in danger"),
        "false_alarm_rate": _share_or(raised[~danger], groups[~danger], "every row is in danger"),
        "precision": _share_or(danger[raised], groups[raised], "no alarm was raised"),
    }


def measure_categories(choices: CategoryChoices) -> Measured:
    """F1 of the categories; those without a row in the dataset are left out of the mean."""
    names = ("macro_f1", "accuracy", "accuracy_with_also", *(f"f1_{kind}" for kind in CATEGORIES))
    truth, predicted, groups = choices.truth, choices.predicted, choices.groups
    if truth.size == 0:
        return _unmeasured(names, UNLABELLED, n=0)
    confusion = WeightedConfusion(truth, predicted, classes=len(CATEGORIES))
    points = {"macro_f1": classification.macro_f1(truth, predicted)}
    statistics: dict[str, Statistic] = {"macro_f1": confusion.macro_f1}
    support = {"macro_f1": int(truth.size)}
    for kind, category in enumerate(CATEGORIES):
        name = f"f1_{category}"
        points[name] = classification.f1_of(truth == kind, predicted == kind)
        statistics[name] = confusion.f1_of(kind)
        support[name] = int((truth == kind).sum())
    measured = _resample(points=points, statistics=statistics, groups=groups, support=support)
    shares = {
        "accuracy": estimate_share(truth == predicted, groups=groups),
        "accuracy_with_also": estimate_share(choices.accepted, groups=groups),
    }
    return Measured(estimates={**measured.estimates, **shares}, replicates=measured.replicates)


def count_confusion(choices: CategoryChoices) -> list[list[int]]:
    """Rows by true and predicted category; the last column counts rows without an answer."""
    counts = np.zeros((len(CATEGORIES), len(CATEGORIES) + 1), dtype=np.int64)
    np.add.at(counts, (choices.truth, choices.predicted), 1)
    return [[int(count) for count in row] for row in counts]


def measure_signals(choices: SignalChoices) -> dict[str, dict[str, Estimate]]:
    """Recall and precision of each signal."""
    measured: dict[str, dict[str, Estimate]] = {}
    for column, signal in enumerate(SIGNALS):
        truth, predicted = choices.truth[:, column], choices.predicted[:, column]
        reason = UNLABELLED if truth.size == 0 else "no row carries it"
        measured[signal.value] = {
            "recall": _share_or(predicted[truth], choices.groups[truth], reason),
            "precision": _share_or(truth[predicted], choices.groups[predicted], "it was never reported"),
        }
    return measured


def measure_levels(choices: LevelChoices) -> Measured:
    """Agreement on the level, and how often a dangerous one is rated too low."""
    truth, predicted, groups = choices.truth, choices.predicted, choices.groups
    if truth.size == 0:
        return _unmeasured(("kappa", "exact", "rated_too_low"), UNLABELLED, n=0)
    confusion = WeightedConfusion(truth, predicted, classes=len(LEVELS))
    measured = _resample(
        points={"kappa": classification.quadratic_kappa(truth, predicted)},
        statistics={"kappa": confusion.quadratic_kappa},
        groups=groups,
    )
    danger = truth >= ESCALATION_LEVEL
    shares = {
        "exact": estimate_share(truth == predicted, groups=groups),
        "rated_too_low": _share_or(
            (predicted < truth)[danger], groups[danger], f"no row has level {ESCALATION_LEVEL:d} or more"
        ),
    }
    return Measured(estimates={**measured.estimates, **shares}, replicates=measured.replicates)


def measure_recall_by_level(choices: LevelChoices) -> dict[str, Estimate]:
    """Share of rows that raised an alarm, for each true level that may call for one."""
    reason = UNLABELLED if choices.truth.size == 0 else "no row has this level"
    return {
        level.name.lower(): _share_or(
            choices.raised[choices.truth == level], choices.groups[choices.truth == level], reason
        )
        for level in RiskLevel
        if level >= ESCALATION_LEVEL
    }


def _share_or(hits: BoolArray, groups: IntArray, reason: str) -> Estimate:
    return estimate_share(hits, groups=groups) if hits.size else not_measured(reason)


def _unmeasured(names: tuple[str, ...], reason: str, *, n: int) -> Measured:
    return Measured(estimates={name: not_measured(reason, n=n) for name in names}, replicates={})


def _resample(
    *,
    points: Mapping[str, float],
    statistics: Mapping[str, Statistic],
    groups: IntArray,
    support: Mapping[str, int] | None = None,
) -> Measured:
    replicates = bootstrap(statistics, groups=groups)
    sizes = support or {}
    estimates = {
        name: estimate_bootstrapped(value, replicates[name], n=sizes.get(name, int(groups.size)))
        for name, value in points.items()
    }
    return Measured(estimates=estimates, replicates=replicates)
