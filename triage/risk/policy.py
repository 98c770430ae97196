"""The policy: what is promised, and what follows from an assessment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import ContentError
from triage.labels import Queue, RiskLevel, Signal
from triage.message import ConversationState
from triage.normalize import NormalizedText, normalize_text
from triage.replies import select_reply
from triage.risk.assessment import Assessment, Decision, Disposition
from triage.routing import route

POLICY_PATH = Path(__file__).with_name("policy.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerAnswer:
    """Words that mean danger as an answer to one of our own questions.

    ``after`` names the replies that ask; ``words`` are whole messages, normalised.
    """

    after: frozenset[str]
    words: frozenset[str]
    signal: Signal
    floor: RiskLevel


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
    human_request: tuple[str, ...]
    danger_answers: tuple[DangerAnswer, ...]

    def asks_for_human(self, text: NormalizedText) -> bool:
        """Whether the message asks for a person (转人工) in any of the listed words."""
        return any(phrase in text.text for phrase in self.human_request)


def load_policy(path: Path = POLICY_PATH) -> Policy:
    """Read and check a policy file; raises ``ContentError`` that names what is wrong."""
    try:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        policy = Policy(
            **{
                **raw,
                "escalation_within_s": {RiskLevel[k]: int(v) for k, v in raw["escalation_within_s"].items()},
                "queue_within_s": {Queue(k): int(v) for k, v in raw["queue_within_s"].items()},
                "human_request": _parse_words(raw["human_request"]),
                "danger_answers": tuple(map(_parse_danger_answer, raw["danger_answers"])),
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


def _parse_words(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or not all(isinstance(word, str) and word for word in raw):
        raise ValueError("a list of words is needed")
    return tuple(raw)


def _parse_danger_answer(raw: Any) -> DangerAnswer:
    return DangerAnswer(
        after=frozenset(_parse_words(raw["after"])),
        words=frozenset(normalize_text(word).text for word in _parse_words(raw["words"])),
        signal=Signal(raw["signal"]),
        floor=RiskLevel[raw["floor"]],
    )


def decide(
    assessment: Assessment, *, unsure: bool, asks_for_human: bool, state: ConversationState, policy: Policy
) -> Decision:
    """What happens next: escalate, let a person review, or wait in a queue.

    Once a person was called to look, the conversation stays with a person.
    """
    queue = route(assessment, state=state)
    review = unsure or asks_for_human or state.degraded or state.in_review
    disposition, within_s, reason = _dispose(assessment, queue, review, policy)
    return Decision(
        disposition=disposition,
        queue=queue,
        respond_within_s=within_s,
        reply_key=select_reply(assessment, disposition, asks_for_human=asks_for_human, unsure=unsure),
        reason=reason,
        policy_version=policy.version,
    )


def _dispose(
    assessment: Assessment, queue: Queue, review: bool, policy: Policy
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
    if review:
        return (
            Disposition.HUMAN_REVIEW,
            policy.review_within_s,
            "a person was asked for, or the score is unsure",
        )
    return Disposition.ENQUEUE, policy.queue_within_s[queue], f"category {assessment.category.value}"
