"""Read a message with its conversation: normalise it, find phrases, choose what to classify."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.message import ConversationState, Message, Role
from triage.normalize import NormalizedText, normalize_text
from triage.readability import MAX_CHARACTERS, check_readable
from triage.risk.assessment import DegradedReason
from triage.signals.extract import SignalExtractor
from triage.signals.hit import SignalHit
from triage.window import join_turns

_EXCERPT_CHARACTERS = 2_000
_HIT_CONTEXT = 200
_MAX_HIT_EXCERPTS = 4
_CLAUSE_ENDS = frozenset("。！？!?；;，,…~～\n")
_MAX_CLAUSE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A message made ready for scoring.

    ``excerpts`` are the parts of the message to classify (one unless it is too long); ``window``
    is the message after the youth's last turns, or None when there are none before it.
    """

    message: Message
    normalized: NormalizedText
    hits: tuple[SignalHit, ...]
    degraded: tuple[DegradedReason, ...]
    excerpts: tuple[str, ...]
    window: str | None

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts to classify for this message; empty when nothing in it is readable."""
        if DegradedReason.UNREADABLE in self.degraded:
            return ()
        return self.excerpts if self.window is None else (*self.excerpts, self.window)


def read_message(message: Message, *, state: ConversationState, extractor: SignalExtractor) -> Reading:
    """Everything about a message that can be known before any score."""
    normalized = normalize_text(message.text)
    hits = extractor.extract(normalized)
    earlier = [turn.text for turn in state.turns if turn.role is Role.YOUTH]
    return Reading(
        message=message,
        normalized=normalized,
        hits=hits,
        degraded=check_readable(message, normalized),
        excerpts=tuple(_excerpts(message.text, hits)),
        window=join_turns([*earlier, message.text]) if earlier else None,
    )


def _excerpts(text: str, hits: Sequence[SignalHit]) -> Iterator[str]:
    if len(text) <= MAX_CHARACTERS:
        yield text
        return
    yield text[:_EXCERPT_CHARACTERS]
    yield text[-_EXCERPT_CHARACTERS:]
    middle = [
        hit for hit in hits if hit.start >= _EXCERPT_CHARACTERS and hit.end <= len(text) - _EXCERPT_CHARACTERS
    ]
    for hit in sorted(middle, key=lambda hit: (hit.weakened, -hit.floor))[:_MAX_HIT_EXCERPTS]:
        yield text[max(0, hit.start - _HIT_CONTEXT) : hit.end + _HIT_CONTEXT]


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Slices of ``text`` that a reader would quote: clauses of at most 40 code points."""
    clauses: list[tuple[int, int]] = []
    start = 0
    for index, char in enumerate(text):
        if char in _CLAUSE_ENDS or index + 1 - start >= _MAX_CLAUSE:
            _append_clause(clauses, text, start, index if char in _CLAUSE_ENDS else index + 1)
            start = index + 1
    _append_clause(clauses, text, start, len(text))
    return clauses


def _append_clause(clauses: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        clauses.append((start, end))
