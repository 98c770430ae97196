"""Which reviewed text answers a message; the texts themselves live in ``prompts/replies``."""

from typing import assert_never

from triage.labels import Category, RiskLevel, Signal
from triage.risk.assessment import Assessment, Disposition, EvidenceSource
from triage.signals.hit import WEAKENING, ContextFlag

REPLY_KEYS = frozenset(
    {
        "crisis_imminent", "crisis_high", "crisis_moderate", "crisis_violence", "crisis_other_person",
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
_TOWARDS_ONESELF = {Signal.SUICIDE, Signal.SELF_HARM}


def select_reply(
    assessment: Assessment, disposition: Disposition, *, asks_for_human: bool, unsure: bool
) -> str:
    """The key of the reply for a message; danger first, then what was asked for."""
    match disposition:
        case Disposition.ESCALATE:
            return _select_crisis(assessment)
        case Disposition.HUMAN_REVIEW:
            if asks_for_human:
                return "handoff"
            if assessment.degraded:
                return "human_review"
            if unsure:
                return "check_question"
            return _select_ordinary(assessment)
        case Disposition.ENQUEUE:
            return _select_ordinary(assessment)
        case _:
            assert_never(disposition)


def _select_crisis(assessment: Assessment) -> str:
    """By whom the danger threatens: another person, others through the writer, or the writer."""
    if _is_about_another(assessment):
        return "crisis_other_person"
    if Signal.HARM_TO_OTHERS in assessment.signals and _TOWARDS_ONESELF.isdisjoint(assessment.signals):
        return "crisis_violence"
    return _CRISIS[assessment.level]


def _is_about_another(assessment: Assessment) -> bool:
    """Whether every phrase found, unless its context weakens it, speaks of another person."""
    phrases = [
        evidence
        for evidence in assessment.evidence
        if evidence.source is EvidenceSource.LEXICON and WEAKENING.isdisjoint(evidence.flags)
    ]
    return bool(phrases) and all(ContextFlag.OTHER_PERSON in evidence.flags for evidence in phrases)


def _select_ordinary(assessment: Assessment) -> str:
    return "fraud" if Signal.FRAUD in assessment.signals else _BY_CATEGORY[assessment.category]
