"""Builders of real objects with small defaults, for tests."""

from functools import cache

from tests.fakes import KeywordClassifier
from triage.catalog import Catalog, load_catalog
from triage.classifier.base import Classifier
from triage.intake.machine import Intake, load_intake
from triage.pipeline import TriagePipeline
from triage.risk.policy import load_policy
from triage.signals.extract import SignalExtractor
from triage.signals.lexicon import load_lexicon


def build_pipeline(*, classifier: Classifier | None = None) -> TriagePipeline:
    """The real pipeline with the shipped lexicon and policy, and a fake classifier by default."""
    return TriagePipeline(
        classifier=classifier or KeywordClassifier(),
        extractor=SignalExtractor(lexicon=load_lexicon()),
        policy=load_policy(),
        intake=shipped_intake(),
    )


@cache
def shipped_intake() -> Intake:
    """The shipped scripts and slots, read once for all tests."""
    return load_intake()


@cache
def shipped_catalog() -> Catalog:
    """The shipped texts, read once for all tests."""
    return load_catalog()
