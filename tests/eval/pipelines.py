"""Pipelines with fake classifiers, loaded by module-level functions so that worker processes find them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.factories import build_pipeline
from tests.fakes import BrokenClassifier, KeywordClassifier
from triage.classifier.base import Prediction
from triage.errors import ArtefactError
from triage.pipeline import TriagePipeline

MARKER = "标记句子"
"""A text on which ``ExplodingClassifier`` breaks in a way that the pipeline does not foresee."""


class ExplodingClassifier(KeywordClassifier):
    """Raises no ClassifierError, as code with a fault does."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The keyword answer, unless the marker is among the texts."""
        if any(MARKER in text for text in texts):
            raise ZeroDivisionError(f"broke on {texts}")
        return super().predict(texts)


@cache
def load_keywords(_artefact: Path | None) -> TriagePipeline:
    """The real pipeline over the keyword classifier."""
    return build_pipeline()


@cache
def load_exploding(_artefact: Path | None) -> TriagePipeline:
    """A pipeline that breaks on the marker."""
    return build_pipeline(classifier=ExplodingClassifier())


@cache
def load_broken(_artefact: Path | None) -> TriagePipeline:
    """A pipeline whose classifier always fails."""
    return build_pipeline(classifier=BrokenClassifier())


def load_nothing(_artefact: Path | None) -> TriagePipeline:
    """No artefact is there."""
    raise ArtefactError("no shipped model")
