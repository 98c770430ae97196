"""The n-gram baseline (字符 n-gram 基线): characters 1 to 4, TF-IDF, logistic regression.

It learns from a labelled file in the format of ``run`` and is refitted each time: seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from eval.answers import Answer
from eval.dataset import Sample
from eval.metrics.intervals import BoolArray, FloatArray
from triage.labels import CATEGORIES, LEVELS, SIGNALS, Category, RiskLevel, Signal
from triage.normalize import normalize_text

THRESHOLD = 0.5
_SEED = 12355
_MAX_FEATURES = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """One yes-or-no question; ``model`` is None where training saw only one answer."""

    model: LogisticRegression | None
    share: float

    def score(self, features: csr_matrix) -> FloatArray:
        """The probability of yes for each row."""
        if self.model is None:
            return np.full(features.shape[0], self.share)
        return np.asarray(self.model.predict_proba(features)[:, 1], dtype=np.float64)


class NgramBaseline:
    """Fitted once from samples; every question of the label scheme is a binary regression."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True, max_features=_MAX_FEATURES
        )
        features: csr_matrix = self._vectorizer.fit_transform(
            _normalize(sample.row.youth_text) for sample in samples
        )
        labels = [sample.labels for sample in samples]
        self._escalate = _fit(features, [label.escalate for label in labels])
        self._categories = {
            category: _fit(features, [_equals(label.category, category) for label in labels])
            for category in CATEGORIES
        }
        self._signals = {
            signal: _fit(features, [_contains(label.signals, signal) for label in labels])
            for signal in SIGNALS
        }
        self._levels = {
            level: _fit(features, [_reaches(label.level, level) for label in labels]) for level in LEVELS[1:]
        }

    def answer_texts(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order."""
        if not texts:
            return []
        features: csr_matrix = self._vectorizer.transform([_normalize(text) for text in texts])
        risk = self._escalate.score(features)
        categories = np.stack([head.score(features) for head in self._categories.values()], axis=1)
        signals = {signal: head.score(features) for signal, head in self._signals.items()}
        levels = np.stack([head.score(features) >= THRESHOLD for head in self._levels.values()], axis=1)
        return [
            Answer(
                category=CATEGORIES[int(categories[row].argmax())],
                risk_score=float(risk[row]),
                escalate=bool(risk[row] >= THRESHOLD),
                signals=frozenset(signal for signal in SIGNALS if signals[signal][row] >= THRESHOLD),
                level=RiskLevel(int(levels[row].sum())),
            )
            for row in range(len(texts))
        ]


def _normalize(text: str) -> str:
    return normalize_text(text).text


def _equals(label: Category | None, category: Category) -> bool | None:
    return None if label is None else label is category


def _contains(labels: frozenset[Signal] | None, signal: Signal) -> bool | None:
    return None if labels is None else signal in labels


def _reaches(label: RiskLevel | None, level: RiskLevel) -> bool | None:
    return None if label is None else label >= level


def _fit(features: csr_matrix, answers: Sequence[bool | None]) -> _Head:
    """A regression on the rows that are labelled."""
    known = np.array([answer is not None for answer in answers], dtype=np.bool_)
    truth: BoolArray = np.array([bool(answer) for answer in answers], dtype=np.bool_)[known]
    share = float(truth.mean()) if truth.size else 0.0
    if share in (0.0, 1.0):
        return _Head(model=None, share=share)
    model = LogisticRegression(C=10.0, solver="liblinear", random_state=_SEED)
    model.fit(features[known], truth)
    return _Head(model=model, share=share)
