"""Run the pipeline beside the event loop, and turn every failure of it towards a person."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from api.metrics import Metrics
from api.observability import get_logger
from triage.drift import DriftMonitor, DriftReport
from triage.labels import Category, Queue, RiskLevel, escalates
from triage.message import ConversationState, Message, Role, Turn
from triage.pipeline import TriagePipeline
from triage.replies import UNREAD
from triage.risk.assessment import Assessment, Decision, DegradedReason, Disposition, TriageResult

UNREAD_RESPOND_WITHIN_S = 600
UNREAD_RISK_SCORE = 0.5
"""Neither danger nor its absence is known of a message that was not read."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagedTurn:
    """A triaged message: the answer, and the conversation's state after it."""

    outcome: TriageResult
    state: ConversationState


class TriageRunner:
    """Triages in threads of its own, so that the event loop never waits for a model."""

    def __init__(
        self, *, pipeline: TriagePipeline, limit_s: float, metrics: Metrics, threads: int = 2
    ) -> None:
        self._pipeline = pipeline
        self._limit_s = limit_s
        self._metrics = metrics
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="triage")
        self._scores = DriftMonitor(pipeline.score_reference)
        self._drifted = False

    async def triage_turn(self, *, message: Message, state: ConversationState) -> TriagedTurn:
        """Triage one message; never raises: what the pipeline cannot read, a person reads."""
        loop = asyncio.get_running_loop()
        with self._metrics.triage_seconds.time():
            try:
                return await asyncio.wait_for(
                    loop.run_in_executor(self._executor, self._triage, message, state), self._limit_s
                )
            except TimeoutError:
                _log.error("triage_timed_out")
                reason = DegradedReason.CLASSIFIER_TIMEOUT
            except Exception:
                _log.exception("triage_crashed")
                reason = DegradedReason.CLASSIFIER_FAILED
        return self._leave_to_person(message=message, state=state, reason=reason)

    def check_drift(self) -> DriftReport:
        """How the newest scores compare with calibration; says so in the log when that changes."""
        report = self._scores.report()
        self._metrics.drift_distance.set(report.distance)
        self._metrics.drifted.set(report.drifted)
        if report.drifted is not self._drifted:
            self._drifted = report.drifted
            tell = _log.error if report.drifted else _log.warning
            tell(
                "model_drift" if report.drifted else "model_drift_over", distance=report.distance, n=report.n
            )
        return report

    def close(self) -> None:
        """Let the threads end; calls that hang are not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _triage(self, message: Message, state: ConversationState) -> TriagedTurn:
        outcome = self._pipeline.triage(message=message, state=state)
        after = self._pipeline.advance(message=message, state=state, result=outcome)
        if outcome.assessment.classifier_score is not None:
            self._scores.add(outcome.assessment.classifier_score)
        return TriagedTurn(outcome=outcome, state=after)

    def _leave_to_person(
        self, *, message: Message, state: ConversationState, reason: DegradedReason
    ) -> TriagedTurn:
        assessment = assess_unread(state=state, reason=reason)
        queue = Queue.HIGH_RISK if assessment.escalate else Queue.PSYCHOLOGY
        outcome = TriageResult(
            assessment=assessment,
            decision=Decision(
                disposition=Disposition.ESCALATE if assessment.escalate else Disposition.HUMAN_REVIEW,
                queue=queue,
                respond_within_s=UNREAD_RESPOND_WITHIN_S,
                reply_key=UNREAD,
                reason=f"triage gave no answer: {reason.value}",
                policy_version=_version(lambda: self._pipeline.policy_version),
            ),
            model_version=_version(lambda: self._pipeline.model_version),
            lexicon_version=_version(lambda: self._pipeline.lexicon_version),
            intake=state.intake.answering(),
        )
        return TriagedTurn(outcome=outcome, state=_advance_unread(message, state, outcome))


def assess_unread(*, state: ConversationState, reason: DegradedReason) -> Assessment:
    """The assessment of a message that nothing could read: at least MODERATE, never LOW."""
    level = max(state.level, RiskLevel.MODERATE)
    signals = tuple(sorted(state.signals))
    return Assessment(
        category=state.category or Category.PSYCHOLOGY,
        category_scores={},
        signals=signals,
        signal_scores={},
        level=level,
        message_level=RiskLevel.MODERATE,
        message_risk_score=UNREAD_RISK_SCORE,
        risk_score=max(state.risk_score, UNREAD_RISK_SCORE),
        escalate=state.escalated or escalates(signals, level),
        degraded=(reason,),
        evidence=(),
    )


def _advance_unread(message: Message, state: ConversationState, outcome: TriageResult) -> ConversationState:
    assessment = outcome.assessment
    return replace(
        state.with_turn(Turn(role=Role.YOUTH, text=message.text)),
        level=assessment.level,
        risk_score=assessment.risk_score,
        category=assessment.category,
        queue=outcome.decision.queue,
        escalated=assessment.escalate,
        degraded=True,
        in_review=True,
        replies_sent=(*state.replies_sent, outcome.decision.reply_key),
        intake=outcome.intake,
    )


def _version(read: Callable[[], str]) -> str:
    try:
        return read()
    except Exception:
        return "unknown"
