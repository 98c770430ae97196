"""Opaque bearer tokens: made at random, shown once, stored as a hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.audit.log import Actor, AuditAction, SubjectKind, record_audit
from api.auth.permissions import TOKEN_ROLES, Principal, Role
from api.db.identifiers import new_id
from api.db.tables import ApiTokenRow, WebSessionRow
from api.errors import InvalidToken, QingtingError

API_PREFIX = "qt_api_"
WEB_PREFIX = "qt_web_"
WEB_CHANNEL = "web"
_TOKEN_BYTES = 32
_MAX_TOKEN_LENGTH = 128

_FIND_MACHINE = select(ApiTokenRow).where(
    ApiTokenRow.token_hash == bindparam("hash"), ApiTokenRow.revoked_at.is_(None)
)
_FIND_CHAT_SESSION = select(WebSessionRow).where(
    WebSessionRow.token_hash == bindparam("hash"), WebSessionRow.expires_at > bindparam("now")
)


class TokenNameTaken(QingtingError):
    """There is a token of that name."""


class TokenRoleUnknown(QingtingError):
    """Tokens are made for the roles chat_backend and monitor only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """A fresh anonymous session of the chat page; ``token`` is not to be had again."""

    session_id: str
    token: str
    expires_at: datetime


def new_token(prefix: str) -> str:
    """A fresh token of 256 random bits."""
    return prefix + secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is stored of a token; it is random, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_api_token(session: Session, *, name: str, role: Role, channel: str | None, now: datetime) -> str:
    """Make a machine's token, on record; it is returned here and never again."""
    if role not in TOKEN_ROLES:
        raise TokenRoleUnknown(TokenRoleUnknown.__doc__)
    if session.scalar(select(ApiTokenRow.id).where(ApiTokenRow.name == name)):
        raise TokenNameTaken(f"there is a token named {name!r}")
    token = new_token(API_PREFIX)
    session.add(
        ApiTokenRow(name=name, role=role, channel=channel, token_hash=hash_token(token), created_at=now)
    )
    record_audit(
        session,
        actor=Actor.OPERATOR,
        action=AuditAction.TOKEN_CREATED,
        subject_kind=SubjectKind.TOKEN,
        subject_id=name,
        now=now,
    )
    return token


def open_web_session(session: Session, *, now: datetime, lifetime: timedelta) -> WebSession:
    """Open an anonymous session of the chat page, on record; its user is known by a random reference only."""
    token = new_token(WEB_PREFIX)
    session_id = new_id()
    expires_at = now + lifetime
    session.add(
        WebSessionRow(
            id=session_id,
            token_hash=hash_token(token),
            user_ref=str(session_id),
            created_at=now,
            expires_at=expires_at,
        )
    )
    record_audit(
        session,
        actor=Principal(role=Role.CHAT_SESSION, id=str(session_id), channel=WEB_CHANNEL),
        action=AuditAction.CHAT_SESSION_OPENED,
        subject_kind=SubjectKind.CHAT_SESSION,
        subject_id=str(session_id),
        now=now,
    )
    return WebSession(session_id=str(session_id), token=token, expires_at=expires_at)


def find_token_principal(session: Session, *, token: str, now: datetime) -> Principal:
    """Whom a bearer token belongs to; ``InvalidToken`` when unknown, expired or revoked."""
    if len(token) > _MAX_TOKEN_LENGTH or not token.isascii():
        raise InvalidToken(headers={"WWW-Authenticate": "Bearer"})
    principal = None
    if token.startswith(API_PREFIX):
        principal = _find_machine(session, token=token)
    elif token.startswith(WEB_PREFIX):
        principal = _find_chat_session(session, token=token, now=now)
    if principal is None:
        raise InvalidToken(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return principal


def _find_machine(session: Session, *, token: str) -> Principal | None:
    row: ApiTokenRow | None = session.scalar(_FIND_MACHINE, {"hash": hash_token(token)})
    if row is None:
        return None
    return Principal(role=Role(row.role), id=str(row.id), name=row.name, channel=row.channel)


def _find_chat_session(session: Session, *, token: str, now: datetime) -> Principal | None:
    row: WebSessionRow | None = session.scalar(_FIND_CHAT_SESSION, {"hash": hash_token(token), "now": now})
    if row is None:
        return None
    return Principal(role=Role.CHAT_SESSION, id=str(row.id), channel=WEB_CHANNEL, user=row.user_ref)
