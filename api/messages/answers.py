"""The answer to a message, as the exact bytes that are stored and given again on every repeat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.conversations.schemas import EvidenceView
from api.messages.schemas import (
    MessageAnswer,
    QueuePlace,
    ReplyView,
    TriageView,
    YouthMessageAnswer,
    YouthQueuePlace,
    YouthReplyView,
)
from triage.catalog import Reply
from triage.risk.assessment import Evidence, TriageResult


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParts:
    """All that an answer is made of; ``reply`` is None while a counsellor is in the conversation."""

    message_id: UUID
    conversation_id: UUID
    received_at: datetime
    outcome: TriageResult
    reply: Reply | None
    show_at: datetime | None
    position: int
    respond_by: datetime
    on_duty: bool


def write_answer(parts: AnswerParts, *, youth_view: bool) -> str:
    """The answer as JSON text: for a chat backend with the triage, for a young person without."""
    if youth_view:
        return YouthMessageAnswer(
            message_id=parts.message_id,
            conversation_id=parts.conversation_id,
            received_at=parts.received_at,
            reply=_view_youth_reply(parts),
            queue=YouthQueuePlace(
                position=parts.position, respond_by=parts.respond_by, on_duty=parts.on_duty
            ),
        ).model_dump_json()
    return MessageAnswer(
        message_id=parts.message_id,
        conversation_id=parts.conversation_id,
        received_at=parts.received_at,
        triage=_view_triage(parts.outcome),
        reply=_view_reply(parts),
        queue=QueuePlace(
            name=parts.outcome.decision.queue,
            position=parts.position,
            respond_by=parts.respond_by,
            on_duty=parts.on_duty,
        ),
    ).model_dump_json()


def _view_youth_reply(parts: AnswerParts) -> YouthReplyView | None:
    reply = parts.reply
    if reply is None:
        return None
    return YouthReplyView(
        messages=list(reply.messages),
        text=reply.text,
        quick_replies=list(reply.quick_replies),
        show_at=parts.show_at,
    )


def _view_reply(parts: AnswerParts) -> ReplyView | None:
    shown, reply = _view_youth_reply(parts), parts.reply
    if shown is None or reply is None:
        return None
    return ReplyView(
        **shown.model_dump(), key=reply.key, version=reply.version, question_key=reply.question_key
    )


def _view_triage(outcome: TriageResult) -> TriageView:
    assessment = outcome.assessment
    return TriageView(
        category=assessment.category,
        category_scores=dict(assessment.category_scores),
        signals=list(assessment.signals),
        signal_scores=dict(assessment.signal_scores),
        level=assessment.level,
        level_name=assessment.level.name.lower(),
        message_level=assessment.message_level,
        risk_score=assessment.risk_score,
        escalate=assessment.escalate,
        degraded=list(assessment.degraded),
        evidence=[EvidenceView.model_validate(encode_evidence(each)) for each in assessment.evidence],
        model_version=outcome.model_version,
        lexicon_version=outcome.lexicon_version,
        policy_version=outcome.decision.policy_version,
    )


def encode_evidence(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain JSON values, as it is stored and shown."""
    return {
        "signal": evidence.signal.value,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "source": evidence.source.value,
        "flags": sorted(flag.value for flag in evidence.flags),
        "score": evidence.score,
    }
