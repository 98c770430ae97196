"""Do live scores still look like those the thresholds were chosen on? (漂移检查)

Live traffic holds far less danger than a calibration set, so the two are never compared as they
stand. The live histogram is explained as a mixture of the calibration set's parts (danger, texts
written to be mistaken for it, ordinary talk) in whatever shares fit best; what no shares explain
is drift. Shares by expectation maximisation (Saerens, Latinne & Decaestecker 2002).
"""

import math
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EDGES: tuple[float, ...] = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)
"""Edges between the bins of a score in 0..1, finer where most scores lie."""
BINS = len(EDGES) + 1
ENOUGH = 200
"""Scores below which nothing is said."""
WINDOW = 2000
"""Newest scores that are looked at: about a day of a provincial line."""
FAR = 0.10
"""Share of scores that would have to lie elsewhere (total variation) before it is called drift."""
_STEPS = 200
_SMOOTH = 0.5

FloatArray = npt.NDArray[np.float64]


def count_bins(scores: Sequence[float]) -> list[int]:
    """How many scores lie in each bin."""
    found = np.bincount(np.searchsorted(EDGES, scores, side="right"), minlength=BINS)
    return [int(count) for count in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """``distance`` is the share of ``n`` scores that no mixture explains; ``expected`` is what chance gives.

    ``shares`` is the mixture that fits best, by part.
    """

    n: int
    distance: float
    expected: float
    shares: Mapping[str, float]

    @property
    def enough(self) -> bool:
        """Whether there are enough scores to say anything."""
        return self.n >= ENOUGH

    @property
    def drifted(self) -> bool:
        """Whether the scores no longer look like calibration."""
        return self.enough and self.distance > max(FAR, 2 * self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReference:
    """Counts by bin of each part of the calibration set's escalate scores."""

    parts: Mapping[str, Sequence[int]]

    def compare(self, counts: Sequence[int]) -> DriftReport:
        """How well the parts explain live counts by bin."""
        live = np.asarray(counts, dtype=np.float64)
        total = float(live.sum())
        if not total or not self.parts:
            return DriftReport(n=int(total), distance=0.0, expected=0.0, shares={})
        known = np.array([_smooth(part) for part in self.parts.values()])
        shares = _fit(known, live / total)
        fitted = shares @ known
        distance = 0.5 * float(np.abs(live / total - fitted).sum())
        # Mean of |N(0, p(1-p)/n)| summed over the bins: what sampling alone would show.
        chance = 0.5 * float(np.sqrt(2 / math.pi * fitted * (1 - fitted) / total).sum())
        named = {name: float(share) for name, share in zip(self.parts, shares, strict=True)}
        return DriftReport(n=int(total), distance=distance, expected=chance, shares=named)


NO_REFERENCE = ScoreReference(parts={})
"""Of a model that was calibrated without one: nothing can be said of drift."""


def _smooth(counts: Sequence[int]) -> FloatArray:
    raised = np.asarray(counts, dtype=np.float64) + _SMOOTH
    smooth: FloatArray = raised / raised.sum()
    return smooth


def _fit(known: FloatArray, live: FloatArray) -> FloatArray:
    shares: FloatArray = np.full(len(known), 1.0 / len(known))
    for _ in range(_STEPS):
        blamed = shares[:, None] * known
        blamed /= blamed.sum(axis=0, keepdims=True)
        shares = (blamed * live).sum(axis=1)
    return shares


class DriftMonitor:
    """Keeps the newest scores of one process and compares them on demand; never a text. Thread-safe."""

    def __init__(self, reference: ScoreReference, *, window: int = WINDOW) -> None:
        self._reference = reference
        self._bins: deque[int] = deque(maxlen=window)
        self._lock = threading.Lock()

    def add(self, score: float) -> None:
        """Take in the classifier's escalate score of one message."""
        found = int(np.searchsorted(EDGES, score, side="right"))
        with self._lock:
            self._bins.append(found)

    def report(self) -> DriftReport:
        """How the newest scores compare."""
        with self._lock:
            bins = list(self._bins)
        return self._reference.compare(np.bincount(np.array(bins, dtype=np.int64), minlength=BINS).tolist())
