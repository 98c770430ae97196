"""Accounts of staff: creating, signing in, changing and resetting passwords."""

import hashlib
import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

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
    try:
        async with database.write() as session:
            if await session.scalar(select(func.count()).select_from(AccountRow)):
                return None
            await _add_account(
                session, username=FIRST_ADMINISTRATOR, role=Role.ADMINISTRATOR, stored=stored, now=now
            )
    except IntegrityError:
        return None  # another process that starts at the same time was faster
    return password


async def create_account(database: Database, *, username: str, role: Role, now: datetime) -> str:
    """Add an account; gives back its one-time password. ``AccountExists`` if the name is taken."""
    password = new_one_time_password()
    stored = await hash_password(password)
    async with database.write() as session:
        if await _find_account(session, username) is not None:
            raise AccountExists(f"there is an account named {username!r}")
        await _add_account(session, username=username.casefold(), role=role, stored=stored, now=now)
    return password


async def reset_password(database: Database, *, username: str, now: datetime) -> str:
    """Replace a password by a one-time one and end all sessions; ``UnknownAccount`` if there is none."""
    password = new_one_time_password()
    stored = await hash_password(password)
    async with database.write() as session:
        account = await _find_account(session, username)
        if account is None:
            raise UnknownAccount(f"there is no account named {username!r}")
        account.password_hash = stored
        account.must_change_password = True
        account.password_changed_at = now
        await close_all_staff_sessions(session, account_id=account.id)
        await _record(session, Actor.OPERATOR, AuditAction.PASSWORD_RESET, account.id, now)
    return password


async def sign_in(
    database: Database, *, username: str, password: str, peer: str, now: datetime, lifetime: timedelta
) -> StaffSession:
    """Open a session for a right name and password.

    Raises ``SignInFailed``, or ``TooManyAttempts`` with ``Retry-After`` once a name was tried too
    often from one address: others can still sign in under it from theirs.
    """
    attempt = SignInAttemptRow(username_hash=_hash_name(username), peer=peer[:_PEER_LENGTH], at=now)
    async with database.read() as session:
        await _check_attempts(session, attempt)
        account = await _find_account(session, username)
    verified = await verify_password(password, stored=account.password_hash if account else None)
    if account is None or not account.active or not verified:
        async with database.write() as session:
            outdated = SignInAttemptRow.at <= now - ATTEMPTS_WINDOW
            await session.execute(delete(SignInAttemptRow).where(outdated))
            session.add(attempt)
            await _record(
                session, Actor.ANONYMOUS, AuditAction.SIGN_IN_FAILED, account.id if account else None, now
            )
        raise SignInFailed
    async with database.write() as session:
        await session.execute(delete(SignInAttemptRow).where(_same_attempts(attempt)))
        opened = open_staff_session(session, account=account, now=now, lifetime=lifetime)
        await _record(session, _principal(account), AuditAction.SIGNED_IN, account.id, now)
    return opened


async def sign_out(session: AsyncSession, *, principal: Principal, now: datetime) -> None:
    """End the session that the principal came with."""
    assert principal.session_id is not None
    await close_staff_session(session, session_id=principal.session_id)
    await _record(session, principal, AuditAction.SIGNED_OUT, UUID(principal.id), now)


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
    async with database.read() as session:
        account = await session.get_one(AccountRow, UUID(principal.id))
    if not await verify_password(current, stored=account.password_hash):
        raise SignInFailed(message="The current password is wrong.")
    check_strength(new, username=account.username)
    if new == current:
        raise WeakPassword(message="The new password must differ from the current one.")
    stored = await hash_password(new)
    async with database.write() as session:
        account = await session.get_one(AccountRow, UUID(principal.id))
        account.password_hash = stored
        account.must_change_password = False
        account.password_changed_at = now
        await close_all_staff_sessions(session, account_id=account.id)
        opened = open_staff_session(session, account=account, now=now, lifetime=lifetime)
        await _record(session, principal, AuditAction.PASSWORD_CHANGED, account.id, now)
    return opened


async def _add_account(
    session: AsyncSession, *, username: str, role: Role, stored: str, now: datetime
) -> None:
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
    await session.flush()
    await _record(session, Actor.OPERATOR, AuditAction.ACCOUNT_CREATED, account.id, now)


async def _find_account(session: AsyncSession, username: str) -> AccountRow | None:
    found: AccountRow | None = await session.scalar(
        select(AccountRow).where(AccountRow.username == username.strip().casefold().replace("\x00", ""))
    )
    return found


async def _check_attempts(session: AsyncSession, attempt: SignInAttemptRow) -> None:
    since = attempt.at - ATTEMPTS_WINDOW
    recent = SignInAttemptRow.at > since
    for limit, which in (
        (MAX_ATTEMPTS_PER_NAME, _same_attempts(attempt)),
        (MAX_ATTEMPTS_PER_PEER, SignInAttemptRow.peer == attempt.peer),
    ):
        times = list(
            await session.scalars(
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


async def _record(
    session: AsyncSession,
    actor: Principal | Actor,
    action: AuditAction,
    account_id: UUID | None,
    now: datetime,
) -> None:
    await session.run_sync(
        record_audit,
        actor=actor,
        action=action,
        subject_kind=SubjectKind.ACCOUNT,
        subject_id=str(account_id) if account_id else _UNKNOWN,
        now=now,
    )
