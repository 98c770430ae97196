"""From what was read and scored to what it amounts to.

Three voices are heard: the message alone, the message in its conversation, and the phrases found.
The most worried one decides, and nothing said later makes the conversation less dangerous.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.classifier.base import Prediction, Thresholds
from triage.labels import (
    CATEGORIES,
    ESCALATING_SIGNALS,
    ESCALATION_LEVEL,
    SIGNALS,
    Category,
    RiskLevel,
    Signal,
    escalates,
)
from triage.message import ConversationState
from triage.reading import Reading
from triage.risk.assessment import Assessment, DegradedReason, Evidence, EvidenceSource
from triage.risk.policy import Policy
from triage.signals.hit import SignalHit, Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Predictions for a reading: those of its excerpts, and that of its window if it has one.

    Both are empty when the classifier failed; the reading's ``degraded`` reasons then say so.
    """

    excerpts: tuple[Prediction, ...] = ()
    window: Prediction | None = None

    @property
    def every(self) -> tuple[Prediction, ...]:
        """All predictions for the message, the window last."""
        return self.excerpts if self.window is None else (*self.excerpts, self.window)


def assess(
    reading: Reading,
    scored: Scored,
    *,
    degraded: tuple[DegradedReason, ...],
    state: ConversationState,
    thresholds: Thresholds,
    policy: Policy,
) -> Assessment:
    """Join scores, phrases and the conversation's past into one assessment."""
    category_scores = _category_scores(scored)
    signal_scores = {signal: _highest(scored, signal) for signal in SIGNALS}
    risk_score = max((p.escalate_score for p in scored.every), default=policy.unread_risk_score)
    ruling = [hit for hit in reading.hits if _rules(hit, risk_score, thresholds, policy)]
    if any(hit.floor >= ESCALATION_LEVEL and hit.signal in ESCALATING_SIGNALS for hit in ruling):
        risk_score = max(risk_score, policy.certain_risk_score if _certain(ruling) else thresholds.escalate)
    signals = {signal for signal, score in signal_scores.items() if score >= thresholds.signals[signal]}
    signals |= {hit.signal for hit in ruling}
    level = _message_level(scored, signals, ruling, thresholds)
    if level >= ESCALATION_LEVEL and ESCALATING_SIGNALS.isdisjoint(signals):
        signals.add(max(ESCALATING_SIGNALS, key=lambda signal: (signal_scores[signal], signal)))
    if degraded:
        level = max(level, RiskLevel.MODERATE)
    all_signals = state.signals | signals
    total_level = max(state.level, level)
    return Assessment(
        category=_settle_category(category_scores, all_signals, state),
        category_scores=category_scores,
        signals=tuple(signal for signal in SIGNALS if signal in all_signals),
        signal_scores=signal_scores,
        level=total_level,
        message_level=level,
        risk_score=max(state.risk_score, risk_score),
        escalate=state.escalated or escalates(all_signals, total_level),
        degraded=degraded,
        evidence=tuple(_lexicon_evidence(hit) for hit in reading.hits if hit.signal in all_signals),
    )


def is_unsure(assessment: Assessment, *, thresholds: Thresholds) -> bool:
    """Whether the risk score lies in the band where neither alarm nor silence is right."""
    return not assessment.escalate and assessment.risk_score >= thresholds.review


def _highest(scored: Scored, signal: Signal) -> float:
    return max((prediction.signal_scores[signal] for prediction in scored.every), default=0.0)


def _category_scores(scored: Scored) -> Mapping[Category, float]:
    chosen: Sequence[Prediction] = (scored.window,) if scored.window else scored.excerpts
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


def _rules(hit: SignalHit, risk_score: float, thresholds: Thresholds, policy: Policy) -> bool:
    """Whether a phrase counts: by itself, or because the classifier leans the same way."""
    if hit.weakened:
        return False
    if hit.strength is Strength.CERTAIN:
        return True
    return hit.strength is Strength.LIKELY and risk_score >= policy.likely_share * thresholds.escalate


def _certain(hits: Sequence[SignalHit]) -> bool:
    return any(hit.strength is Strength.CERTAIN for hit in hits)


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
    if scored.every and max(p.escalate_score for p in scored.every) >= thresholds.escalate:
        level = max(level, ESCALATION_LEVEL)
    else:
        level = min(level, RiskLevel.LOW)
    if signals:
        level = max(level, RiskLevel.LOW)
    return max([level, *(hit.floor for hit in ruling)])


def _lexicon_evidence(hit: SignalHit) -> Evidence:
    return Evidence(
        signal=hit.signal,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        source=EvidenceSource.LEXICON,
        flags=hit.flags,
    )
