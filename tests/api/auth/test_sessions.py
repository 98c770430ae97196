"""The session cookie's attributes."""

from datetime import timedelta

import pytest
from starlette.responses import Response

from api.auth.sessions import StaffSession, clear_session_cookie, cookie_name, set_session_cookie
from tests.api.running import START

SESSION = StaffSession(token="t", expires_at=START + timedelta(hours=1), must_change_password=False)


@pytest.mark.parametrize("secure", [True, False], ids=["https", "http"])
def test_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(secure: bool) -> None:
    response = Response()
    set_session_cookie(response, SESSION, secure=secure)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{cookie_name(secure=secure)}=t;")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert ("Secure" in cookie) == secure
    assert "expires=Tue, 24 Nov 2026 13:00:00 GMT" in cookie


def test_https_cookie_is_bound_to_this_host() -> None:
    assert cookie_name(secure=True).startswith("__Host-")


def test_cleared_cookie_is_gone() -> None:
    response = Response()
    clear_session_cookie(response, secure=True)
    assert "Max-Age=0" in response.headers["set-cookie"]
