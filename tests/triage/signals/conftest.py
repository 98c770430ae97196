import pytest

from triage.signals.extract import SignalExtractor
from triage.signals.lexicon import Lexicon, load_lexicon


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="session")
def extractor(lexicon: Lexicon) -> SignalExtractor:
    return SignalExtractor(lexicon=lexicon)
