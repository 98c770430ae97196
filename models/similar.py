"""Measure what the network's vectors are worth for finding similar cases.

``python -m models.similar --artefact models/artifacts/NAME/VERSION --data ../shared/data``: for texts of
the test fold, how many of their nearest training texts carry the same labels, beside the nearest by
character n-grams. Intervals: bootstrap by group.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from models.card import bootstrap
from models.data import load_corpus_of
from models.example import Example, Fold
from models.sources import NEGATIVE_SOURCES
from triage.classifier.onnx import load_classifier
from triage.normalize import normalize_text
from triage.similar import SimilarityIndex

NEIGHBOURS = 5
ASKED = 800
KEPT = 6000


def same_labels(asked: Example, found: Example) -> bool:
    """Whether a text tells of the like: the same signals, and without any, the same category."""
    if any(asked.signals.values()) or any(found.signals.values()):
        return asked.signals == found.signals
    return asked.category is found.category


def share_alike(
    asked: Sequence[Example], kept: Sequence[Example], nearest: Sequence[Sequence[int]]
) -> list[float]:
    """For each text, the share of its nearest that carry the same labels."""
    return [
        float(np.mean([same_labels(example, kept[at]) for at in found]))
        for example, found in zip(asked, nearest, strict=True)
    ]


def find_by_vectors(folder: Path, asked: Sequence[str], kept: Sequence[str]) -> list[list[int]]:
    """Positions of the nearest kept texts by the network's vectors."""
    classifier = load_classifier(folder, threads=2)
    index = SimilarityIndex([str(at) for at in range(len(kept))], classifier.embed(kept))
    return [
        [int(match.key) for match in index.find(vector, most=NEIGHBOURS)]
        for vector in classifier.embed(asked)
    ]


def find_by_ngrams(asked: Sequence[str], kept: Sequence[str]) -> list[list[int]]:
    """Positions of the nearest kept texts by character 1- to 3-gram TF-IDF."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    known = vectorizer.fit_transform([normalize_text(text).text for text in kept])
    cosines = (vectorizer.transform([normalize_text(text).text for text in asked]) @ known.T).toarray()
    order: npt.NDArray[np.int64] = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
    return [list(map(int, row)) for row in order]


def is_labelled(example: Example) -> bool:
    """Whether a reader labelled the text, category and signals."""
    return example.source not in NEGATIVE_SOURCES and example.category is not None and bool(example.signals)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.similar", description=__doc__)
    parser.add_argument("--artefact", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    corpus = load_corpus_of(options.artefact, options.data)
    rng = random.Random(0)
    kept = [example for example in corpus.train if is_labelled(example)]
    asked = [example for example in corpus.folds[Fold.TEST] if is_labelled(example)]
    kept, asked = rng.sample(kept, min(KEPT, len(kept))), rng.sample(asked, min(ASKED, len(asked)))
    texts, known = [each.text for each in asked], [each.text for each in kept]
    for name, nearest in (
        ("vectors", find_by_vectors(options.artefact, texts, known)),
        ("character n-grams", find_by_ngrams(texts, known)),
    ):
        shares = np.array(share_alike(asked, kept, nearest))

        def mean(rows: npt.NDArray[np.int64], shares: npt.NDArray[np.float64] = shares) -> float:
            return float(shares[rows].mean())

        low, high = bootstrap([each.group for each in asked], mean)
        print(f"{name}: {shares.mean():.3f} ({low:.3f} to {high:.3f}) of {NEIGHBOURS} alike, n {len(asked)}")


if __name__ == "__main__":
    main()
