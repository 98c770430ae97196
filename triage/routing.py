"""Which counsellor queue (坐席队列) serves a conversation."""

from triage.labels import Category, Queue, Signal
from triage.message import ConversationState
from triage.risk.assessment import Assessment

_QUEUE_OF = {
    Category.PSYCHOLOGY: Queue.PSYCHOLOGY,
    Category.LEGAL: Queue.LEGAL,
    Category.AID: Queue.AID,
    Category.OTHER: Queue.GENERAL,
}


def route(assessment: Assessment, *, state: ConversationState) -> Queue:
    """The queue for an assessed message; an escalated conversation stays on the high-risk desk."""
    if assessment.escalate:
        return Queue.HIGH_RISK
    if assessment.degraded:
        kept = state.queue
        return kept if kept and kept is not Queue.GENERAL else Queue.PSYCHOLOGY
    if Signal.FRAUD in assessment.signals:
        return Queue.LEGAL
    return _QUEUE_OF[assessment.category]
