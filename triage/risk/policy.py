"""The policy: what is promised, and what follows from an assessment."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import ContentError
from triage.intake.answers import normalize_words
from triage.intake.heard import Heard
from triage.labels import Queue, RiskLevel, Signal
from triage.message import ConversationState
from triage.normalize import NormalizedText
from triage.replies import select_reply
from triage.risk.assessment import Assessment, Decision, Disposition
from triage.routing import route
from triage.signals.compact import compact_text
from triage.signals.pattern import Matcher, compile_pattern

POLICY_PATH = Path(__file__).with_name("policy.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings of ``policy.yaml``; seconds end in ``_s``, scores lie in 0..1."""

    version: str
    reviewer: str
    escalation_within_s: dict[RiskLevel, int]
    review_within_s: int
    fraud_within_s: int
    queue_within_s: dict[Queue, int]
    certain_risk_score: float
    likely_share: float
    unread_risk_score: float
    human_request: Matcher[str]
    human_request_unless: Matcher[str]
    human_request_alone: frozenset[str]

    def asks_for_human(self, text: NormalizedText) -> bool:
        """Whether a person is asked for (转人工): by a pattern in it, or by a word that is all of it.

        A pattern that overlaps one of ``human_request_unless`` (人工智能, 妈妈找老师来) asks for nobody.
        """
        if normalize_words([text.text]) & self.human_request_alone:
            return True
        compact = compact_text(text)
        found = self.human_request.find(compact)
        spared = self.human_request_unless.find(compact) if found else []
        return any(
            all(each.end <= match.start or match.end <= each.start for each in spared) for match in found
        )


def load_policy(path: Path = POLICY_PATH) -> Policy:
    """Read and check a policy file; raises ``ContentError`` that names what is wrong."""
    try:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        policy = Policy(
            **{
                **raw,
                "escalation_within_s": {RiskLevel[k]: int(v) for k, v in raw["escalation_within_s"].items()},
                "queue_within_s": {Queue(k): int(v) for k, v in raw["queue_within_s"].items()},
                "human_request": _parse_patterns(raw["human_request"]),
                "human_request_unless": _parse_patterns(raw["human_request_unless"]),
                "human_request_alone": normalize_words(raw["human_request_alone"]),
            }
        )
    except (OSError, yaml.YAMLError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise ContentError(f"policy {path.name}: {error!r}") from error
    missing = {RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT} - set(policy.escalation_within_s)
    missing_queues = set(Queue) - {Queue.HIGH_RISK} - set(policy.queue_within_s)
    if missing or missing_queues:
        raise ContentError(f"policy {path.name}: no promise for {sorted(missing)} {sorted(missing_queues)}")
    for name in ("certain_risk_score", "likely_share", "unread_risk_score"):
        value = getattr(policy, name)
        if not isinstance(value, float | int) or not 0.0 <= value <= 1.0:
            raise ContentError(f"policy {path.name}: {name} must lie in 0..1")
    return policy


def _parse_patterns(raw: Any) -> Matcher[str]:
    if not isinstance(raw, list) or not raw or not all(isinstance(source, str) and source for source in raw):
        raise ValueError("a list of patterns is needed")
    return Matcher([(source, compile_pattern(source)) for source in raw])


def decide(
    assessment: Assessment,
    *,
    heard: Heard,
    unsure: bool,
    asks_for_human: bool,
    state: ConversationState,
    policy: Policy,
) -> Decision:
    """What happens next: escalate, let a person review, or wait in a queue.

    Once a person was called to look, the conversation stays with a person.
    """
    queue = route(assessment, state=state)
    causes = {
        "a person was asked for": asks_for_human,
        "the score is unsure": unsure,
        "the answers contradict each other": heard.state.contradicted,
        "a person was called before": state.degraded or state.in_review,
    }
    reasons = [cause for cause, holds in causes.items() if holds]
    disposition, within_s, reason = _dispose(assessment, queue, reasons, policy)
    return Decision(
        disposition=disposition,
        queue=queue,
        respond_within_s=within_s,
        reply_key=select_reply(
            assessment,
            disposition,
            asks_for_human=asks_for_human,
            unsure=unsure,
            speaker=heard.speaker,
        ),
        reason=reason,
        policy_version=policy.version,
    )


def _dispose(
    assessment: Assessment, queue: Queue, reasons: Sequence[str], policy: Policy
) -> tuple[Disposition, int, str]:
    if assessment.escalate:
        names = ", ".join(signal.value for signal in assessment.signals)
        reason = f"{assessment.level.name} risk: {names}"
        return Disposition.ESCALATE, policy.escalation_within_s[assessment.level], reason
    if assessment.degraded:
        causes = ", ".join(reason.value for reason in assessment.degraded)
        return Disposition.HUMAN_REVIEW, policy.review_within_s, f"not fully read by machine: {causes}"
    if Signal.FRAUD in assessment.signals:
        return Disposition.HUMAN_REVIEW, policy.fraud_within_s, "fraud: money may still be stopped"
    if reasons:
        return Disposition.HUMAN_REVIEW, policy.review_within_s, "; ".join(reasons)
    return Disposition.ENQUEUE, policy.queue_within_s[queue], f"category {assessment.category.value}"
