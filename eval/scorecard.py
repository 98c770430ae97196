"""Everything measured of one system on one dataset, and its distance from another system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from eval.dataset import Sample
from eval.judgements import (
    Alarms,
    CategoryChoices,
    follow_courses,
    group_codes,
    judge_alarms,
    judge_categories,
    judge_levels,
    judge_signals,
)
from eval.measures import (
    count_confusion,
    measure_alarm_use,
    measure_calibration,
    measure_categories,
    measure_levels,
    measure_ranking,
    measure_recall_by_level,
    measure_signals,
)
from eval.metrics.conversations import ConversationMeasures, measure_conversations
from eval.metrics.estimate import Estimate, not_measured
from eval.metrics.intervals import FloatArray, estimate_bootstrapped, estimate_share
from eval.metrics.prevalence import Workload, measure_workload
from eval.systems import System

COMPARED = ("auc", "average_precision", "recall_at_3", "recall_at_5", "macro_f1", "kappa")
"""Measures whose difference between two systems is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One system's measures; ``replicates`` are the resamples behind the bootstrapped ones."""

    key: str
    title: str
    escalate: Mapping[str, Estimate]
    recall_by_level: Mapping[str, Estimate]
    category: Mapping[str, Estimate]
    confusion: Sequence[Sequence[int]]
    signals: Mapping[str, Mapping[str, Estimate]]
    level: Mapping[str, Estimate]
    workload: Workload
    conversations: ConversationMeasures
    degraded: Estimate
    unanswered: int
    alarms: Alarms = field(repr=False)
    replicates: Mapping[str, FloatArray] = field(repr=False)

    def estimate(self, name: str) -> Estimate:
        """A bootstrapped estimate by its name."""
        return {**self.escalate, **self.category, **self.level}[name]


def score_system(system: System, samples: Sequence[Sample]) -> Scorecard:
    """Measure one system's answers against the labels."""
    alarms = judge_alarms(samples, system.answers)
    categories: CategoryChoices = judge_categories(samples, system.answers)
    levels = judge_levels(samples, system.answers)
    ranking = measure_ranking(alarms)
    calibration = measure_calibration(alarms, gives_probability=system.gives_probability)
    by_category, by_level = measure_categories(categories), measure_levels(levels)
    use = measure_alarm_use(alarms)
    return Scorecard(
        key=system.key,
        title=system.title,
        escalate={**ranking.estimates, **use, **calibration.estimates},
        recall_by_level=measure_recall_by_level(levels),
        category=by_category.estimates,
        confusion=count_confusion(categories),
        signals=measure_signals(judge_signals(samples, system.answers)),
        level=by_level.estimates,
        workload=measure_workload(use["recall"], use["false_alarm_rate"]),
        conversations=measure_conversations(follow_courses(samples, system.answers)),
        degraded=_measure_degraded(system, samples),
        unanswered=sum(answer is None for answer in system.answers),
        alarms=alarms,
        replicates={**ranking.replicates, **by_category.replicates, **by_level.replicates},
    )


def compare_scorecards(first: Scorecard, second: Scorecard) -> dict[str, Estimate]:
    """First minus second for each compared measure, resample by resample on the same rows."""
    differences: dict[str, Estimate] = {}
    for name in COMPARED:
        one, other = first.estimate(name), second.estimate(name)
        if one.value is None or other.value is None:
            differences[name] = not_measured("needs a value of both systems")
        else:
            paired = first.replicates[name] - second.replicates[name]
            differences[name] = estimate_bootstrapped(one.value - other.value, paired, n=one.n)
    return differences


def _measure_degraded(system: System, samples: Sequence[Sample]) -> Estimate:
    degraded = [answer is not None and answer.final.degraded for answer in system.answers]
    return estimate_share(np.array(degraded, dtype=np.bool_), groups=group_codes(samples))
