"""Accounts of staff: creating, signing in, changing and resetting passwords."""

import hashlib
import math
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.audit.log import Actor, AuditAction, SubjectKind, record_audit
from api.auth.passwords import check_strength, hash_password, new_one_time_password, verify_password
from api.auth.permissions import Principal, Role
from api.auth.sessions import (
    StaffSession,
    close_all_staff_sessions,
    close_staff_session,
    open_staff_session,
)
from api.db.identifiers import new_id
from api.db.session import Database
from api.db.tables import AccountRow, SignInAttemptRow
from api.errors import QingtingError, SignInFailed, TooManyAttempts, WeakPassword

FIRST_ADMINISTRATOR = "admin"
ATTEMPTS_WINDOW = timedelta(minutes=15)
MAX_ATTEMPTS_PER_NAME = 5
MAX_ATTEMPTS_PER_PEER = 50
_PEER_LENGTH = 64
_UNKNOWN = "-"


class AccountExists(QingtingError):
    """There is an account of that name."""


class UnknownAccount(QingtingError):
    """There is no account of that name."""


async def create_first_administrator(database: Database, *, now: datetime) -> str | None:
    """At the first start, an administrator; gives back the one-time password, None if accounts exist."""
    password = new_one_time_password()
    stored = await hash_password(password)

    def create(session: Session) -> bool:
        if session.scalar(select(func.count()).select_from(AccountRow)):
            return False
        _add_account(session, username=FIRST_ADMINISTRATOR, role=Role.ADMINISTRATOR, stored=stored, now=now)
        return True

    try:
        return password if await database.write(create) else None
    except IntegrityError:
        return None  # another process that starts at the same time was faster


async def create_account(database: Database, *, username: str, role: Role, now: datetime) -> str:
    """Add an account; gives back its one-time password. ``AccountExists`` if the name is taken."""
    password = new_one_time_password()
    stored = await hash_password(password)

    def create(session: Session) -> None:
        if _find_account(session, username) is not None:
            raise AccountExists(f"there is an account named {username!r}")
        _add_account(session, username=username.casefold(), role=role, stored=stored, now=now)

    await database.write(create)
    return password


async def reset_password(database: Database, *, username: str, now: datetime) -> str:
    """Replace a password by a one-time one and end all sessions; ``UnknownAccount`` if there is none."""
    password = new_one_time_password()
    stored = await hash_password(password)

    def reset(session: Session) -> None:
        account = _find_account(session, username)
        if account is None:
            raise UnknownAccount(f"there is no account named {username!r}")
        _set_password(session, account, stored=stored, one_time=True, now=now)
        _record(session, Actor.OPERATOR, AuditAction.PASSWORD_RESET, account.id, now)

    await database.write(reset)
    return password


async def sign_in(
    database: Database, *, username: str, password: str, peer: str, now: datetime, lifetime: timedelta
) -> StaffSession:
    """Open a session for a right name and password.

    Raises ``SignInFailed``, or ``TooManyAttempts`` with ``Retry-After`` once a name was tried too
    often from one address: others can still sign in under it from theirs.
    """
    attempt = SignInAttemptRow(username_hash=_hash_name(username), peer=peer[:_PEER_LENGTH], at=now)

    def look_up(session: Session) -> AccountRow | None:
        _check_attempts(session, attempt)
        return _find_account(session, username)

    account = await database.read(look_up)
    verified = await verify_password(password, stored=account.password_hash if account else None)
    if account is None or not account.active or not verified:
        await database.write(partial(_record_failure, attempt=attempt, account=account))
        raise SignInFailed
    return await database.write(partial(_enter, attempt=attempt, checked=account, lifetime=lifetime))


async def sign_out(database: Database, *, principal: Principal, now: datetime) -> None:
    """End the session that the principal came with."""
    session_id = principal.session_id
    assert session_id is not None

    def end(session: Session) -> None:
        close_staff_session(session, session_id=session_id)
        _record(session, principal, AuditAction.SIGNED_OUT, UUID(principal.id), now)

    await database.write(end)


