"""Which reviewed text answers a message; the texts themselves live in ``prompts/replies``."""

from typing import assert_never

from triage.intake.script import Act
from triage.intake.slots import Speaker
from triage.labels import ESCALATING_SIGNALS, Category, RiskLevel, Signal, Subject
from triage.risk.assessment import Assessment, Disposition, EvidenceSource
from triage.signals.hit import WEAKENING, ContextFlag

HANDOFF, READY, UNREAD, CHECK = "handoff", "ready", "human_review", "check_question"
FRAUD, REVIEW = "fraud", "review_crisis"
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
_TO_ACTS = {
    Act.DECLINE: "declined",
    Act.ASK_SECRECY: "secrecy",
    Act.ASK_IDENTITY: "identity",
    Act.ASK_WAITING: "waiting",
    Act.THANKS: "thanks",
}
_TO_ACTS_IN_CRISIS = {
    Act.RETRACT: "retraction",
    Act.GOODBYE: "farewell",
    Act.DECLINE: "declined_crisis",
    Act.ASK_SECRECY: "secrecy_crisis",
    Act.ASK_IDENTITY: "identity_crisis",
    Act.ASK_WAITING: "waiting_crisis",
}
_OTHER_CRISES = frozenset({"crisis_violence", "crisis_other_person", "crisis_caregiver"})
_ORDINARY = frozenset({*_BY_CATEGORY.values(), "caregiver", CHECK})

OPENING_KEYS = _ORDINARY | {HANDOFF, FRAUD}
"""Replies with a form for a conversation in which the notice about AI and confidentiality is still due."""
_TO_DANGER = frozenset({*_CRISIS.values(), *_OTHER_CRISES})
CRISIS_KEYS = frozenset({*_TO_DANGER, *_TO_ACTS_IN_CRISIS.values(), UNREAD, HANDOFF, REVIEW})
"""Replies at MODERATE or more: each of their texts names the four numbers of an emergency."""
REPLY_KEYS = OPENING_KEYS | CRISIS_KEYS | frozenset(_TO_ACTS.values()) | {READY}
"""Every key that can be chosen; the catalogue must hold them all."""


def select_reply(
    assessment: Assessment, disposition: Disposition, *, asks_for_human: bool, unsure: bool, speaker: Speaker
) -> str:
    """The key of the reply for a message; danger first, then what was asked for."""
    match disposition:
        case Disposition.ESCALATE:
            return _select_crisis(assessment, speaker)
        case Disposition.HUMAN_REVIEW:
            if asks_for_human:
                return HANDOFF
            if assessment.degraded:
                return UNREAD
            if unsure and _is_check_fitting(assessment):
                return CHECK
            return _select_ordinary(assessment, speaker)
        case Disposition.ENQUEUE:
            return _select_ordinary(assessment, speaker)
        case _:
            assert_never(disposition)


def refine_reply(
    key: str,
    *,
    level: RiskLevel,
    act: Act | None,
    asks_more: bool,
    new_danger: bool,
    said: tuple[str, ...],
    opened: bool,
) -> str:
    """The reply once the next question is known: to what the message does, or that all is taken down.

    New danger is answered as danger whatever the message does besides; at MODERATE or more the numbers of an
    emergency come first, and the notice comes before courtesy.
    """
    if key in _TO_DANGER:
        return key if new_danger or act is None else _TO_ACTS_IN_CRISIS.get(act, key)
    if key in (UNREAD, HANDOFF, FRAUD):
        return key
    if level >= RiskLevel.MODERATE:
        return REVIEW
    if not opened:
        return key
    if act in _TO_ACTS and not (key == CHECK and asks_more):
        return _TO_ACTS[act]
    return READY if said and not asks_more else key


def _select_crisis(assessment: Assessment, speaker: Speaker) -> str:
    """By whom the danger threatens: another person, others through the writer, or the writer."""
    about_writer = is_about_writer(assessment)
    towards_oneself = not {Signal.SUICIDE, Signal.SELF_HARM}.isdisjoint(assessment.signals)
    if speaker is Speaker.CAREGIVER and not about_writer:
        return "crisis_caregiver"
    if speaker is Speaker.PEER and not about_writer:
        return "crisis_other_person"
    if Signal.HARM_TO_OTHERS in assessment.signals and not towards_oneself:
        return "crisis_violence"
    if _is_about_another(assessment):
        return "crisis_caregiver" if speaker is Speaker.CAREGIVER else "crisis_other_person"
    return _CRISIS[assessment.level]


def is_about_writer(assessment: Assessment) -> bool:
    """Whether a message tells of danger to its writer, whoever the conversation was about before."""
    return assessment.message_subject is Subject.SELF and assessment.message_level > RiskLevel.LOW


def _is_check_fitting(assessment: Assessment) -> bool:
    """Whether to ask about a wish to die; who came about wages is only looked at by a person."""
    matter_of_fact = assessment.category in (Category.LEGAL, Category.AID)
    return not matter_of_fact or not ESCALATING_SIGNALS.isdisjoint(assessment.signals)


def _is_about_another(assessment: Assessment) -> bool:
    """Whether every phrase found, unless its context weakens it, speaks of another person."""
    phrases = [
        evidence
        for evidence in assessment.evidence
        if evidence.source is EvidenceSource.LEXICON and WEAKENING.isdisjoint(evidence.flags)
    ]
    return bool(phrases) and all(ContextFlag.OTHER_PERSON in evidence.flags for evidence in phrases)


def _select_ordinary(assessment: Assessment, speaker: Speaker) -> str:
    if Signal.FRAUD in assessment.signals:
        return FRAUD
    if speaker is Speaker.CAREGIVER and assessment.category is Category.PSYCHOLOGY:
        return "caregiver"
    return _BY_CATEGORY[assessment.category]
