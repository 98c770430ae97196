"""Every rule fills its slot in its own examples, and leaves it in those that it must spare."""

import pytest

from triage.intake.extract import SlotExtractor
from triage.intake.rules import SlotRule, load_rules
from triage.normalize import normalize_text

RULES = load_rules()
FIRES = [(rule, text) for rule in RULES for text in rule.fires]
SPARES = [(rule, text) for rule in RULES for text in rule.spares]


def fills(extractor: SlotExtractor, rule: SlotRule, text: str) -> bool:
    return any(
        found.slot is rule.slot and rule.value in ("", found.value)
        for found in extractor.extract(normalize_text(text))
    )


@pytest.mark.parametrize(
    ("rule", "text"), [pytest.param(*case, id=f"{case[0].key}-{n}") for n, case in enumerate(FIRES)]
)
def test_a_rule_fires(slot_extractor: SlotExtractor, rule: SlotRule, text: str) -> None:
    assert fills(slot_extractor, rule, text)


@pytest.mark.parametrize(
    ("rule", "text"), [pytest.param(*case, id=f"{case[0].key}-{n}") for n, case in enumerate(SPARES)]
)
def test_a_rule_spares(slot_extractor: SlotExtractor, rule: SlotRule, text: str) -> None:
    found = slot_extractor.extract(normalize_text(text))
    assert not [each for each in found if each.slot is rule.slot and each.value == rule.value]
