"""Write audit entries: ids, roles and actions; never what was said."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from api.auth.permissions import Principal
from api.db.tables import AuditEntryRow
from api.observability import current_request_id

_INSERT = insert(AuditEntryRow.table())


class Actor(StrEnum):
    """Who acts without being signed in."""

    OPERATOR = "operator"
    """At the command line: whoever can reach the machine and its database."""
    ANONYMOUS = "anonymous"
    SYSTEM = "system"
    """The service itself, by its own clock."""


class AuditAction(StrEnum):
    """What can be done that must be found again later."""

    MESSAGE_RECEIVED = "message_received"
    MESSAGE_RECALLED = "message_recalled"
    CONVERSATION_READ = "conversation_read"
    CONVERSATION_ANSWERED = "conversation_answered"
    CONVERSATION_SILENT = "conversation_silent"
    ASSIST_ASKED = "assist_asked"
    CHAT_SESSION_OPENED = "chat_session_opened"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    ACCOUNT_CREATED = "account_created"
    TOKEN_CREATED = "token_created"


class SubjectKind(StrEnum):
    """What an entry is about."""

    MESSAGE = "message"
    CONVERSATION = "conversation"
    ACCOUNT = "account"
    TOKEN = "token"
    CHAT_SESSION = "chat_session"


def record_audit(
    session: Session,
    *,
    actor: Principal | Actor,
    action: AuditAction,
    subject_kind: SubjectKind,
    subject_id: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry to the transaction under way."""
    role, actor_id = (actor.role, actor.id) if isinstance(actor, Principal) else (actor, actor)
    session.execute(
        _INSERT,
        {
            "at": now,
            "actor_role": role,
            "actor_id": actor_id,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "request_id": current_request_id(),
            "details": dict(details or {}),
        },
    )
