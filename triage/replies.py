"""Which reviewed text answers a message; the texts themselves live in ``prompts/replies``."""

from typing import assert_never

from triage.labels import Category, RiskLevel, Signal
from triage.risk.assessment import Assessment, Disposition

REPLY_KEYS = frozenset(
    {
        "crisis_imminent", "crisis_high", "crisis_moderate",
        "handoff", "human_review", "check_question", "fraud",
        "psychology", "legal", "aid", "general",
    }
)  # fmt: skip
"""Every key that ``select_reply`` can return; the catalogue must hold them all."""

_CRISIS = {
    RiskLevel.MODERATE: "crisis_moderate",
    RiskLevel.HIGH: "crisis_high",
    RiskLevel.IMMINENT: "crisis_imminent",
}
_BY_CATEGORY = {
    Category.PSYCHOLOGY: "psychology",
    Category.LEGAL: "legal",
    Category.AID: "aid",
    Category.OTHER: "general",
}


def select_reply(assessment: Assessment, disposition: Disposition, *, asks_for_human: bool) -> str:
    """The key of the reply for a message; danger first, then what was asked for."""
    match disposition:
        case Disposition.ESCALATE:
            return _CRISIS[assessment.level]
        case Disposition.HUMAN_REVIEW:
            if asks_for_human:
                return "handoff"
            if assessment.degraded:
                return "human_review"
            return "fraud" if Signal.FRAUD in assessment.signals else "check_question"
        case Disposition.ENQUEUE:
            return _BY_CATEGORY[assessment.category]
        case _:
            assert_never(disposition)
