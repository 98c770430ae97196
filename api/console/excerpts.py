"""Quotations for the queue list, each with a little around it: 想死 alone says nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.console.marking import Piece, mark_pieces, sound_evidence
from api.conversations.repository import find_leading_assessments
from api.conversations.schemas import EvidenceView
from api.db.tables import MessageRow

CONTEXT_CHARACTERS = 24
"""Code points shown before and after a quotation."""
MOST_EXCERPTS = 3
LONGEST_EXCERPT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A stretch of a message with its quotations marked; ``cut_…`` tell whether more stands around it."""

    pieces: list[Piece]
    evidence: list[EvidenceView]
    cut_before: bool
    cut_after: bool

    @property
    def notes(self) -> list[EvidenceView]:
        """The evidence without those that would read alike: same signal, context and source."""
        return list({(each.signal, *each.flags, each.source): each for each in self.evidence}.values())


@dataclass(slots=True, kw_only=True)
class _Stretch:
    start: int
    end: int
    evidence: list[EvidenceView]


def cut_excerpts(text: str, evidence: Iterable[EvidenceView]) -> list[Excerpt]:
    """The stretches of a message around its quotations, in their order; near ones share a stretch."""
    stretches: list[_Stretch] = []
    for each in sorted(sound_evidence(text, evidence), key=lambda view: (view.start, view.end)):
        start = max(0, each.start - CONTEXT_CHARACTERS)
        end = min(len(text), each.end + CONTEXT_CHARACTERS)
        if stretches and start <= stretches[-1].end:
            stretches[-1].end = max(stretches[-1].end, end)
            stretches[-1].evidence.append(each)
        else:
            stretches.append(_Stretch(start=start, end=end, evidence=[each]))
    return [_cut(text, stretch) for stretch in stretches[:MOST_EXCERPTS]]


def _cut(text: str, stretch: _Stretch) -> Excerpt:
    end = min(stretch.end, stretch.start + LONGEST_EXCERPT)
    shown = text[stretch.start : end]
    moved = [
        each.model_copy(
            update={
                "start": each.start - stretch.start,
                "end": min(each.end, end) - stretch.start,
                "text": text[each.start : min(each.end, end)],
            }
        )
        for each in stretch.evidence
        if each.start < end
    ]
    return Excerpt(
        pieces=mark_pieces(shown, moved),
        evidence=stretch.evidence,
        cut_before=stretch.start > 0,
        cut_after=end < len(text),
    )


def find_excerpts(session: Session, *, conversation_ids: Sequence[UUID]) -> dict[UUID, list[Excerpt]]:
    """Per conversation the excerpts of its gravest message that has evidence."""
    leading = find_leading_assessments(session, conversation_ids=conversation_ids)
    messages = [each.message_id for each in leading.values()]
    rows = session.execute(select(MessageRow.id, MessageRow.text).where(MessageRow.id.in_(messages)))
    texts: dict[UUID, str] = {row.id: row.text for row in rows}
    return {
        conversation_id: cut_excerpts(
            texts.get(assessment.message_id, ""),
            [EvidenceView.model_validate(each) for each in assessment.evidence],
        )
        for conversation_id, assessment in leading.items()
    }
