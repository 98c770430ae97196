"""The guard before every route: who passes, and how those are answered who do not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Form
from httpx2 import AsyncClient

from api.auth.accounts import change_password, create_account, sign_in
from api.auth.guards import public, require
from api.auth.permissions import Permission, Principal, Role
from api.auth.sessions import cookie_name, find_staff_principal
from api.db.tables import AuditEntryRow
from tests.api.running import LOOPBACK, START, RunningService, error_code

LIFETIME = timedelta(hours=12)
PASSWORD = "correct horse battery staple"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


def probe_routes() -> APIRouter:
    """Routes of each kind, for want of console pages that change something."""
    router = APIRouter(prefix="/probe")

    @router.get("/read")
    async def read(who: Annotated[Principal, Depends(require(Permission.USE_CONSOLE))]) -> str:
        return who.name

    @router.post("/change")
    async def change(
        who: Annotated[Principal, Depends(require(Permission.USE_CONSOLE))],
        note: Annotated[str, Form()] = "",
    ) -> str:
        return f"{who.name} {note}"

    @router.post("/json")
    async def change_by_json(who: Annotated[Principal, Depends(require(Permission.USE_CONSOLE))]) -> str:
        return who.name

    @router.get("/password")
    async def password(
        who: Annotated[Principal, Depends(require(Permission.CHANGE_OWN_PASSWORD))],
    ) -> bool:
        return who.must_change_password

    @router.get("/open", dependencies=[Depends(public())])
    async def open_to_all() -> str:
        return "open"

    return router


@pytest.fixture
def probed(service: RunningService) -> RunningService:
    service.app.include_router(probe_routes())
    return service


async def sign_in_counsellor(service: RunningService, *, change: bool = True) -> tuple[str, str]:
    """A counsellor's session token and form token."""
    database = service.database
    one_time = await create_account(database, username="li", role=Role.COUNSELLOR, now=START)
    opened = await sign_in(database, username="li", password=one_time, peer="p", now=START, lifetime=LIFETIME)
    if change:
        principal = await database.read(partial(find_staff_principal, token=opened.token, now=START))
        assert principal is not None
        opened = await change_password(
            database, principal=principal, current=one_time, new=PASSWORD, now=START, lifetime=LIFETIME
        )
    principal = await database.read(partial(find_staff_principal, token=opened.token, now=START))
    assert principal is not None
    assert principal.csrf_token is not None
    return opened.token, principal.csrf_token


@pytest.fixture
async def staff(probed: RunningService) -> AsyncIterator[tuple[AsyncClient, str]]:
    """A signed-in counsellor's browser, and its form token."""
    token, csrf = await sign_in_counsellor(probed)
    async with probed.client() as browser:
        browser.cookies.set(cookie_name(secure=False), token)
        yield browser, csrf


async def test_staff_pass_with_their_cookie(staff: tuple[AsyncClient, str]) -> None:
    answer = await staff[0].get("/probe/read")
    assert (answer.status_code, answer.json()) == (200, "li")


async def test_strangers_are_sent_to_sign_in(probed: RunningService) -> None:
    async with probed.client() as stranger:
        page = await stranger.get("/probe/read", headers=PAGE)
        data = await stranger.get("/probe/read")
        fragment = await stranger.get("/probe/read", headers={**PAGE, "HX-Request": "true"})
        form = await stranger.post("/probe/change", headers=PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/console/sign-in")
    assert (data.status_code, error_code(data)) == (401, "unauthenticated")
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/console/sign-in")
    assert form.status_code == 401


async def test_one_time_password_opens_one_page_only(probed: RunningService) -> None:
    token, _ = await sign_in_counsellor(probed, change=False)
    async with probed.client() as browser:
        browser.cookies.set(cookie_name(secure=False), token)
        page = await browser.get("/probe/read", headers=PAGE)
        data = await browser.get("/v1/queues")
        password = await browser.get("/probe/password")
    assert (page.status_code, page.headers["location"]) == (303, "/console/password")
    assert (data.status_code, error_code(data)) == (403, "password_change_required")
    assert (password.status_code, password.json()) == (200, True)


async def test_forms_need_the_sessions_token(staff: tuple[AsyncClient, str]) -> None:
    browser, csrf = staff
    without = await browser.post("/probe/change", data={"note": "x"})
    wrong = await browser.post("/probe/change", data={"note": "x", "csrf_token": "0" * 64})
    in_query = await browser.post(f"/probe/change?csrf_token={csrf}", data={"note": "x"})
    in_form = await browser.post("/probe/change", data={"note": "x", "csrf_token": csrf})
    in_header = await browser.post("/probe/json", headers={"X-CSRF-Token": csrf})
    multipart = await browser.post("/probe/change", data={"csrf_token": csrf}, files={"f": b"x"})
    assert [answer.status_code for answer in (without, wrong, in_query)] == [403, 403, 403]
    assert error_code(without) == "csrf_failed"
    assert (in_form.status_code, in_form.json()) == (200, "li x")
    assert in_header.status_code == 200
    assert multipart.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Basic YTpi", "bearer qt_api_x", "Bearer qt_staff_x", "qt_api_x", ""],
)
async def test_bad_authorization_is_refused_even_with_a_cookie(
    staff: tuple[AsyncClient, str], authorization: str
) -> None:
    answer = await staff[0].get("/probe/read", headers={"Authorization": authorization})
    assert (answer.status_code, error_code(answer)) == (401, "invalid_token")


async def test_staff_token_is_no_bearer_token(probed: RunningService) -> None:
    token, _ = await sign_in_counsellor(probed)
    async with probed.client(token=token) as caller:
        answer = await caller.get("/v1/queues")
    assert (answer.status_code, error_code(answer)) == (401, "invalid_token")


async def test_staff_may_not_send_messages(staff: tuple[AsyncClient, str]) -> None:
    browser, csrf = staff
    answer = await browser.post("/v1/messages", json={}, headers={"X-CSRF-Token": csrf})
    assert answer.status_code in (403, 422)
    body = {"channel": "web", "external_id": "1", "user": "u", "text": "x"}
    answer = await browser.post("/v1/messages", json=body, headers={"X-CSRF-Token": csrf})
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")


async def test_public_routes_ask_nobody(probed: RunningService) -> None:
    async with probed.client() as stranger:
        assert (await stranger.get("/probe/open")).status_code == 200
    assert await probed.count(AuditEntryRow) == 0


METRICS = [
    (LOOPBACK, {}, 200),
    (("::1", 1), {}, 200),
    (LOOPBACK, {"X-Forwarded-For": "203.0.113.7"}, 401),
    (LOOPBACK, {"Forwarded": "for=203.0.113.7"}, 401),
    (LOOPBACK, {"Via": "1.1 proxy"}, 401),
    (LOOPBACK, {"X-Real-IP": "203.0.113.7"}, 401),
    (("203.0.113.7", 1), {}, 401),
    (("127.0.0.1.evil.example", 1), {}, 401),
]


@pytest.mark.parametrize(("peer", "headers", "status"), METRICS)
async def test_metrics_are_for_this_machine(
    service: RunningService, peer: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    async with service.client(peer=peer, headers=headers) as caller:
        assert (await caller.get("/metrics")).status_code == status


async def test_metrics_are_for_monitors(service: RunningService) -> None:
    async with service.client(token=await service.create_token(Role.MONITOR)) as monitor:
        assert (await monitor.get("/metrics")).status_code == 200
    async with service.client(token=await service.create_token(), peer=LOOPBACK) as backend:
        assert (await backend.get("/metrics")).status_code == 403
