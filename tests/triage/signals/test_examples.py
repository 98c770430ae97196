"""Every entry of the lexicon is found in its own examples, and not in those that it must spare."""

import pytest

from triage.normalize import normalize_text
from triage.signals.extract import SignalExtractor
from triage.signals.lexicon import LexiconEntry, UrgencyMarker, load_lexicon

LEXICON = load_lexicon()
FIRES = [(entry, text) for entry in LEXICON.entries for text in entry.fires]
SPARES = [(entry, text) for entry in LEXICON.entries for text in entry.spares]


@pytest.mark.parametrize(
    ("entry", "text"), [pytest.param(*case, id=f"{case[0].key}-{n}") for n, case in enumerate(FIRES)]
)
def test_an_entry_fires(extractor: SignalExtractor, entry: LexiconEntry, text: str) -> None:
    hits = extractor.extract(normalize_text(text))
    assert [hit for hit in hits if hit.phrase == entry.key and not hit.weakened]


@pytest.mark.parametrize(
    ("entry", "text"), [pytest.param(*case, id=f"{case[0].key}-{n}") for n, case in enumerate(SPARES)]
)
def test_an_entry_spares(extractor: SignalExtractor, entry: LexiconEntry, text: str) -> None:
    hits = extractor.extract(normalize_text(text))
    assert not [hit for hit in hits if hit.phrase == entry.key and not hit.weakened]


@pytest.mark.parametrize("marker", LEXICON.markers, ids=lambda marker: marker.key)
def test_a_marker_raises_the_floor(extractor: SignalExtractor, marker: UrgencyMarker) -> None:
    for text in marker.fires:
        assert max(hit.floor for hit in extractor.extract(normalize_text(text))) >= marker.floor
    for text in marker.spares:
        assert max(hit.floor for hit in extractor.extract(normalize_text(text))) < marker.floor
