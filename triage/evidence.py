"""Point at the words that carry a signal where no phrase of the lexicon does.

The classifier scores each clause of the message alone; the clause with the highest score for the
signal is quoted. This is occlusion turned round: what raises the alarm by itself is its evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from triage.classifier.base import Prediction
from triage.labels import Signal
from triage.message import ConversationState
from triage.reading import Reading, split_clauses
from triage.risk.assessment import Assessment, Evidence, EvidenceSource
from triage.signals.hit import WEAKENING

MAX_CLAUSES = 48
"""Clauses scored per message, so that a very long letter costs a bounded time; newest kept."""
MIN_SCORE = 0.2
"""A clause below this score is no evidence; the signal then comes from the whole, not a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Signals of a message that still lack evidence, and the clauses to look for it in."""

    signals: tuple[Signal, ...]
    clauses: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]


def plan_search(reading: Reading, assessment: Assessment, *, state: ConversationState) -> Search | None:
    """What to score so that every new signal, and every rise of the level, can be quoted; else None."""
    risen = assessment.message_level > state.level
    quoted = {evidence.signal for evidence in assessment.evidence if WEAKENING.isdisjoint(evidence.flags)}
    missing = tuple(s for s in assessment.signals if s not in quoted and (risen or s not in state.signals))
    clauses = tuple(split_clauses(reading.message.text)[-MAX_CLAUSES:])
    if not missing or not clauses or not reading.texts:
        return None
    texts = tuple(reading.message.text[start:end] for start, end in clauses)
    return Search(signals=missing, clauses=clauses, texts=texts)


def add_evidence(assessment: Assessment, search: Search, predictions: Sequence[Prediction]) -> Assessment:
    """The assessment with the best clause quoted for each signal that was searched."""
    found: list[Evidence] = []
    for signal in search.signals:
        scores = [prediction.signal_scores[signal] for prediction in predictions]
        best = max(range(len(scores)), key=scores.__getitem__)
        if scores[best] < MIN_SCORE:
            continue
        start, end = search.clauses[best]
        found.append(
            Evidence(
                signal=signal,
                start=start,
                end=end,
                text=search.texts[best],
                source=EvidenceSource.CLASSIFIER,
                score=scores[best],
            )
        )
    return replace(assessment, evidence=(*assessment.evidence, *found))
