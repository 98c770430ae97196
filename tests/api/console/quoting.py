"""Evidence for tests."""

from api.conversations.schemas import EvidenceView
from triage.labels import Signal
from triage.risk.assessment import EvidenceSource


def quote(text: str, quotation: str, *, signal: Signal = Signal.SUICIDE) -> EvidenceView:
    """Evidence that quotes the first place where the quotation stands."""
    start = text.index(quotation)
    return EvidenceView(
        signal=signal,
        start=start,
        end=start + len(quotation),
        text=quotation,
        source=EvidenceSource.LEXICON,
        flags=[],
    )
