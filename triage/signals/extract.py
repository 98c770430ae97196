"""Find the lexicon's phrases in a message, with the context that changes what they mean."""

from collections import Counter
from collections.abc import Sequence

from triage.labels import RiskLevel
from triage.normalize import NormalizedText
from triage.signals.compact import CompactText, compact_text
from triage.signals.context import ContextFinder, Places, Scope
from triage.signals.hit import ContextFlag, SignalHit, Strength
from triage.signals.lexicon import Lexicon, LexiconEntry, UrgencyMarker, load_lexicon
from triage.signals.pattern import Match, Matcher

MAX_SAME_HITS = 5
"""Hits of one entry in one kind of context; more of the same would tell a counsellor nothing."""
_COVER_BACK = 24
_RANK = {Strength.HINT: 0, Strength.LIKELY: 1, Strength.CERTAIN: 2}

Rule = LexiconEntry | UrgencyMarker


class SignalExtractor:
    """Extracts danger signals by phrase. Built once, then used from any thread: it keeps no state."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or load_lexicon()
        rules: tuple[Rule, ...] = (*self._lexicon.entries, *self._lexicon.markers)
        self._matcher = Matcher([(rule, pattern) for rule in rules for pattern in rule.patterns])
        self._context = ContextFinder(self._lexicon.context)

    @property
    def lexicon_version(self) -> str:
        """The version of the lexicon in use."""
        return self._lexicon.version

    def extract(self, text: NormalizedText) -> tuple[SignalHit, ...]:
        """All phrases found, in the order of the text; offsets and quotes are those of the original."""
        compact = compact_text(text)
        matches = _meant(compact, self._matcher.find(compact))
        phrases = [(match, match.key) for match in matches if isinstance(match.key, LexiconEntry)]
        if not phrases:
            return ()
        urgent = _urgent(matches)
        reading = self._context.read(compact)
        hits = []
        for match, entry in phrases:
            flags = reading.flags(match.start, match.end, entry.signal) - entry.ignores
            start, end = compact.original_span(match.start, match.end)
            hits.append(
                SignalHit(
                    signal=entry.signal,
                    start=start,
                    end=end,
                    text=text.original[start:end],
                    phrase=entry.key,
                    strength=entry.strength,
                    floor=_raised_floor(compact, match, entry, urgent),
                    flags=flags,
                )
            )
        return _without_repeats(hits)


def _meant(compact: CompactText, matches: Sequence[Match[Rule]]) -> list[Match[Rule]]:
    """The matches that are no part of a phrase that means something else (想死你了, 跳楼大甩卖)."""
    others: dict[str, Places] = {}
    meant = []
    for match in matches:
        rule = match.key
        if rule.key not in others:
            found = [hit.span() for pattern in rule.unless for hit in pattern.regex.finditer(compact.text)]
            others[rule.key] = Places(found)
        if not others[rule.key].touch((match.start, match.end)):
            meant.append(match)
    return meant


def _urgent(matches: Sequence[Match[Rule]]) -> list[tuple[UrgencyMarker, Places]]:
    """The markers that were found, each with all its places, the most urgent first."""
    spans: dict[str, tuple[UrgencyMarker, list[tuple[int, int]]]] = {}
    for match in matches:
        if isinstance(match.key, UrgencyMarker):
            spans.setdefault(match.key.key, (match.key, []))[1].append((match.start, match.end))
    found = [(marker, Places(places)) for marker, places in spans.values()]
    return sorted(found, key=lambda each: -each[0].floor)


def _raised_floor(
    compact: CompactText,
    match: Match[Rule],
    entry: LexiconEntry,
    urgent: Sequence[tuple[UrgencyMarker, Places]],
) -> RiskLevel:
    """The entry's floor, or that of the most urgent marker of time, place or means near it."""
    for marker, places in urgent:
        if marker.floor <= entry.floor:
            break
        if (
            entry.floor >= marker.from_floor
            and entry.signal in marker.raises
            and places.any_within(*_scope(compact, marker.scope, match))
        ):
            return marker.floor
    return entry.floor


def _scope(compact: CompactText, scope: Scope, match: Match[Rule]) -> tuple[int, int]:
    if scope is Scope.MESSAGE:
        return 0, len(compact.text)
    around = compact.clause if scope is Scope.CLAUSE else compact.sentence
    return around(match.start, match.end)


def _without_repeats(hits: Sequence[SignalHit]) -> tuple[SignalHit, ...]:
    """Drop a hit inside a stronger one of the same signal, and the sixth of the same kind."""
    counts: Counter[tuple[str, RiskLevel, frozenset[ContextFlag]]] = Counter()
    few: list[SignalHit] = []
    for hit in hits:
        kind = (hit.phrase, hit.floor, hit.flags)
        counts[kind] += 1
        if counts[kind] <= MAX_SAME_HITS:
            few.append(hit)
    kept: list[SignalHit] = []
    for hit in sorted(
        few, key=lambda hit: (hit.start, -hit.end, -_RANK[hit.strength], -hit.floor, hit.phrase)
    ):
        if not any(_covers(other, hit) for other in kept[-_COVER_BACK:]):
            kept.append(hit)
    return tuple(kept)


def _covers(big: SignalHit, small: SignalHit) -> bool:
    """Whether ``big`` says all that ``small`` says: same signal, around it, as strong, as high, as free."""
    return (
        big.signal is small.signal
        and big.start <= small.start
        and small.end <= big.end
        and _RANK[big.strength] >= _RANK[small.strength]
        and big.floor >= small.floor
        and big.weakened <= small.weakened
    )
