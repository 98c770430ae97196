"""Signed-in browsers of staff: opening, finding and closing their sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.auth.csrf import csrf_token_of
from api.auth.permissions import Principal, Role
from api.auth.tokens import hash_token, new_token
from api.db.tables import AccountRow, StaffSessionRow

STAFF_PREFIX = "qt_staff_"
_COOKIE = "qingting_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A fresh session of a member of staff; ``token`` goes into the cookie and nowhere else."""

    token: str
    expires_at: datetime
    must_change_password: bool


def cookie_name(*, secure: bool) -> str:
    """The session cookie's name; with https it is bound to this host by its prefix."""
    return f"__Host-{_COOKIE}" if secure else _COOKIE


def set_session_cookie(response: Response, session: StaffSession, *, secure: bool) -> None:
    """Put a session's token into the browser."""
    response.set_cookie(
        cookie_name(secure=secure),
        session.token,
        expires=session.expires_at,
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def clear_session_cookie(response: Response, *, secure: bool) -> None:
    """Take the session's token out of the browser."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", httponly=True, samesite="strict", secure=secure
    )


def open_staff_session(
    session: Session, *, account: AccountRow, now: datetime, lifetime: timedelta
) -> StaffSession:
    """Open a session for an account whose password was just checked."""
    token = new_token(STAFF_PREFIX)
    expires_at = now + lifetime
    session.add(
        StaffSessionRow(
            token_hash=hash_token(token), account_id=account.id, created_at=now, expires_at=expires_at
        )
    )
    return StaffSession(token=token, expires_at=expires_at, must_change_password=account.must_change_password)


def find_staff_principal(session: Session, *, token: str, now: datetime) -> Principal | None:
    """Whom a session cookie belongs to; None when it is unknown or expired, or the account closed."""
    found = session.execute(
        select(StaffSessionRow.id, AccountRow)
        .join(AccountRow, StaffSessionRow.account_id == AccountRow.id)
        .where(
            StaffSessionRow.token_hash == hash_token(token),
            StaffSessionRow.expires_at > now,
            AccountRow.active,
        )
    ).one_or_none()
    if found is None:
        return None
    session_id, account = found
    return Principal(
        role=Role(account.role),
        id=str(account.id),
        name=account.display_name,
        session_id=session_id,
        csrf_token=csrf_token_of(token),
        must_change_password=account.must_change_password,
    )


def close_staff_session(session: Session, *, session_id: UUID) -> None:
    """End one session."""
    session.execute(delete(StaffSessionRow).where(StaffSessionRow.id == session_id))


def close_all_staff_sessions(session: Session, *, account_id: UUID) -> None:
    """End every session of an account."""
    session.execute(delete(StaffSessionRow).where(StaffSessionRow.account_id == account_id))
