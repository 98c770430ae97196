"""Find in a message what the intake would otherwise ask for: what was told is never asked again."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from triage.intake.ages import age_band
from triage.intake.contacts import find_contact
from triage.intake.dialect import detect_dialect
from triage.intake.persons import Mention, People, Person, Span, load_persons, subjects
from triage.intake.places import PlaceFinder, PlaceWords, load_places
from triage.intake.rules import CONTENT_PATH, About, SlotRule, load_rules
from triage.intake.scan import Scanner
from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue, Speaker
from triage.normalize import NormalizedText
from triage.signals.compact import MARKS, CompactText, compact_text
from triage.signals.context import Scope
from triage.signals.pattern import Pattern

__all__ = ["Dialect", "SlotExtractor", "detect_dialect", "load_slot_extractor"]

_ORDER = {slot: at for at, slot in enumerate(Slot)}
_SIMPLE = (Slot.SINCE, Slot.COMPANY, Slot.HELP)
_PARTICLES = frozenset("了啦喇呀啊哦噢呢的吧嘛咯哈哎唉")

Key = tuple[str, str]
"""A rule's key and the role of its patterns, or ``_PERSON`` and a person."""
_PERSON = "person"
_NO_PLACE = ("place", "unless")
_ROLES = ("patterns", "unless", "needs", "blocked_by")


class SlotExtractor:
    """Finds slots by phrase. Built once, then used from any thread: it keeps no state."""

    def __init__(
        self,
        rules: Sequence[SlotRule],
        persons: Mapping[Person, tuple[Pattern, ...]],
        places: PlaceWords,
    ) -> None:
        self._rules = {slot: [rule for rule in rules if rule.slot is slot] for slot in Slot}
        self._places = PlaceFinder(places)
        phrases: dict[Key, tuple[Pattern, ...]] = {
            (rule.key, role): getattr(rule, role) for rule in rules for role in _ROLES
        }
        phrases |= {(_PERSON, person): patterns for person, patterns in persons.items()}
        phrases[_NO_PLACE] = places.unless
        self._scanner = Scanner(phrases)

    def extract(self, text: NormalizedText) -> tuple[SlotValue, ...]:
        """What a message states, in the order of the slots, one value each.

        ``AREA`` holds a division of Guangdong, or what lies outside it without a code; ``PLACE`` a spot.
        """
        reading = _Reading(compact_text(text), self._scanner)
        found = [*self._speaker(reading), *self._age(reading), *self._place(reading)]
        for slot in _SIMPLE:
            for rule, span in reading.standing(self._rules[slot]):
                found.append(reading.value(slot, rule.value, span))
                break
        if contact := find_contact(text):
            found.append(_value(text, Slot.CONTACT, "", text.original_span(*contact)))
        return tuple(sorted(found, key=lambda each: _ORDER[each.slot]))

    def _speaker(self, reading: "_Reading") -> Iterator[SlotValue]:
        for rule, span in reading.standing(self._rules[Slot.SPEAKER]):
            reading.speaker = Speaker(rule.value)
            yield reading.value(Slot.SPEAKER, rule.value, span)
            return

    def _age(self, reading: "_Reading") -> Iterator[SlotValue]:
        for rule, span in reading.standing(self._rules[Slot.AGE]):
            band = rule.value or age_band(reading.compact.text[slice(*span)], reading.speaker)
            if band:
                yield reading.value(Slot.AGE, str(band), span)
                return

    def _place(self, reading: "_Reading") -> Iterator[SlotValue]:
        division: Span = (0, 0)
        for place in self._places.find(reading.compact, reading.scan.places(_NO_PLACE)):
            if reading.is_about(place.span, About.SUBJECT, Slot.PLACE):
                division = place.span
                yield reading.value(Slot.AREA, place.code, place.span)
                break
        for rule, span in reading.standing(self._rules[Slot.PLACE]):
            if not (span[0] < division[1] and division[0] < span[1]):
                yield reading.value(Slot.PLACE, rule.value, span)
                return


