"""Evidence marked in place: a message cut into plain and marked pieces by code-point offsets."""

from collections.abc import Iterable
from dataclasses import dataclass

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
    """Cut a text into plain and marked pieces, which joined give the text back exactly.

    Quotations that overlap make one piece: cut at each of their edges, a sentence cannot be read.
    """
    pieces: list[Piece] = []
    done = 0
    for run in _overlapping_runs(sound_evidence(text, evidence)):
        start, end = run[0].start, max(each.end for each in run)
        pieces += [Piece(text=text[done:start]), Piece(text=text[start:end], evidence=tuple(run))]
        done = end
    return [piece for piece in (*pieces, Piece(text=text[done:])) if piece.text]


def _overlapping_runs(evidence: Iterable[EvidenceView]) -> list[list[EvidenceView]]:
    runs: list[list[EvidenceView]] = []
    for each in sorted(evidence, key=lambda view: (view.start, view.end)):
        if runs and each.start < max(other.end for other in runs[-1]):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs
