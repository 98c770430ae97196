"""Find earlier texts that tell of the like (相似案例): exact search over vectors, which hold no words.

The vectors come from ``OnnxClassifier.embed``; who may see the texts behind the keys is decided
where these are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An earlier text by its key, and the cosine to what was asked for, -1 to 1."""

    key: str
    cosine: float


class SimilarityIndex:
    """Keys and their vectors (keys, width) of length one; 3 KB a text of width 768."""

    def __init__(self, keys: Sequence[str], vectors: FloatArray) -> None:
        if vectors.ndim != 2 or len(keys) != len(vectors):
            raise ValueError(f"{len(keys)} keys for vectors of shape {vectors.shape}")
        _check_lengths(vectors)
        self._keys = tuple(keys)
        self._vectors = vectors.astype(np.float32)

    def find(self, vector: FloatArray, *, most: int) -> list[Match]:
        """The nearest texts, nearest first; of equals the one that was added first."""
        if most < 1:
            raise ValueError("at least one match must be asked for")
        _check_lengths(vector[None])
        cosines = self._vectors @ vector.astype(np.float32)
        order = np.argsort(-cosines, kind="stable")[:most]
        return [Match(key=self._keys[at], cosine=float(cosines[at])) for at in order]


def _check_lengths(vectors: FloatArray) -> None:
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=LENGTH_TOLERANCE):
        raise ValueError("vectors must be finite and of length one")
