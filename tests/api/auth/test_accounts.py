"""Accounts: the first administrator, one-time passwords, signing in, being slowed down."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Executable, insert, update

from api.auth import accounts
from api.auth.accounts import (
    FIRST_ADMINISTRATOR,
    MAX_ATTEMPTS_PER_NAME,
    MAX_ATTEMPTS_PER_PEER,
    AccountExists,
    UnknownAccount,
    change_password,
    create_account,
    create_first_administrator,
    reset_password,
    sign_in,
    sign_out,
)
from api.auth.passwords import verify_password
from api.auth.permissions import Principal, Role
from api.auth.sessions import StaffSession, find_staff_principal
from api.db.tables import AccountRow, AuditEntryRow, SignInAttemptRow, StaffSessionRow
from api.errors import SignInFailed, TooManyAttempts, WeakPassword
from tests.api.running import START, RunningService

LIFETIME = timedelta(hours=12)
PASSWORD = "correct horse battery staple"


async def sign_in_as(service: RunningService, password: str, **changes: Any) -> StaffSession:
    call = {"username": "admin", "peer": "203.0.113.7", "now": service.clock.now(), **changes}
    return await sign_in(service.database, password=password, lifetime=LIFETIME, **call)


async def find_principal(service: RunningService, token: str) -> Principal | None:
    find = partial(find_staff_principal, token=token, now=service.clock.now())
    return await service.database.read(find)


async def change_to(service: RunningService, opened: StaffSession, current: str, new: str) -> StaffSession:
    principal = await find_principal(service, opened.token)
    assert principal is not None
    return await change_password(
        service.database,
        principal=principal,
        current=current,
        new=new,
        now=service.clock.now(),
        lifetime=LIFETIME,
    )


async def start(service: RunningService) -> str:
    password = await create_first_administrator(service.database, now=START)
    assert password is not None
    return password


async def test_first_administrator_is_made_once(service: RunningService) -> None:
    made = await asyncio.gather(*(create_first_administrator(service.database, now=START) for _ in range(3)))
    assert sum(password is not None for password in made) == 1
    [account] = await service.rows(AccountRow)
    assert (account.username, account.role) == (FIRST_ADMINISTRATOR, "administrator")
    assert account.must_change_password
    assert account.password_hash.startswith("$argon2id$")


async def test_one_time_password_must_be_changed_and_then_is_gone(service: RunningService) -> None:
    one_time = await start(service)
    first = await sign_in_as(service, one_time)
    assert first.must_change_password
    second = await change_to(service, first, one_time, PASSWORD)
    assert not second.must_change_password
    assert await find_principal(service, first.token) is None, "the session before the change has ended"
    principal = await find_principal(service, second.token)
    assert principal is not None
    assert not principal.must_change_password
    with pytest.raises(SignInFailed):
        await sign_in_as(service, one_time)
    assert not (await sign_in_as(service, PASSWORD)).must_change_password


@pytest.mark.parametrize(
    "new",
    ["short", "x" * 300, "aaaaaaaaaaaaaaaa", "administrator-1", "ababababababab"],
    ids=["short", "long", "one letter", "holds the name", "two letters"],
)
async def test_weak_passwords_are_refused(service: RunningService, new: str) -> None:
    one_time = await start(service)
    opened = await sign_in_as(service, one_time)
    with pytest.raises(WeakPassword):
        await change_to(service, opened, one_time, new)
    assert (await sign_in_as(service, one_time)).must_change_password


async def test_change_needs_the_current_password_and_a_new_one(service: RunningService) -> None:
    one_time = await start(service)
    opened = await sign_in_as(service, one_time)
    with pytest.raises(SignInFailed):
        await change_to(service, opened, "wrong password", PASSWORD)
    with pytest.raises(WeakPassword):
        await change_to(service, opened, one_time, one_time)


@pytest.mark.parametrize("username", ["ADMIN", " admin "], ids=["capitals", "blanks"])
async def test_names_are_not_case_sensitive(service: RunningService, username: str) -> None:
    one_time = await start(service)
    assert (await sign_in_as(service, one_time, username=username)).token


@pytest.mark.parametrize("username", ["nobody", "", "admin\x00", "' OR 1=1 --", "ａｄｍｉｎ"])
async def test_unknown_names_fail_like_wrong_passwords(service: RunningService, username: str) -> None:
    await start(service)
    with pytest.raises(SignInFailed) as failure:
        await sign_in_as(service, "wrong password", username=username)
    assert failure.value.message == SignInFailed.__doc__
    assert await service.count(StaffSessionRow) == 0


async def test_guessing_is_slowed_down_for_that_address_only(service: RunningService) -> None:
    one_time = await start(service)
    for _ in range(MAX_ATTEMPTS_PER_NAME):
        with pytest.raises(SignInFailed):
            await sign_in_as(service, "wrong password")
    with pytest.raises(TooManyAttempts) as refusal:
        await sign_in_as(service, one_time)
    assert refusal.value.headers == {"Retry-After": "900"}
    assert (await sign_in_as(service, one_time, peer="198.51.100.1")).token, "others are not locked out"
    service.clock.advance(timedelta(minutes=15))
    assert (await sign_in_as(service, one_time)).token


async def test_trying_many_names_is_slowed_down(service: RunningService) -> None:
    one_time = await start(service)
    attempts = [
        {"username_hash": f"{number}", "peer": "203.0.113.7", "at": START}
        for number in range(MAX_ATTEMPTS_PER_PEER)
    ]
    await service.execute(insert(SignInAttemptRow).values(attempts))
    with pytest.raises(TooManyAttempts):
        await sign_in_as(service, one_time)


async def test_success_clears_the_count(service: RunningService) -> None:
    one_time = await start(service)
    for _ in range(MAX_ATTEMPTS_PER_NAME - 1):
        with pytest.raises(SignInFailed):
            await sign_in_as(service, "wrong password")
    await sign_in_as(service, one_time)
    assert await service.count(SignInAttemptRow) == 0


async def test_old_attempts_are_not_kept(service: RunningService) -> None:
    await start(service)
    for _ in range(2):
        with pytest.raises(SignInFailed):
            await sign_in_as(service, "wrong password")
        service.clock.advance(timedelta(minutes=15))
    [attempt] = await service.rows(SignInAttemptRow)
    assert attempt.at == START + timedelta(minutes=15)


async def test_typed_names_are_not_kept_readable(service: RunningService) -> None:
    await start(service)
    with pytest.raises(SignInFailed):
        await sign_in_as(service, "x", username="my secret passphrase")
    [attempt] = await service.rows(SignInAttemptRow)
    [entry] = await service.rows(AuditEntryRow, AuditEntryRow.action == "sign_in_failed")
    assert "secret" not in f"{vars(attempt)} {vars(entry)}"
    assert (entry.actor_role, entry.subject_id) == ("anonymous", "-")


async def test_closed_accounts_are_out_at_once(service: RunningService) -> None:
    one_time = await start(service)
    opened = await sign_in_as(service, one_time)
    await service.execute(update(AccountRow).values(active=False))
    assert await find_principal(service, opened.token) is None
    with pytest.raises(SignInFailed):
        await sign_in_as(service, one_time)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(update(AccountRow).values(active=False), id="closed"),
        pytest.param(update(AccountRow).values(password_hash="another"), id="reset"),
    ],
)
@pytest.mark.parametrize("changes", [False, True], ids=["sign in", "change password"])
async def test_what_happens_while_a_password_is_checked_counts(
    service: RunningService, monkeypatch: pytest.MonkeyPatch, change: Executable, changes: bool
) -> None:
    one_time = await start(service)

    async def verify_slowly(password: str, *, stored: str | None) -> bool:
        verified = await verify_password(password, stored=stored)
        await service.execute(change)
        return verified

    opened = await sign_in_as(service, one_time)
    monkeypatch.setattr(accounts, "verify_password", verify_slowly)
    with pytest.raises(SignInFailed):
        await (change_to(service, opened, one_time, PASSWORD) if changes else sign_in_as(service, one_time))


async def test_sessions_end_by_time_and_by_signing_out(service: RunningService) -> None:
    one_time = await start(service)
    opened, other = await sign_in_as(service, one_time), await sign_in_as(service, one_time)
    principal = await find_principal(service, opened.token)
    assert principal is not None
    await sign_out(service.database, principal=principal, now=START)
    assert await find_principal(service, opened.token) is None
    assert await find_principal(service, other.token) is not None
    service.clock.advance(LIFETIME)
    assert await find_principal(service, other.token) is None


async def test_reset_gives_a_new_one_time_password_and_ends_sessions(service: RunningService) -> None:
    one_time = await start(service)
    opened = await change_to(service, await sign_in_as(service, one_time), one_time, PASSWORD)
    fresh = await reset_password(service.database, username="Admin", now=START)
    assert await find_principal(service, opened.token) is None
    with pytest.raises(SignInFailed):
        await sign_in_as(service, PASSWORD)
    assert (await sign_in_as(service, fresh)).must_change_password
    with pytest.raises(UnknownAccount, match="nobody"):
        await reset_password(service.database, username="nobody", now=START)


async def test_accounts_are_added_once(service: RunningService) -> None:
    create = partial(create_account, service.database, role=Role.COUNSELLOR, now=START)
    password = await create(username="Li.Hua")
    assert (await sign_in_as(service, password, username="li.hua")).must_change_password
    with pytest.raises(AccountExists):
        await create(username="li.hua")


async def test_everything_leaves_an_audit_entry(service: RunningService) -> None:
    one_time = await start(service)
    with pytest.raises(SignInFailed):
        await sign_in_as(service, "wrong password")
    await change_to(service, await sign_in_as(service, one_time), one_time, PASSWORD)
    await reset_password(service.database, username="admin", now=START)
    entries = await service.rows(AuditEntryRow)
    assert [(entry.actor_role, entry.action) for entry in entries] == [
        ("operator", "account_created"),
        ("anonymous", "sign_in_failed"),
        ("administrator", "signed_in"),
        ("administrator", "password_changed"),
        ("operator", "password_reset"),
    ]
    assert all(PASSWORD not in str(vars(entry)) for entry in entries)
