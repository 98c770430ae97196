import pytest

from triage.intake.extract import SlotExtractor, load_slot_extractor


@pytest.fixture(scope="session")
def slot_extractor() -> SlotExtractor:
    return load_slot_extractor()
