"""Learn the n-gram companion: one logistic regression per label on hashed character n-grams."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.batching import encode_targets
from models.example import Example
from models.network import HEADS
from triage.classifier.ngrams import BUCKETS, OUTPUTS, NgramModel, hash_ngrams
from triage.normalize import normalize_text

STRENGTH = 30.0
"""Inverse regularisation (C), of the order found best for length-normalised n-grams."""

RAREST = 1e-3
"""Base rate, at least, of a label that the texts show in one state only."""


def extract_features(texts: Sequence[str]) -> csr_matrix:
    """Presence of hashed n-grams, length-normalised: (texts, BUCKETS) float32."""
    rows = [hash_ngrams(normalize_text(text).text) for text in texts]
    lengths = np.array([len(row) for row in rows])
    values = np.repeat(1.0 / np.sqrt(lengths), lengths).astype(np.float32)
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    return csr_matrix((values, np.concatenate(rows), pointers), shape=(len(texts), BUCKETS))


def train_ngrams(examples: Sequence[Example]) -> NgramModel:
    """Fit all outputs that have both classes; the others stay at their base rate."""
    features = extract_features([example.text for example in examples])
    targets = np.array([encode_targets(example) for example in examples], dtype=np.float32)
    weights = np.array([example.weight for example in examples])
    first = HEADS["category"] + HEADS["signals"]
    columns = [*range(first), targets.shape[1] - 1]
    coefficients = np.zeros((BUCKETS, OUTPUTS), dtype=np.float32)
    bias = np.zeros(OUTPUTS, dtype=np.float32)
    for output, column in enumerate(columns):
        wanted: npt.NDArray[np.float32] = targets[:, column]
        known = ~np.isnan(wanted)
        present = wanted[known] > 0.5
        if present.all() or not present.any():
            share = np.clip(present.mean() if len(present) else 0.0, RAREST, 1 - RAREST)
            bias[output] = float(np.log(share / (1 - share)))
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=200)
        model.fit(features[known], present, sample_weight=weights[known])
        coefficients[:, output] = model.coef_[0]
        bias[output] = model.intercept_[0]
    return NgramModel(weights=coefficients.astype(np.float16), bias=bias)
