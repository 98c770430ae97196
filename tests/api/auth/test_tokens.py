"""Bearer tokens: what is stored of them, whom they belong to, when they end."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from api.auth.permissions import Role
from api.auth.tokens import (
    TokenNameTaken,
    TokenRoleUnknown,
    create_api_token,
    find_token_principal,
    hash_token,
    open_web_session,
)
from api.db.tables import ApiTokenRow, AuditEntryRow, WebSessionRow
from api.errors import InvalidToken
from tests.api.running import START, RunningService


async def test_token_is_stored_as_a_hash_only(service: RunningService) -> None:
    token = await service.create_token()
    [row] = await service.rows(ApiTokenRow)
    assert row.token_hash == hash_token(token)
    columns = [str(getattr(row, column.name)) for column in ApiTokenRow.table().columns]
    assert not any(token in column for column in columns)
    assert len(token) > 40


async def test_machine_is_known_by_its_token(service: RunningService) -> None:
    token = await service.create_token(channel="miniprogram")
    principal = await service.database.read(partial(find_token_principal, token=token, now=START))
    assert (principal.role, principal.channel, principal.user) == (Role.CHAT_BACKEND, "miniprogram", None)


async def test_revoked_token_is_refused(service: RunningService) -> None:
    token = await service.create_token()
    await service.execute(update(ApiTokenRow).values(revoked_at=START))
    with pytest.raises(InvalidToken):
        await service.database.read(partial(find_token_principal, token=token, now=START))


async def test_making_a_token_is_on_record(service: RunningService) -> None:
    token = await service.create_token(channel="miniprogram")
    [entry] = await service.rows(AuditEntryRow)
    assert (entry.action, entry.actor_role, entry.subject_id) == (
        "token_created",
        "operator",
        "chat_backend-miniprogram",
    )
    assert token not in repr(entry.__dict__)


async def test_chat_session_is_known_until_it_ends(service: RunningService) -> None:
    opened = await service.database.write(partial(open_web_session, now=START, lifetime=timedelta(hours=1)))
    last = START + timedelta(minutes=59, seconds=59)
    principal = await service.database.read(partial(find_token_principal, token=opened.token, now=last))
    assert (principal.role, principal.channel, principal.user) == (
        Role.CHAT_SESSION,
        "web",
        opened.session_id,
    )
    with pytest.raises(InvalidToken):
        await service.database.read(partial(find_token_principal, token=opened.token, now=opened.expires_at))
    [row] = await service.rows(WebSessionRow)
    assert row.token_hash == hash_token(opened.token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "qt_api_",
        "qt_web_",
        "qt_staff_abc",
        f"qt_api_{'a' * 43}",
        f"qt_api_{'a' * 9999}",
        "ключ",
        "\0",
    ],
    ids=["empty", "x", "prefix", "web prefix", "staff", "unknown", "huge", "not ascii", "nul"],
)
async def test_made_up_tokens_are_refused(service: RunningService, token: str) -> None:
    with pytest.raises(InvalidToken):
        await service.database.read(partial(find_token_principal, token=token, now=START))


async def test_name_is_given_once(service: RunningService) -> None:
    await service.create_token()
    with pytest.raises(TokenNameTaken, match="chat_backend-None"):
        await service.create_token()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COUNSELLOR, Role.CHAT_SESSION], ids=str)
async def test_people_get_no_tokens(service: RunningService, role: Role) -> None:
    create = partial(create_api_token, name="n", role=role, channel=None, now=START)
    with pytest.raises(TokenRoleUnknown):
        await service.database.write(create)
