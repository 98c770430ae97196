"""The phrases that fill a slot: read from ``content/``, checked, compiled.

Experts edit the YAML files; the pattern language is that of the danger lexicon (``triage.signals.pattern``).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from triage.intake.slots import AgeBand, Company, Help, Slot, Speaker
from triage.normalize import normalize_text
from triage.signals.context import Scope
from triage.signals.fields import Fields, read_fields
from triage.signals.pattern import Pattern, WordList

CONTENT_PATH = Path(__file__).parent / "content"
RULE_FILES = ("speaker", "age", "since", "spots", "company", "help")
_VALUES: Mapping[Slot, type[StrEnum]] = {
    Slot.SPEAKER: Speaker,
    Slot.AGE: AgeBand,
    Slot.COMPANY: Company,
    Slot.HELP: Help,
}
_READ_FROM_THE_QUOTE = frozenset({Slot.AGE, Slot.SINCE, Slot.PLACE})


class About(StrEnum):
    """Of whom a phrase must be said to count: of anyone, the writer, or whom the contact is about."""

    ANYONE = "anyone"
    WRITER = "writer"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRule:
    """A group of phrases that fill one slot with one value.

    ``unless`` are phrases that hold one of the ``patterns`` and mean something else; one of ``needs``
    must stand in its scope, none of ``blocked_by`` may stand in its own. A phrase that ``opens`` or
    ``closes`` counts only at that end of a clause. ``fires`` and ``spares`` are examples for the tests.
    """

    key: str
    slot: Slot
    value: str
    of: About
    opens: bool
    closes: bool
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    needs: tuple[Pattern, ...]
    needs_scope: Scope
    blocked_by: tuple[Pattern, ...]
    blocked_scope: Scope
    fires: tuple[str, ...]
    spares: tuple[str, ...]


def load_rules(folder: Path = CONTENT_PATH) -> tuple[SlotRule, ...]:
    """All rules, those of a slot in their order of rank.

    Raises ``ContentError``, naming file and entry, when a file is missing or breaks its schema.
    """
    rules: list[SlotRule] = []
    for name in RULE_FILES:
        fields, words = read_content(name, folder)
        slot = fields.choice("slot", Slot)
        rules += [_parse_rule(each, slot, words) for each in fields.items("rules")]
        fields.finish()
    if len({rule.key for rule in rules}) != len(rules):
        raise fields.fail("two rules have the same key")
    return tuple(rules)


def read_content(name: str, folder: Path = CONTENT_PATH) -> tuple[Fields, dict[str, WordList]]:
    """A content file, and the word lists that its patterns may use: the shared ones and its own."""
    shared = read_fields(folder / "words.yaml")
    shared.text("version")
    words = _parse_words(shared)
    shared.finish()
    fields = read_fields(folder / f"{name}.yaml")
    own = _parse_words(fields) if "words" in fields.names() else {}
    if taken := words.keys() & own.keys():
        raise fields.fail(f"word list {min(taken)} is shared already")
    return fields, words | own


def content_version(folder: Path = CONTENT_PATH) -> str:
    """The declared version with eight hexadecimal digits that change with any byte of the content."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{read_fields(folder / 'words.yaml').text('version')}+{digest.hexdigest()[:8]}"


def _parse_words(fields: Fields) -> dict[str, WordList]:
    lists = Fields(fields.take("words"), f"{fields.where}: words")
    return {
        name: (tuple(dict.fromkeys(normalize_text(word).text for word in lists.texts(name))),)
        for name in lists.names()
    }


def _parse_rule(fields: Fields, slot: Slot, words: Mapping[str, WordList]) -> SlotRule:
    rule = SlotRule(
        key=fields.text("key"),
        slot=slot,
        value=_parse_value(fields, slot),
        of=fields.choice("of", About, About.ANYONE),
        opens=_parse_flag(fields, "opens"),
        closes=_parse_flag(fields, "closes"),
        patterns=fields.patterns("patterns", words),
        unless=fields.patterns("unless", words, optional=True),
        needs=fields.patterns("needs", words, optional=True),
        needs_scope=fields.choice("needs_scope", Scope, Scope.MESSAGE),
        blocked_by=fields.patterns("blocked_by", words, optional=True),
        blocked_scope=fields.choice("blocked_scope", Scope, Scope.MESSAGE),
        fires=fields.texts("fires"),
        spares=fields.texts("spares", optional=True),
    )
    fields.finish()
    return rule


def _parse_value(fields: Fields, slot: Slot) -> str:
    """One of the slot's values; none where the quote itself holds it, or where there are no values."""
    if "value" not in fields.names() and slot in _READ_FROM_THE_QUOTE:
        return ""
    if slot not in _VALUES:
        raise fields.fail(f"the slot {slot.value} has no values")
    return str(fields.choice("value", _VALUES[slot]).value)


def _parse_flag(fields: Fields, name: str) -> bool:
    found = fields.take(name, False)
    if not isinstance(found, bool):
        raise fields.fail(f"{name} must be true or false")
    return found
