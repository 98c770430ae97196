"""What a classifier promises: calibrated scores for texts, one prediction per text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.drift import NO_REFERENCE, ScoreReference
from triage.labels import Category, RiskLevel, Signal, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Calibrated probabilities for one text, each in 0..1.

    ``category_scores`` sum to 1, ``subject_scores`` too; ``signal_scores`` are independent of one another;
    ``level_scores`` holds P(level >= k) for k = LOW..IMMINENT and falls with k;
    ``escalate_score`` is the probability that the high-risk desk must see the text now.
    """

    category_scores: Mapping[Category, float]
    signal_scores: Mapping[Signal, float]
    level_scores: Mapping[RiskLevel, float]
    subject_scores: Mapping[Subject, float]
    escalate_score: float


def is_sound(prediction: Prediction) -> bool:
    """Whether every score is a finite number: a score that is not one would compare as harmless."""
    scores = (
        *prediction.category_scores.values(),
        *prediction.signal_scores.values(),
        *prediction.level_scores.values(),
        *prediction.subject_scores.values(),
        prediction.escalate_score,
    )
    return all(map(math.isfinite, scores))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a score becomes a label: ``score >= threshold``. They travel with the artefact.

    ``review`` is the lower edge of the band below ``escalate`` in which the classifier is unsure
    and a person looks; ``levels[k]`` applies to P(level >= k); ``reference`` is how the escalate
    scores were spread where these were chosen.
    """

    escalate: float
    review: float
    signals: Mapping[Signal, float]
    levels: Mapping[RiskLevel, float]
    reference: ScoreReference = NO_REFERENCE


class Classifier(Protocol):
    """Anything that scores texts.

    Implementations raise ``triage.errors.ClassifierError`` when they cannot answer; they never
    return a guess in place of an answer.
    """

    @property
    def version(self) -> str:
        """Name and version of the artefact behind the scores, e.g. ``e5-small-zh/2026.11.24``."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds chosen for these scores when the artefact was calibrated."""
        ...

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Score original (not normalised) texts; the answer has one prediction per text, in order."""
        ...
