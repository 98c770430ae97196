"""From what was read and scored to what it amounts to.

Three voices are heard: the message alone, the message in its conversation, and the phrases found.
The most worried one decides, and nothing said later makes the conversation less dangerous.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from triage.classifier.base import Prediction, Thresholds
from triage.intake.heard import Weight
from triage.labels import (
    CATEGORIES,
    ESCALATING_SIGNALS,
    ESCALATION_LEVEL,
    LEVELS,
    SIGNALS,
    Category,
    RiskLevel,
    Signal,
    Subject,
    escalates,
)
from triage.message import ConversationState
from triage.reading import Reading
from triage.risk.assessment import Assessment, DegradedReason, Evidence, EvidenceSource
from triage.risk.policy import Policy
from triage.signals.hit import ContextFlag, SignalHit, Strength
from triage.window import WINDOW_CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Predictions for a reading: those of its excerpts, and that of its window if it has one.

    Both are empty when nothing was readable, or when the classifier failed: ``failure`` says how.
    """

    excerpts: tuple[Prediction, ...] = ()
    window: Prediction | None = None
    failure: DegradedReason | None = None

    @property
    def every(self) -> tuple[Prediction, ...]:
        """All predictions for the message, the window last."""
        return self.excerpts if self.window is None else (*self.excerpts, self.window)


def assess(
    reading: Reading,
    scored: Scored,
    *,
    state: ConversationState,
    thresholds: Thresholds,
    policy: Policy,
) -> Assessment:
    """Join scores, phrases and the conversation's past into one assessment."""
    degraded = (*reading.degraded, scored.failure) if scored.failure else reading.degraded
    category_scores = _category_scores(scored, reading)
    signal_scores = {
        signal: max((p.signal_scores[signal] for p in scored.every), default=policy.unread_risk_score)
        for signal in SIGNALS
    }
    risk_score = max((p.escalate_score for p in scored.every), default=policy.unread_risk_score)
    ruling = [hit for hit in reading.hits if _rules(hit, risk_score, signal_scores, thresholds, policy)]
    alarming = [hit for hit in ruling if hit.floor >= ESCALATION_LEVEL and hit.signal in ESCALATING_SIGNALS]
    if alarming:
        sure = any(hit.strength is Strength.CERTAIN for hit in alarming)
        risk_score = max(risk_score, policy.certain_risk_score if sure else thresholds.escalate)
    signals = {hit.signal for hit in ruling}
    if scored.every:
        signals |= _scored_signals(scored, signal_scores, thresholds)
    level = _message_level(scored, signals, ruling, thresholds)
    escalate = state.escalated or escalates(signals, level)
    if degraded:
        level = max(level, RiskLevel.MODERATE)
    all_signals = state.signals | signals
    total_level = max(state.level, level, ESCALATION_LEVEL if escalate else level)
    return Assessment(
        category=_settle_category(category_scores, all_signals, state),
        category_scores=category_scores,
        signals=tuple(signal for signal in SIGNALS if signal in all_signals),
        signal_scores=signal_scores,
        level=total_level,
        message_level=level,
        message_risk_score=risk_score,
        risk_score=max(state.risk_score, risk_score),
        escalate=escalate,
        degraded=degraded,
        classifier_score=max((p.escalate_score for p in scored.excerpts), default=None),
        message_subject=_choose_subject(scored, signals, ruling),
        evidence=tuple(_lexicon_evidence(hit) for hit in reading.hits if hit.signal in all_signals),
    )


def weigh_scores(scored: Scored, weight: Weight) -> Scored:
    """The scores as far as they are to be heard on an answer to our own question; categories are left."""
    voices = scored.every
    if weight is Weight.FULL or not voices:
        return scored
    share = 1 / len(voices) if weight is Weight.JOINT else 0.0
    signals = {signal: share * sum(each.signal_scores[signal] for each in voices) for signal in SIGNALS}
    levels = {level: share * sum(each.level_scores[level] for each in voices) for level in LEVELS[1:]}
    escalate = share * sum(each.escalate_score for each in voices)

    def weigh(prediction: Prediction) -> Prediction:
        return replace(prediction, signal_scores=signals, level_scores=levels, escalate_score=escalate)

    return replace(
        scored,
        excerpts=tuple(map(weigh, scored.excerpts)),
        window=weigh(scored.window) if scored.window else None,
    )


