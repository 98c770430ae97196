"""Signed-in staff for tests of the console's pages."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from httpx2 import AsyncClient, Response

from api.auth.accounts import change_password, create_account, sign_in
from api.auth.permissions import Role
from api.auth.sessions import cookie_name, find_staff_principal
from tests.api.running import RunningService

PASSWORD = "eine-lange-Zeile-2026"
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def csrf_of(page: Response) -> str:
    """The form token in a page."""
    found = _CSRF.search(page.text)
    assert found
    return found[1]


@asynccontextmanager
async def one_time_client(
    service: RunningService, *, name: str = "li", role: Role = Role.COUNSELLOR
) -> AsyncIterator[tuple[AsyncClient, str]]:
    """A browser with a new account's one-time password, not signed in; and that password."""
    password = await create_account(service.database, username=name, role=role, now=service.clock.now())
    async with service.client() as client:
        yield client, password


@asynccontextmanager
async def counsellor_client(service: RunningService, *, name: str = "wang") -> AsyncIterator[AsyncClient]:
    """A browser of a signed-in counsellor who has an own password."""
    lifetime = service.services.settings.staff_session_hours
    async with one_time_client(service, name=name) as (client, password):
        now = service.clock.now()
        hours = timedelta(hours=lifetime)
        database = service.database
        first = await sign_in(database, username=name, password=password, peer="t", now=now, lifetime=hours)
        principal = await database.read(partial(find_staff_principal, token=first.token, now=now))
        assert principal
        opened = await change_password(
            database, principal=principal, current=password, new=PASSWORD, now=now, lifetime=hours
        )
        client.cookies.set(cookie_name(secure=False), opened.token)
        yield client
