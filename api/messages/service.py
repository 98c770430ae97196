"""Receive a message: read the conversation, triage, store all of it in one transaction, answer.

Stored before acknowledged: what is answered with 2xx is committed, once, whatever runs beside it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from api.auth.permissions import Principal
from api.conversations.repository import find_open_conversation
from api.conversations.state import decode_state
from api.db.session import is_worth_a_retry
from api.db.tables import ConversationRow
from api.deps import Services
from api.errors import ConversationBusy, IdempotencyConflict
from api.messages.inbound import InboundMessage
from api.messages.repository import StoredMessage, VersionConflict, find_held_reply, find_stored
from api.messages.storing import KnownConversation, StoredTurn, TriagedMessage, store_message
from api.messages.triage_runner import TriagedTurn
from api.observability import get_logger
from triage.catalog import Catalog, Reply
from triage.errors import ContentError
from triage.intake.state import IntakeState
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ConversationState
from triage.replies import UNREAD

MAX_ATTEMPTS = 12
ASSISTANT_RESUMES_AFTER = timedelta(minutes=10)
"""So long after a counsellor's last words the assistant answers again: nobody is left without an answer."""

_log = get_logger(__name__)


async def receive_message(services: Services, *, inbound: InboundMessage, sender: Principal) -> str:
    """Receive a message and give the answer as JSON text; repeated calls get the same text.

    Raises ``IdempotencyConflict`` when its id was used for another message, ``ConversationBusy``
    when too many others change the conversation at the same time.
    """
    async with services.locks.hold((inbound.channel, inbound.user)):
        for _ in range(MAX_ATTEMPTS):
            look_up = partial(_look_up, inbound=inbound, now=services.clock.now())
            known = await services.database.read(look_up)
            if isinstance(known, StoredMessage):
                return _replay(services, inbound, known)
            turn = await services.runner.triage_turn(message=inbound.message, state=known.state)
            triaged = TriagedMessage(
                inbound=inbound,
                sender=sender,
                known=known,
                turn=turn,
                reply=None if known.state.with_person else _compose(services.catalog, turn, known.state),
                promises=services.promises,
                now=services.clock.now(),
            )
            try:
                stored = await services.database.write(partial(store_message, triaged=triaged))
            except (VersionConflict, IntegrityError):
                continue  # somebody was faster: read again what stands there now
            except DBAPIError as error:
                if not is_worth_a_retry(error):
                    raise
                continue
            _tell(services, stored=stored, turn=turn)
            return stored.answer
    services.metrics.messages.labels(outcome="busy").inc()
    raise ConversationBusy


def _look_up(
    session: Session, *, inbound: InboundMessage, now: datetime
) -> StoredMessage | KnownConversation:
    """The message itself if it was received before, else the conversation it belongs to."""
    stored = find_stored(session, channel=inbound.channel, external_id=inbound.external_id)
    if stored is not None:
        return stored
    row = find_open_conversation(session, channel=inbound.channel, user_ref=inbound.user)
    if row is None:
        # A chat page has shown the notice about the assistant before the first word.
        fresh = ConversationState(intake=IntakeState(opened=inbound.youth_view))
        return KnownConversation(row=None, state=fresh)
    try:
        state = decode_state(row.state)
    except (KeyError, TypeError, ValueError):
        _log.exception("state_unreadable", conversation_id=str(row.id))
        state = _rebuild_state(row)
    if _is_with_person(row, now):
        return KnownConversation(row=row, state=replace(state, with_person=True))
    held = find_held_reply(session, conversation_id=row.id, now=now) if inbound.holds_reply else None
    if held is not None:
        state = state.without_last_reply()
    return KnownConversation(row=row, state=state, held_reply=held)


def _is_with_person(row: ConversationRow, now: datetime) -> bool:
    """Whether a counsellor is in the conversation: the assistant then keeps still."""
    return row.answered_at is not None and now - row.answered_at < ASSISTANT_RESUMES_AFTER


def _rebuild_state(row: ConversationRow) -> ConversationState:
    """What the columns know of a conversation whose state cannot be read: the danger is not lost."""
    return ConversationState(
        level=RiskLevel(row.level),
        signals=frozenset(Signal(signal) for signal in row.signals),
        category=Category(row.category),
        queue=Queue(row.queue),
        escalated=row.escalated,
        degraded=True,
        in_review=True,
    )


def _replay(services: Services, inbound: InboundMessage, stored: StoredMessage) -> str:
    if stored.fingerprint != inbound.fingerprint:
        services.metrics.messages.labels(outcome="conflict").inc()
        raise IdempotencyConflict
    services.metrics.messages.labels(outcome="replayed").inc()
    return stored.answer


def _compose(catalog: Catalog, turn: TriagedTurn, before: ConversationState) -> Reply:
    said = before.replies_sent
    try:
        return catalog.compose(turn.outcome, said=said)
    except ContentError:
        _log.exception("reply_missing")
        text = catalog.statement(UNREAD, times_sent=said.count(UNREAD))
        return Reply(key=UNREAD, version=catalog.version, messages=(text,))


def _tell(services: Services, *, stored: StoredTurn, turn: TriagedTurn) -> None:
    """Count and log what was stored, by ids and labels only."""
    assessment, decision = turn.outcome.assessment, turn.outcome.decision
    services.metrics.messages.labels(outcome="stored").inc()
    services.metrics.queued.labels(queue=decision.queue.value, level=assessment.level.name.lower()).inc()
    for reason in assessment.degraded:
        services.metrics.degraded.labels(reason=reason.value).inc()
    _log.info(
        "message_stored",
        message_id=str(stored.message_id),
        conversation_id=str(stored.conversation_id),
        queue=decision.queue.value,
        risk_level=int(assessment.level),
        escalate=assessment.escalate,
        degraded=[reason.value for reason in assessment.degraded],
    )
