"""Tokens in forms, so that no other site can post in a signed-in browser's name.

A signed-in form carries a token derived from its session; the sign-in form, which has no session
yet, carries the value of a short-lived cookie (double submit).
"""

import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import Response

from api.errors import CsrfFailed

FORM_FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SIGN_IN_COOKIE = "qingting_sign_in"
SIGN_IN_PATH = "/console/sign-in"
SIGN_IN_LIFETIME_S = 3600
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_token_of(session_token: str) -> str:
    """The form token that belongs to a session; knowing it does not give the session away."""
    return hashlib.sha256(f"csrf:{session_token}".encode()).hexdigest()


async def check_csrf(request: Request, *, expected: str) -> None:
    """Refuse a request whose header or form field does not hold the session's form token."""
    if not hmac.compare_digest(await _sent_token(request), expected.encode()):
        raise CsrfFailed


def start_sign_in_form(request: Request, response: Response, *, secure: bool) -> str:
    """The token for a sign-in form, set as a cookie too; an open form keeps its token."""
    token = request.cookies.get(SIGN_IN_COOKIE) or secrets.token_urlsafe(32)
    response.set_cookie(
        SIGN_IN_COOKIE,
        token,
        max_age=SIGN_IN_LIFETIME_S,
        path=SIGN_IN_PATH,
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    return token


async def check_sign_in_form(request: Request) -> None:
    """Refuse a sign-in whose form field does not hold the value of the cookie set with the form."""
    cookie = request.cookies.get(SIGN_IN_COOKIE, "")
    sent = await _sent_token(request)
    if not cookie or not hmac.compare_digest(sent, cookie.encode()):
        raise CsrfFailed


async def _sent_token(request: Request) -> bytes:
    header = request.headers.get(HEADER)
    if header is not None:
        return header.encode()
    if request.headers.get("content-type", "").startswith(_FORM_TYPES):
        value = (await request.form()).get(FORM_FIELD)
        return value.encode() if isinstance(value, str) else b""
    return b""
