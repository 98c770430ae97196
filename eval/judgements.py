"""Answers set against labels, as arrays over the rows where the label is known.

A row that got no answer counts as wrong in every measure: silence is never scored as safety.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.answers import Answer, RowAnswer
from eval.dataset import Sample
from eval.metrics.conversations import Course
from eval.metrics.intervals import BoolArray, FloatArray, IntArray
from triage.labels import CATEGORIES, ESCALATION_LEVEL, SIGNALS, RiskLevel, Signal

NO_CATEGORY = len(CATEGORIES)
"""The predicted class of a row without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Alarm (转高危坐席) or none; ``rows`` are the positions of the rows in the dataset."""

    truth: BoolArray
    raised: BoolArray
    score: FloatArray
    groups: IntArray
    rows: IntArray

    def subset(self, rows: IntArray) -> "Alarms":
        """Only the given rows of the dataset."""
        kept = np.isin(self.rows, rows)
        return Alarms(
            truth=self.truth[kept],
            raised=self.raised[kept],
            score=self.score[kept],
            groups=self.groups[kept],
            rows=self.rows[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChoices:
    """The category as a position in ``CATEGORIES``; ``accepted`` is true for one in ``also``, too."""

    truth: IntArray
    predicted: IntArray
    accepted: BoolArray
    groups: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalChoices:
    """Signals as columns in the order of ``SIGNALS``."""

    truth: BoolArray
    predicted: BoolArray
    groups: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChoices:
    """Levels 0 to 4, and whether the system raised an alarm for the row."""

    truth: IntArray
    predicted: IntArray
    raised: BoolArray
    groups: IntArray


def group_codes(samples: Sequence[Sample]) -> IntArray:
    """A whole number for each sample; the same for rows that belong together."""
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(sample.group, len(codes)) for sample in samples], dtype=np.int64)


def judge_alarms(samples: Sequence[Sample], answers: Sequence[RowAnswer | None]) -> Alarms:
    """Alarms against ``labels.escalate``."""
    rows = _known([sample.labels.escalate for sample in samples])
    truth = np.array([samples[row].labels.escalate for row in rows], dtype=np.bool_)
    finals = [_final(answers[row]) for row in rows]
    return Alarms(
        truth=truth,
        raised=_flags([f.escalate if f else not t for f, t in zip(finals, truth, strict=True)]),
        score=np.array(
            [f.risk_score if f else float(not t) for f, t in zip(finals, truth, strict=True)],
            dtype=np.float64,
        ),
        groups=group_codes(samples)[rows],
        rows=rows,
    )


def judge_categories(samples: Sequence[Sample], answers: Sequence[RowAnswer | None]) -> CategoryChoices:
    """Categories against ``labels.category`` and ``labels.also``."""
    rows = _known([sample.labels.category for sample in samples])
    labels = [samples[row].labels for row in rows]
    finals = [_final(answers[row]) for row in rows]
    truth = [CATEGORIES.index(label.category) for label in labels if label.category is not None]
    predicted = [CATEGORIES.index(final.category) if final else NO_CATEGORY for final in finals]
    accepted = [
        final is not None and final.category in {label.category, *label.also}
        for label, final in zip(labels, finals, strict=True)
    ]
    return CategoryChoices(
        truth=np.array(truth, dtype=np.int64),
        predicted=np.array(predicted, dtype=np.int64),
        accepted=_flags(accepted),
        groups=group_codes(samples)[rows],
    )


def judge_signals(samples: Sequence[Sample], answers: Sequence[RowAnswer | None]) -> SignalChoices:
    """Signals against ``labels.signals``."""
    rows = _known([sample.labels.signals for sample in samples])
    truth = np.array([_columns(samples[row].labels.signals) for row in rows], dtype=np.bool_)
    truth = truth.reshape(-1, len(SIGNALS))
    predicted = ~truth
    for position, row in enumerate(rows):
        final = _final(answers[row])
        if final is not None:
            predicted[position] = _columns(final.signals)
    return SignalChoices(truth=truth, predicted=predicted, groups=group_codes(samples)[rows])


def judge_levels(samples: Sequence[Sample], answers: Sequence[RowAnswer | None]) -> LevelChoices:
    """Levels against ``labels.level``; no answer counts as the far end of the scale."""
    rows = _known([sample.labels.level for sample in samples])
    truth = np.array([samples[row].labels.level for row in rows], dtype=np.int64)
    finals = [_final(answers[row]) for row in rows]
    far_end = np.where(truth >= ESCALATION_LEVEL, min(RiskLevel), max(RiskLevel))
    predicted = [int(f.level) if f else int(far) for f, far in zip(finals, far_end, strict=True)]
    return LevelChoices(
        truth=truth,
        predicted=np.array(predicted, dtype=np.int64),
        raised=_flags([final is not None and final.escalate for final in finals]),
        groups=group_codes(samples)[rows],
    )


def follow_courses(samples: Sequence[Sample], answers: Sequence[RowAnswer | None]) -> list[Course]:
    """Conversations whose disclosing turn is known, or that are labelled benign.

    No answer counts as no alarm where one was due, and as a false one where none was.
    """
    courses: list[Course] = []
    for sample, answer, group in zip(samples, answers, group_codes(samples), strict=True):
        escalate = sample.labels.escalate
        if not sample.row.is_conversation or escalate is None or (escalate and sample.disclosure is None):
            continue
        unanswered = (not escalate,) * len(sample.row.youth_indices)
        alarms = unanswered if answer is None else tuple(turn.escalate for turn in answer.turns)
        disclosure = sample.disclosure if escalate else None
        courses.append(Course(disclosure=disclosure, alarms=alarms, group=int(group)))
    return courses


def _known(labels: Sequence[object]) -> IntArray:
    return np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)


def _final(answer: RowAnswer | None) -> Answer | None:
    return None if answer is None else answer.final


def _columns(signals: frozenset[Signal] | None) -> list[bool]:
    return [signals is not None and signal in signals for signal in SIGNALS]


def _flags(values: Sequence[bool | np.bool_]) -> BoolArray:
    return np.array(values, dtype=np.bool_)
