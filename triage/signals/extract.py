"""Find the lexicon's phrases in a message, with the context that changes what they mean."""

from collections.abc import Sequence

from triage.labels import RiskLevel
from triage.normalize import NormalizedText
from triage.signals.compact import CompactText, compact_text
from triage.signals.context import ContextFinder, Scope
from triage.signals.hit import SignalHit, Strength
from triage.signals.lexicon import Lexicon, LexiconEntry, UrgencyMarker, load_lexicon
from triage.signals.pattern import Match, Matcher, Pattern

MAX_SAME_HITS = 5
"""Hits of one entry in one kind of context; more of the same would tell a counsellor nothing."""
_UNLESS_REACH = 16
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
        matches = [match for match in self._matcher.find(compact) if not _means_another(compact, match)]
        phrases = [(match, match.key) for match in matches if isinstance(match.key, LexiconEntry)]
        markers = [(match, match.key) for match in matches if isinstance(match.key, UrgencyMarker)]
        if not phrases:
            return ()
        reading = self._context.read(compact)
        hits = []
        for match, entry in phrases:
            flags = reading.flags((match.start, match.end), entry.signal) - entry.ignores
            start, end = compact.original_span(match.start, match.end)
            hits.append(
                SignalHit(
                    signal=entry.signal,
                    start=start,
                    end=end,
                    text=text.original[start:end],
                    phrase=entry.key,
                    strength=entry.strength,
                    floor=_raised_floor(compact, match, entry, markers),
                    flags=flags,
                )
            )
        return _without_repeats(hits)


def _means_another(compact: CompactText, match: Match[Rule]) -> bool:
    """Whether the match is part of a phrase that means something else (想死你了, 跳楼大甩卖)."""
    start = max(0, match.start - _UNLESS_REACH)
    end = match.end + _UNLESS_REACH
    return any(_overlaps(pattern, compact.text, start, end, match) for pattern in match.key.unless)


def _overlaps(pattern: Pattern, text: str, start: int, end: int, match: Match[Rule]) -> bool:
    return any(
        found.start() < match.end and match.start < found.end()
        for found in pattern.regex.finditer(text, start, end)
    )


def _raised_floor(
    compact: CompactText,
    match: Match[Rule],
    entry: LexiconEntry,
    markers: Sequence[tuple[Match[Rule], UrgencyMarker]],
) -> RiskLevel:
    """The entry's floor, or that of the most urgent marker of time, place or means near it."""
    floor = entry.floor
    for found, marker in markers:
        if marker.floor > floor and entry.floor >= marker.from_floor and entry.signal in marker.raises:
            start, end = _scope(compact, marker.scope, match)
            if start <= found.start and found.end <= end:
                floor = marker.floor
    return floor


def _scope(compact: CompactText, scope: Scope, match: Match[Rule]) -> tuple[int, int]:
    if scope is Scope.MESSAGE:
        return 0, len(compact.text)
    around = compact.clause if scope is Scope.CLAUSE else compact.sentence
    return around(match.start, match.end)


def _without_repeats(hits: Sequence[SignalHit]) -> tuple[SignalHit, ...]:
    """Drop a hit inside a stronger one of the same signal, and the sixth of the same kind."""
    kept: list[SignalHit] = []
    counts: dict[tuple[object, ...], int] = {}
    for hit in hits:
        kind = (hit.phrase, hit.floor, hit.flags)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MAX_SAME_HITS:
            kept.append(hit)
    return tuple(hit for hit in kept if not any(_covers(other, hit) for other in kept))


def _covers(big: SignalHit, small: SignalHit) -> bool:
    if big is small or big.signal is not small.signal or big.weakened > small.weakened:
        return False
    if not (big.start <= small.start and small.end <= big.end):
        return False
    big_rank, small_rank = (_RANK[big.strength], big.floor), (_RANK[small.strength], small.floor)
    if big_rank[0] < small_rank[0] or big_rank[1] < small_rank[1]:
        return False
    same = (big.start, big.end) == (small.start, small.end) and big_rank == small_rank
    return not same or big.phrase < small.phrase