def load_slot_extractor(folder: Path = CONTENT_PATH) -> SlotExtractor:
    """The extractor with the shipped content; raises ``ContentError`` when a file breaks its schema."""
    return SlotExtractor(load_rules(folder), load_persons(folder), load_places(folder))


class _Reading:
    """One message: what was found where, and of whom it is said."""

    def __init__(self, compact: CompactText, scanner: Scanner[Key]) -> None:
        self.compact = compact
        self.speaker: Speaker | None = None
        self.scan = scanner.scan(compact)

    @cached_property
    def _people(self) -> People:
        return People(
            Mention(*span, person) for person in Person for span in self.scan.spans((_PERSON, person))
        )

    def standing(self, rules: Sequence[SlotRule]) -> Iterator[tuple[SlotRule, Span]]:
        """The phrases that mean what they say, by rank of their rules, then in the order of the text."""
        for rule in rules:
            spans = self.scan.spans((rule.key, "patterns"))
            if not spans:
                continue
            blocks = self.scan.places((rule.key, "blocked_by"))
            others = self.scan.places((rule.key, "unless"))
            needed = self.scan.places((rule.key, "needs"))
            for span in spans:
                if (
                    not others.touch(span)
                    and (not rule.needs or needed.any_within(*self._scope(rule.needs_scope, span)))
                    and not blocks.any_within(*self._scope(rule.blocked_scope, span))
                    and self._stands_where_it_must(rule, span)
                    and self.is_about(span, rule.of, rule.slot, named_grade=bool(rule.value))
                ):
                    yield rule, span

    def is_about(self, span: Span, of: About, slot: Slot, *, named_grade: bool = False) -> bool:
        """Whether what stands at a span is said of whom it must be said of."""
        if of is About.ANYONE:
            return True
        scope = Scope.SENTENCE if slot is Slot.AGE else Scope.CLAUSE
        owner = self._people.owner(
            self.compact.text,
            span,
            floor=self._scope(scope, span)[0],
            passing_over_adults=slot is Slot.AGE and named_grade,
        )
        if of is About.WRITER:
            return owner in (None, Person.SELF)
        return owner in subjects(self.speaker, self_too=slot is not Slot.AGE)

    def value(self, slot: Slot, value: str, span: Span) -> SlotValue:
        """The slot's value, with the original's words for a span of the compact text."""
        return _value(self.compact.normalized, slot, value, self.compact.original_span(*span))

    def _scope(self, scope: Scope, span: Span) -> Span:
        if scope is Scope.MESSAGE:
            return 0, len(self.compact.text)
        return self.compact.clause(*span) if scope is Scope.CLAUSE else self.compact.sentence(*span)

    def _stands_where_it_must(self, rule: SlotRule, span: Span) -> bool:
        index = self.compact.index
        spaced_out = index[span[1] - 1] - index[span[0]] >= span[1] - span[0]
        if rule.opens and not self._edge(span[0], spaced_out=spaced_out):
            return False
        return not rule.closes or self._closes(span[1], spaced_out=spaced_out)

    def _closes(self, end: int, *, spaced_out: bool) -> bool:
        """Whether a clause ends here, but for particles."""
        text = self.compact.text
        while not self._edge(end, spaced_out=spaced_out) and text[end : end + 1] in _PARTICLES:
            end += 1
        return self._edge(end, spaced_out=spaced_out)

    def _edge(self, at: int, *, spaced_out: bool) -> bool:
        """Whether a clause begins or ends here, or a separator stood here that the matching view drops.

        In 全 宿 舍 都 在 笑 the separators say nothing.
        """
        compact = self.compact
        if at in (0, len(compact.text)) or at in compact.clause_edges or compact.text[at] in MARKS:
            return True
        return not spaced_out and compact.index[at] - compact.index[at - 1] > 1


def _value(text: NormalizedText, slot: Slot, value: str, span: Span) -> SlotValue:
    start, end = span
    return SlotValue(slot=slot, value=value, quote=text.original[start:end], source=SlotSource.STATED)