def is_unsure(assessment: Assessment, reading: Reading, *, thresholds: Thresholds) -> bool:
    """Whether a person should look although there is no alarm.

    Either the score of this message lies in the band where neither alarm nor silence is right, or a
    phrase of serious danger stands in it whose context (past, fiction, ...) may have been misread.
    """
    if assessment.escalate:
        return False
    serious = any(hit.floor >= RiskLevel.HIGH and hit.strength is not Strength.HINT for hit in reading.hits)
    return serious or assessment.message_risk_score >= thresholds.review


def _scored_signals(
    scored: Scored, signal_scores: Mapping[Signal, float], thresholds: Thresholds
) -> set[Signal]:
    """Signals by their scores; an alarm has at least the likeliest, whatever phrases say beside it."""
    found = {signal for signal, score in signal_scores.items() if score >= thresholds.signals[signal]}
    if _alarms(scored, thresholds) and ESCALATING_SIGNALS.isdisjoint(found):
        found.add(max(ESCALATING_SIGNALS, key=lambda signal: (signal_scores[signal], signal)))
    return found


def _alarms(scored: Scored, thresholds: Thresholds) -> bool:
    return any(prediction.escalate_score >= thresholds.escalate for prediction in scored.every)


def _category_scores(scored: Scored, reading: Reading) -> Mapping[Category, float]:
    """Those of the window, which knows what a short answer is about; of all parts for a long text."""
    short = len(reading.message.text) <= WINDOW_CHARACTERS
    chosen: Sequence[Prediction] = (scored.window,) if scored.window and short else scored.every
    if not chosen:
        return {category: 1.0 / len(CATEGORIES) for category in CATEGORIES}
    return {
        category: sum(prediction.category_scores[category] for prediction in chosen) / len(chosen)
        for category in CATEGORIES
    }


def _settle_category(
    scores: Mapping[Category, float], signals: frozenset[Signal], state: ConversationState
) -> Category:
    if len(set(scores.values())) == 1:
        return state.category or Category.PSYCHOLOGY
    best = max(scores, key=lambda category: scores[category])
    if best is Category.OTHER and not ESCALATING_SIGNALS.isdisjoint(signals):
        best = Category.PSYCHOLOGY
    return state.category if best is Category.OTHER and state.category else best


def _choose_subject(scored: Scored, signals: set[Signal], ruling: Sequence[SignalHit]) -> Subject:
    """Whom the message's danger is about, by the part that sounds the most dangerous.

    Without scores it is another person only if every phrase speaks of one: the writer can be reached.
    """
    if not signals:
        return Subject.NONE
    if not scored.every:
        others = [ContextFlag.OTHER_PERSON in hit.flags for hit in ruling]
        return Subject.OTHER if others and all(others) else Subject.SELF
    shares = max(scored.every, key=lambda prediction: prediction.escalate_score).subject_scores
    return Subject.OTHER if shares[Subject.OTHER] > shares[Subject.SELF] else Subject.SELF


def _rules(
    hit: SignalHit,
    risk_score: float,
    signal_scores: Mapping[Signal, float],
    thresholds: Thresholds,
    policy: Policy,
) -> bool:
    """Whether a phrase counts: by itself, or because the classifier leans the same way."""
    if hit.weakened:
        return False
    if hit.strength is Strength.CERTAIN:
        return True
    if hit.signal is Signal.FRAUD:
        score, threshold = signal_scores[Signal.FRAUD], thresholds.signals[Signal.FRAUD]
    else:
        score, threshold = risk_score, thresholds.escalate
    return hit.strength is Strength.LIKELY and score >= policy.likely_share * threshold


def _message_level(
    scored: Scored,
    signals: set[Signal],
    ruling: Sequence[SignalHit],
    thresholds: Thresholds,
) -> RiskLevel:
    """The level of this message: the scores' own, held to the side of the alarm that was decided."""
    level = RiskLevel.NONE
    for at_least, threshold in thresholds.levels.items():
        if any(prediction.level_scores[at_least] >= threshold for prediction in scored.every):
            level = max(level, at_least)
    level = max(level, ESCALATION_LEVEL) if _alarms(scored, thresholds) else min(level, RiskLevel.LOW)
    if signals:
        level = max(level, RiskLevel.LOW)
    return max([level, *map(_floor_of, ruling)])


def _floor_of(hit: SignalHit) -> RiskLevel:
    """The level that a phrase asks for; fraud alone is never more than LOW."""
    return hit.floor if hit.signal in ESCALATING_SIGNALS else min(hit.floor, RiskLevel.LOW)


def _lexicon_evidence(hit: SignalHit) -> Evidence:
    return Evidence(
        signal=hit.signal,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        source=EvidenceSource.LEXICON,
        flags=hit.flags,
    )
