"""Join near-paraphrases into one group, so that no fold is tested on what another was trained on."""

from collections.abc import Sequence
from dataclasses import replace

from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import radius_neighbors_graph

from models.example import Example
from triage.normalize import normalize_text

SIMILAR = 0.75
"""Cosine of character 2- and 3-gram TF-IDF from which two texts count as the same text retold."""


def group_near_duplicates(examples: Sequence[Example], *, similar: float = SIMILAR) -> list[Example]:
    """The examples with groups merged wherever two texts are nearly the same."""
    texts = [normalize_text(example.text).text or " " for example in examples]
    features = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), min_df=1).fit_transform(texts)
    near = radius_neighbors_graph(features, radius=1.0 - similar, metric="cosine", mode="connectivity")
    first_of: dict[str, int] = {}
    same_group = near.tolil()
    for index, example in enumerate(examples):
        first = first_of.setdefault(example.group, index)
        same_group[index, first] = 1
    count, labels = connected_components(same_group.tocsr(), directed=False)
    names: list[str] = [""] * count
    for example, label in zip(examples, labels, strict=True):
        names[label] = min(names[label] or example.group, example.group)
    return [replace(example, group=names[label]) for example, label in zip(examples, labels, strict=True)]
