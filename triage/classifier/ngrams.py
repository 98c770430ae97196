"""The network's companion: a linear model on hashed character n-grams.

It errs elsewhere than the network does (measured: see the model card), so the two are averaged.
Feature hashing after Weinberger et al. 2009; the same code makes features for training and service.
"""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from triage.errors import ArtefactError
from triage.labels import CATEGORIES, SIGNALS

BUCKETS = 1 << 17
LONGEST = 3
OUTPUTS = len(CATEGORIES) + len(SIGNALS) + 1
"""Categories, signals and escalate, in this order."""

FloatArray = npt.NDArray[np.float32]


def hash_ngrams(text: str) -> npt.NDArray[np.int64]:
    """Buckets of the distinct 1- to 3-grams of a normalised text, sorted."""
    padded = f" {text} "
    found = {
        zlib.crc32(padded[start : start + size].encode("utf-8", "replace")) & (BUCKETS - 1)
        for size in range(1, LONGEST + 1)
        for start in range(len(padded) - size + 1)
    }
    return np.fromiter(sorted(found), dtype=np.int64, count=len(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class NgramModel:
    """``weights`` (BUCKETS, OUTPUTS) float16 and ``bias`` (OUTPUTS,) float32."""

    weights: npt.NDArray[np.float16]
    bias: FloatArray

    def score(self, texts: Sequence[str]) -> FloatArray:
        """Logits for normalised texts, (texts, OUTPUTS); features are presence, length-normalised."""
        logits = np.empty((len(texts), OUTPUTS), dtype=np.float32)
        for row, text in enumerate(texts):
            buckets = hash_ngrams(text)
            total = self.weights[buckets].astype(np.float32).sum(axis=0)
            logits[row] = total / np.sqrt(len(buckets)) + self.bias
        return logits


def load_ngrams(path: Path) -> NgramModel:
    """Read the companion from an artefact; raises ``ArtefactError``."""
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            weights, bias = arrays["weights"], arrays["bias"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ArtefactError(f"{path.name}: {error}") from error
    if weights.shape != (BUCKETS, OUTPUTS) or bias.shape != (OUTPUTS,):
        raise ArtefactError(f"{path.name}: made for other features or labels")
    return NgramModel(weights=weights.astype(np.float16), bias=bias.astype(np.float32))
