"""From raw scores to probabilities that mean what they say.

Network and n-gram logits are mixed, then each head is calibrated on texts that neither was trained
on: Platt scaling (Platt 1999) for yes/no heads, temperature (Guo et al. 2017) for category and subject.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.classifier.base import Prediction, Thresholds
from triage.drift import BINS, ScoreReference
from triage.errors import ArtefactError
from triage.labels import CATEGORIES, LEVELS, SIGNALS, SUBJECTS, RiskLevel, Signal

FloatArray = npt.NDArray[np.float32]
_C, _S, _L, _U = len(CATEGORIES), len(SIGNALS), len(LEVELS) - 1, len(SUBJECTS)
NETWORK_OUTPUTS = _C + _S + _L + _U + 1
"""Categories, signals, levels, subjects and escalate, in this order."""
CATEGORY_OUTPUTS = slice(0, _C)
SIGNAL_OUTPUTS = slice(_C, _C + _S)
LEVEL_OUTPUTS = slice(SIGNAL_OUTPUTS.stop, SIGNAL_OUTPUTS.stop + _L)
SUBJECT_OUTPUTS = slice(LEVEL_OUTPUTS.stop, LEVEL_OUTPUTS.stop + _U)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A calibrated probability: ``sigmoid(slope * logit + offset)``."""

    slope: float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the scores of an artefact are mixed, calibrated and cut.

    ``mix`` holds the n-gram model's share per head (category, signals, escalate), in 0..1.
    """

    mix: Mapping[str, float]
    category_temperature: float
    subject_temperature: float
    signals: Mapping[Signal, Line]
    levels: Mapping[RiskLevel, Line]
    escalate: Line
    thresholds: Thresholds

    def calibrate(self, network: FloatArray, ngrams: FloatArray) -> list[Prediction]:
        """Predictions from network logits (texts, NETWORK_OUTPUTS) and n-gram logits (texts, 12)."""
        category, signals, escalate = mix_logits(network, ngrams, self.mix)
        levels = network[:, LEVEL_OUTPUTS]
        categories = _share(category / self.category_temperature)
        subjects = _share(network[:, SUBJECT_OUTPUTS] / self.subject_temperature)
        return [
            Prediction(
                category_scores=dict(zip(CATEGORIES, map(float, categories[row]), strict=True)),
                signal_scores={s: _apply(self.signals[s], signals[row, i]) for i, s in enumerate(SIGNALS)},
                level_scores=self._level_scores(levels[row]),
                subject_scores=dict(zip(SUBJECTS, map(float, subjects[row]), strict=True)),
                escalate_score=_apply(self.escalate, escalate[row]),
            )
            for row in range(len(network))
        ]

    def _level_scores(self, logits: FloatArray) -> dict[RiskLevel, float]:
        """P(level >= k), made to fall with k."""
        scores: dict[RiskLevel, float] = {}
        ceiling = 1.0
        for index, level in enumerate(LEVELS[1:]):
            ceiling = min(ceiling, _apply(self.levels[level], logits[index]))
            scores[level] = ceiling
        return scores


def _share(logits: FloatArray) -> FloatArray:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: FloatArray = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def mix_logits(
    network: FloatArray, ngrams: FloatArray, mix: Mapping[str, float]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted means of both models' logits: category (n, 4), signals (n, 7), escalate (n,)."""

    def join(head: str, ours: FloatArray, theirs: FloatArray) -> FloatArray:
        return (1.0 - mix[head]) * ours + mix[head] * theirs

    return (
        join("category", network[:, CATEGORY_OUTPUTS], ngrams[:, CATEGORY_OUTPUTS]),
        join("signals", network[:, SIGNAL_OUTPUTS], ngrams[:, SIGNAL_OUTPUTS]),
        join("escalate", network[:, -1], ngrams[:, -1]),
    )


def _apply(line: Line, logit: np.floating[Any] | float) -> float:
    value = line.slope * float(logit) + line.offset
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))


def load_calibration(path: Path, *, uncalibrated: bool = False) -> Calibration:
    """Read ``calibration.json``; raises ``ArtefactError`` when it is broken or could silence a score.

    ``uncalibrated`` accepts the identity that stands there before an artefact is calibrated.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        calibration = _parse_calibration(raw)
        fitted = int(raw["fitted_on"]["n"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{path.name}: {error!r}") from error
    if fitted <= 0 and not uncalibrated:
        raise ArtefactError(f"{path.name}: the artefact was never calibrated")
    _check_calibration(calibration, path)
    return calibration


def _parse_calibration(raw: dict[str, Any]) -> Calibration:
    cuts = raw["thresholds"]
    return Calibration(
        mix={head: float(raw["mix"][head]) for head in ("category", "signals", "escalate")},
        category_temperature=float(raw["category_temperature"]),
        subject_temperature=float(raw["subject_temperature"]),
        signals={signal: Line(**raw["signals"][signal.value]) for signal in SIGNALS},
        levels={level: Line(**raw["levels"][level.name]) for level in LEVELS[1:]},
        escalate=Line(**raw["escalate"]),
        thresholds=Thresholds(
            escalate=float(cuts["escalate"]),
            review=float(cuts["review"]),
            signals={signal: float(cuts["signals"][signal.value]) for signal in SIGNALS},
            levels={level: float(cuts["levels"][level.name]) for level in LEVELS[1:]},
            reference=_parse_reference(raw.get("reference", {})),
        ),
    )


def _parse_reference(raw: object) -> ScoreReference:
    if not isinstance(raw, dict):
        raise ValueError("the reference must be a mapping")
    if any(len(counts) != BINS or min(counts) < 0 for counts in raw.values()):
        raise ValueError(f"each part of the reference needs {BINS} counts")
    return ScoreReference(parts={str(name): tuple(map(int, counts)) for name, counts in raw.items()})


def _check_calibration(calibration: Calibration, path: Path) -> None:
    cuts = calibration.thresholds
    lines = [*calibration.signals.values(), *calibration.levels.values(), calibration.escalate]
    shares = [*cuts.signals.values(), *cuts.levels.values(), cuts.escalate, cuts.review]
    if not all(0.0 <= share <= 1.0 for share in calibration.mix.values()):
        raise ArtefactError(f"{path.name}: mixing shares must lie in 0..1")
    temperatures = (calibration.category_temperature, calibration.subject_temperature)
    if not all(0.0 < temperature < math.inf for temperature in temperatures):
        raise ArtefactError(f"{path.name}: the temperatures must be positive numbers")
    if not all(0.0 < line.slope < math.inf and math.isfinite(line.offset) for line in lines):
        raise ArtefactError(f"{path.name}: slopes must be positive and offsets finite numbers")
    if not all(0.0 < share < 1.0 for share in shares):
        raise ArtefactError(f"{path.name}: thresholds must lie between 0 and 1")
    if cuts.review > cuts.escalate:
        raise ArtefactError(f"{path.name}: the review threshold must not exceed the alarm's")
