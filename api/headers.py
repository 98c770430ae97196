"""Security headers on every answer: nothing but our own files may run, and nobody may frame the console."""

from collections.abc import Mapping
from typing import Protocol

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOBODY = "'none'"
HSTS = "max-age=31536000; includeSubDomains"

_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class HeaderSettings(Protocol):
    """The settings that headers depend on."""

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers come by https; then they are told to insist on it."""
        ...


def content_security_policy(*, frame_ancestors: str = NOBODY) -> str:
    """The policy of a page: own files only, no inline script or style, no plug-in, no foreign form target.

    ``data:`` images are allowed for the icons inside vendored style sheets. ``frame_ancestors`` is a
    source list as in CSP (``'none'``, ``'self'``, ``https://…``): the chat page may sit in a web-view.
    """
    directives = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": NOBODY,
        "base-uri": NOBODY,
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def page_headers(*, frame_ancestors: str = NOBODY) -> dict[str, str]:
    """Headers of a page that others may frame; browsers heed these before any X-Frame-Options."""
    return {"content-security-policy": content_security_policy(frame_ancestors=frame_ancestors)}


def default_headers(*, https: bool) -> dict[str, str]:
    """What every answer carries unless its endpoint set that header itself."""
    headers = {
        "content-security-policy": content_security_policy(),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": _PERMISSIONS,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    return {**headers, "strict-transport-security": HSTS} if https else headers


class SecurityHeadersMiddleware:
    """Adds the default headers to each answer that does not set them itself."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def install_security_headers(app: FastAPI, settings: HeaderSettings) -> None:
    """Put the security headers on every answer that the application's own routes and handlers give."""
    app.add_middleware(SecurityHeadersMiddleware, headers=default_headers(https=settings.secure_cookies))
