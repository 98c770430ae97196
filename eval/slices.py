"""The same alarm, looked at part by part: where the service sees less than its average."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eval.dataset import Sample
from eval.judgements import Alarms
from eval.lengths import length_slice
from eval.measures import measure_alarm_use, measure_ranking
from eval.metrics.estimate import Estimate
from triage.labels import SIGNALS

FEWEST_POSITIVES = 30
"""Below this many rows in danger a slice's recall says little, and is marked."""
FEWEST_ROWS = 5
"""A smaller slice is left out: it would point at single rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One part of the dataset; ``is_small`` warns that it holds too few rows in danger."""

    key: str
    value: str
    n: int
    positives: int
    is_small: bool
    recall: Estimate
    false_alarm_rate: Estimate
    auc: Estimate


def measure_slices(samples: Sequence[Sample], alarms: Alarms) -> list[Slice]:
    """Every slice with at least five labelled rows, by key, the largest first."""
    members: dict[tuple[str, str], list[int]] = {}
    for row in alarms.rows:
        for name in dict.fromkeys(slices_of(samples[row])):
            members.setdefault(name, []).append(int(row))
    keys = list(dict.fromkeys(key for key, _ in members))
    found = [
        _measure(key, value, alarms.subset(np.array(rows, dtype=np.int64)))
        for (key, value), rows in members.items()
        if len(rows) >= FEWEST_ROWS
    ]
    return sorted(found, key=lambda each: (keys.index(each.key), -each.n, each.value))


def slices_of(sample: Sample) -> Iterator[tuple[str, str]]:
    """The slices a sample belongs to: those of its file, and those that every sample has."""
    yield "kind", "conversation" if sample.row.is_conversation else "text"
    yield "length", length_slice(len(sample.row.youth_text))
    if sample.labels.subject is not None:
        yield "subject", sample.labels.subject.value
    if sample.labels.category is not None:
        yield "category", sample.labels.category.value
    for signal in SIGNALS:
        if sample.labels.signals and signal in sample.labels.signals:
            yield "signal", signal.value
    for key, values in sample.slices.items():
        for value in values:
            yield key, value


def _measure(key: str, value: str, alarms: Alarms) -> Slice:
    use = measure_alarm_use(alarms)
    positives = int(alarms.truth.sum())
    return Slice(
        key=key,
        value=value,
        n=int(alarms.truth.size),
        positives=positives,
        is_small=positives < FEWEST_POSITIVES,
        recall=use["recall"],
        false_alarm_rate=use["false_alarm_rate"],
        auc=measure_ranking(alarms).estimates["auc"],
    )
