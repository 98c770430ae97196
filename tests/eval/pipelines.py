"""Pipelines with fake classifiers, loaded by module-level functions so that worker processes find them."""

from functools import cache
from pathlib import Path

from tests.factories import build_pipeline, shipped_intake
from tests.fakes import BrokenClassifier, KeywordClassifier
from triage.errors import ArtefactError
from triage.normalize import NormalizedText
from triage.pipeline import TriagePipeline
from triage.risk.policy import load_policy
from triage.signals.extract import SignalExtractor
from triage.signals.hit import SignalHit

MARKER = "标记句子"
"""A text on which ``ExplodingExtractor`` breaks in a way that the pipeline does not foresee."""


class ExplodingExtractor(SignalExtractor):
    """Breaks on the marker, as code with a fault does."""

    def extract(self, text: NormalizedText) -> tuple[SignalHit, ...]:
        """The phrases found, unless the marker is in the text."""
        if MARKER in text.original:
            raise ZeroDivisionError(f"broke on {text.original}")
        return super().extract(text)


@cache
def load_keywords(_artefact: Path | None) -> TriagePipeline:
    """The real pipeline over the keyword classifier."""
    return build_pipeline()


@cache
def load_exploding(_artefact: Path | None) -> TriagePipeline:
    """A pipeline that breaks on the marker."""
    return TriagePipeline(
        classifier=KeywordClassifier(),
        extractor=ExplodingExtractor(),
        policy=load_policy(),
        intake=shipped_intake(),
    )


@cache
def load_broken(_artefact: Path | None) -> TriagePipeline:
    """A pipeline whose classifier always fails."""
    return build_pipeline(classifier=BrokenClassifier())


def load_nothing(_artefact: Path | None) -> TriagePipeline:
    """No artefact is there."""
    raise ArtefactError("no shipped model")
