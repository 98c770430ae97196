"""The danger lexicon (危险用语词库): phrases, what each stands for, and how far it can be trusted.

Experts edit the YAML files in ``phrases/``; this module reads them, checks every field and compiles
every pattern. ``lexicon.yaml`` holds the version and the word lists, ``context.yaml`` the triggers.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ContentError
from triage.labels import RiskLevel, Signal
from triage.normalize import normalize_text
from triage.signals.context import ContextRules, Scope, parse_context
from triage.signals.fields import Fields, read_fields
from triage.signals.hit import ContextFlag, Strength
from triage.signals.homophones import sound_alikes
from triage.signals.pattern import Pattern, WordList

_SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEntry:
    """A group of phrases with one meaning.

    ``unless`` are phrases that hold one of the ``patterns`` and mean something else; ``ignores`` are
    context flags that do not weaken this entry. ``fires`` and ``spares`` are examples, for the tests
    and for whoever edits the file: the entry must be found unweakened in the former, not in the latter.
    """

    key: str
    signal: Signal
    strength: Strength
    floor: RiskLevel
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    ignores: frozenset[ContextFlag]
    fires: tuple[str, ...]
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyMarker:
    """Words of time, place or means that raise the floor of a phrase near them.

    Only a phrase of a signal in ``raises`` whose own floor is ``from_floor`` or more is raised.
    """

    key: str
    raises: frozenset[Signal]
    from_floor: RiskLevel
    floor: RiskLevel
    scope: Scope
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    fires: tuple[str, ...]
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The whole lexicon; ``version`` is the declared one and a hash of the content."""

    version: str
    entries: tuple[LexiconEntry, ...]
    markers: tuple[UrgencyMarker, ...]
    context: ContextRules


def load_lexicon(path: Path | None = None) -> Lexicon:
    """Read the lexicon in a folder, by default the shipped one.

    Raises ``ContentError``, naming file and entry, when a file is missing or breaks its schema.
    """
    folder = path or _SHIPPED
    phrase_files = sorted((folder / "phrases").glob("*.yaml"))
    if not phrase_files:
        raise ContentError("phrases: the lexicon folder holds no phrases/*.yaml")
    shared = read_fields(folder / "lexicon.yaml")
    declared, words = shared.text("version"), _parse_words(shared)
    shared.finish()
    context_file = folder / "context.yaml"
    context = parse_context(read_fields(context_file), words)
    entries: list[LexiconEntry] = []
    markers: list[UrgencyMarker] = []
    for file in phrase_files:
        fields = read_fields(file)
        entries += [_parse_entry(each, words) for each in fields.items("entries", optional=True)]
        markers += [_parse_marker(each, words) for each in fields.items("markers", optional=True)]
        fields.finish()
    _refuse_twins([*(each.key for each in entries), *(each.key for each in markers)])
    digest = _digest([folder / "lexicon.yaml", context_file, *phrase_files])
    return Lexicon(
        version=f"{declared}+{digest}", entries=tuple(entries), markers=tuple(markers), context=context
    )


def _parse_entry(fields: Fields, words: Mapping[str, WordList]) -> LexiconEntry:
    entry = LexiconEntry(
        key=fields.text("key"),
        signal=fields.choice("signal", Signal),
        strength=fields.choice("strength", Strength),
        floor=RiskLevel(fields.number("floor", low=1, high=4)),
        patterns=fields.patterns("patterns", words),
        unless=fields.patterns("unless", words, optional=True),
        ignores=fields.choices("ignores", ContextFlag, optional=True),
        fires=fields.texts("fires"),
        spares=fields.texts("spares", optional=True),
    )
    fields.finish()
    return entry


def _parse_marker(fields: Fields, words: Mapping[str, WordList]) -> UrgencyMarker:
    marker = UrgencyMarker(
        key=fields.text("key"),
        raises=fields.choices("raises", Signal),
        from_floor=RiskLevel(fields.number("from_floor", low=2, high=3)),
        floor=RiskLevel(fields.number("floor", low=3, high=4)),
        scope=fields.choice("scope", Scope),
        patterns=fields.patterns("patterns", words),
        unless=fields.patterns("unless", words, optional=True),
        fires=fields.texts("fires"),
        spares=fields.texts("spares", optional=True),
    )
    fields.finish()
    return marker


def _parse_words(fields: Fields) -> dict[str, WordList]:
    """Word lists by name; one that is given by its sound (``sounds: zi sha``) has a place a syllable."""
    lists = Fields(fields.take("words"), f"{fields.where}: words")
    sounds = Fields(fields.take("sounds"), f"{fields.where}: sounds")
    words: dict[str, WordList] = {}
    for name in lists.names():
        words[name] = (tuple(normalize_text(word).text for word in lists.texts(name)),)
    for name in sounds.names():
        syllables = sounds.text(name).split()
        places = tuple(sound_alikes(syllable) for syllable in syllables)
        if name in words or not all(places):
            raise sounds.fail(f"{name} is taken, or holds a syllable that no character has")
        words[name] = places
    return words


def _refuse_twins(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ContentError(f"phrases: the key {key!r} is given to two entries")
        seen.add(key)


def _digest(files: Iterable[Path]) -> str:
    """Eight hexadecimal digits that change with any byte of the files or with their names."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
