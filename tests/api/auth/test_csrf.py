"""The sign-in form's token: the cookie and the field must agree."""

from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from api.auth.csrf import (
    FORM_FIELD,
    SIGN_IN_COOKIE,
    check_sign_in_form,
    csrf_token_of,
    start_sign_in_form,
)
from api.errors import CsrfFailed


def form_request(*, cookie: str | None, field: str | None) -> Request:
    body = urlencode({FORM_FIELD: field} if field is not None else {}).encode()
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    if cookie is not None:
        headers.append((b"cookie", f"{SIGN_IN_COOKIE}={cookie}".encode()))

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def test_form_token_belongs_to_its_session() -> None:
    assert csrf_token_of("a") == csrf_token_of("a") != csrf_token_of("b")
    assert "a-long-token" not in csrf_token_of("a-long-token")


@pytest.mark.parametrize(
    ("cookie", "field"),
    [(None, None), (None, "x"), ("x", None), ("x", "y"), ("", ""), ("x", "x ")],
    ids=["neither", "field only", "cookie only", "differ", "both empty", "almost"],
)
async def test_sign_in_from_elsewhere_is_refused(cookie: str | None, field: str | None) -> None:
    with pytest.raises(CsrfFailed):
        await check_sign_in_form(form_request(cookie=cookie, field=field))


async def test_sign_in_from_our_form_passes() -> None:
    await check_sign_in_form(form_request(cookie="token", field="token"))


def test_cookie_is_bound_to_the_form() -> None:
    response = Response()
    token = start_sign_in_form(form_request(cookie=None, field=None), response, secure=True)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{SIGN_IN_COOKIE}={token};")
    for attribute in ("HttpOnly", "SameSite=strict", "Secure", "Path=/console/sign-in"):
        assert attribute in cookie


def test_open_form_keeps_its_token() -> None:
    assert start_sign_in_form(form_request(cookie="kept", field=None), Response(), secure=False) == "kept"
