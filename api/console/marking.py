"""Evidence marked in place: a message cut into plain and marked pieces by code-point offsets."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from api.conversations.schemas import EvidenceView
from triage.labels import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a message; ``evidence`` is empty where nothing points at it."""

    text: str
    evidence: tuple[EvidenceView, ...] = ()

    @property
    def signals(self) -> list[Signal]:
        """The signals that the piece carries, each once."""
        return sorted({each.signal for each in self.evidence})


def sound_evidence(text: str, evidence: Iterable[EvidenceView]) -> list[EvidenceView]:
    """The quotations that do quote the text; a mark in a wrong place would mislead more than none."""
    return [each for each in evidence if each.start < each.end and text[each.start : each.end] == each.text]


def mark_pieces(text: str, evidence: Iterable[EvidenceView]) -> list[Piece]:
    """Cut a text at every edge of a quotation; the pieces joined give the text back exactly.

    Quotations may overlap; those that do not quote the text are left out.
    """
    sound = sound_evidence(text, evidence)
    edges = sorted({0, len(text), *(each.start for each in sound), *(each.end for each in sound)})
    return [
        Piece(
            text=text[start:end],
            evidence=tuple(each for each in sound if each.start <= start and end <= each.end),
        )
        for start, end in pairwise(edges)
    ]