async def change_password(
    database: Database,
    *,
    principal: Principal,
    current: str,
    new: str,
    now: datetime,
    lifetime: timedelta,
) -> StaffSession:
    """Set a new password; all sessions end, a fresh one is given back.

    Raises ``SignInFailed`` when ``current`` is wrong, ``WeakPassword`` when ``new`` will not do.
    """
    account = await database.read(lambda session: session.get_one(AccountRow, UUID(principal.id)))
    if not await verify_password(current, stored=account.password_hash):
        raise SignInFailed(message="The current password is wrong.")
    check_strength(new, username=account.username)
    if new == current:
        raise WeakPassword(message="The new password must differ from the current one.")
    stored = await hash_password(new)

    def change(session: Session) -> StaffSession:
        current_row = _reread(session, account)
        _set_password(session, current_row, stored=stored, one_time=False, now=now)
        _record(session, principal, AuditAction.PASSWORD_CHANGED, current_row.id, now)
        return open_staff_session(session, account=current_row, now=now, lifetime=lifetime)

    return await database.write(change)


def _record_failure(session: Session, *, attempt: SignInAttemptRow, account: AccountRow | None) -> None:
    session.execute(delete(SignInAttemptRow).where(SignInAttemptRow.at <= attempt.at - ATTEMPTS_WINDOW))
    session.add(attempt)
    account_id = account.id if account else None
    _record(session, Actor.ANONYMOUS, AuditAction.SIGN_IN_FAILED, account_id, attempt.at)


def _enter(
    session: Session, *, attempt: SignInAttemptRow, checked: AccountRow, lifetime: timedelta
) -> StaffSession:
    account = _reread(session, checked)
    session.execute(delete(SignInAttemptRow).where(_same_attempts(attempt)))
    _record(session, _principal(account), AuditAction.SIGNED_IN, account.id, attempt.at)
    return open_staff_session(session, account=account, now=attempt.at, lifetime=lifetime)


def _reread(session: Session, checked: AccountRow) -> AccountRow:
    """The account as it stands now; hashing is slow, and meanwhile it may be closed or reset."""
    account = session.get_one(AccountRow, checked.id)
    if not account.active or account.password_hash != checked.password_hash:
        raise SignInFailed
    return account


def _set_password(
    session: Session, account: AccountRow, *, stored: str, one_time: bool, now: datetime
) -> None:
    account.password_hash = stored
    account.must_change_password = one_time
    account.password_changed_at = now
    close_all_staff_sessions(session, account_id=account.id)


def _add_account(session: Session, *, username: str, role: Role, stored: str, now: datetime) -> None:
    account = AccountRow(
        id=new_id(),
        username=username,
        display_name=username,
        role=role,
        password_hash=stored,
        must_change_password=True,
        active=True,
        created_at=now,
    )
    session.add(account)
    session.flush()
    _record(session, Actor.OPERATOR, AuditAction.ACCOUNT_CREATED, account.id, now)


def _find_account(session: Session, username: str) -> AccountRow | None:
    found: AccountRow | None = session.scalar(
        select(AccountRow).where(AccountRow.username == username.strip().casefold().replace("\x00", ""))
    )
    return found


def _check_attempts(session: Session, attempt: SignInAttemptRow) -> None:
    since = attempt.at - ATTEMPTS_WINDOW
    recent = SignInAttemptRow.at > since
    for limit, which in (
        (MAX_ATTEMPTS_PER_NAME, _same_attempts(attempt)),
        (MAX_ATTEMPTS_PER_PEER, SignInAttemptRow.peer == attempt.peer),
    ):
        times = list(
            session.scalars(
                select(SignInAttemptRow.at)
                .where(which, recent)
                .order_by(SignInAttemptRow.at.desc())
                .limit(limit)
            )
        )
        if len(times) == limit:
            wait_s = math.ceil((times[-1] - since).total_seconds())
            raise TooManyAttempts(headers={"Retry-After": str(max(1, wait_s))})


def _same_attempts(attempt: SignInAttemptRow) -> ColumnElement[bool]:
    return and_(
        SignInAttemptRow.username_hash == attempt.username_hash, SignInAttemptRow.peer == attempt.peer
    )


def _hash_name(username: str) -> str:
    # People type passwords into the wrong box; what they typed is not kept readable.
    return hashlib.sha256(username.strip().casefold().encode("utf-8", "replace")).hexdigest()


def _principal(account: AccountRow) -> Principal:
    return Principal(role=Role(account.role), id=str(account.id), name=account.display_name)


def _record(
    session: Session,
    actor: Principal | Actor,
    action: AuditAction,
    account_id: UUID | None,
    now: datetime,
) -> None:
    record_audit(
        session,
        actor=actor,
        action=action,
        subject_kind=SubjectKind.ACCOUNT,
        subject_id=str(account_id) if account_id else _UNKNOWN,
        now=now,
    )
