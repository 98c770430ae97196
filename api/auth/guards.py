"""The guard that stands before every route: ``require(permission)``, or ``public()``.

Each route carries exactly one of the two (``tests/architecture/test_routes.py`` walks them all)::

    async def read_queues(principal: Annotated[Principal, Depends(require(Permission.READ_QUEUES))]): ...

    @router.get("/healthz", dependencies=[Depends(public())])
"""

from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPBearer
from starlette.requests import Request

from api.auth.csrf import check_csrf
from api.auth.permissions import ALLOWED_WITH_ONE_TIME_PASSWORD, Permission, Principal, Role
from api.auth.sessions import cookie_name, find_staff_principal
from api.auth.tokens import find_token_principal
from api.deps import Services, services_of
from api.errors import Forbidden, InvalidToken, PasswordChangeRequired, Unauthenticated

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_BEARER = HTTPBearer(
    scheme_name="bearer",
    description="The token of a chat backend or monitor (`python -m api create-token`), or of a chat page's "
    "session (`POST /v1/sessions`). Staff come with the cookie of the console instead.",
    auto_error=False,
)
"""For the OpenAPI document only; ``_identify`` reads the header itself, to tell the cases apart."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A dependency that lets a caller with the permission pass, and says who it is."""

    permission: Permission

    async def __call__(
        self, request: Request, _documented: Annotated[object, Security(_BEARER)] = None
    ) -> Principal:
        """The caller, or 401 (not known), or 403 (known, and may not)."""
        principal = await _identify(request, services_of(request), self.permission)
        if not principal.may(self.permission):
            raise Forbidden
        if principal.must_change_password and self.permission not in ALLOWED_WITH_ONE_TIME_PASSWORD:
            raise PasswordChangeRequired
        request.state.principal = principal
        return principal


@dataclass(frozen=True, slots=True)
class PublicMark:
    """A dependency that lets everyone pass; it marks the route as public on purpose."""

    async def __call__(self) -> None:
        """Nothing to check."""


def require(permission: Permission) -> Guard:
    """Guard a route: only callers whose role holds the permission pass."""
    return Guard(permission)


def public() -> PublicMark:
    """Mark a route as open to everyone."""
    return PublicMark()


async def _identify(request: Request, services: Services, permission: Permission) -> Principal:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _identify_bearer(authorization, services)
    if permission is Permission.READ_METRICS and is_direct_loopback(request):
        return Principal(role=Role.MONITOR, id="loopback")
    token = request.cookies.get(cookie_name(secure=services.settings.secure_cookies))
    if not token:
        raise Unauthenticated(headers=_CHALLENGE)
    find = partial(find_staff_principal, token=token, now=services.clock.now())
    principal = await services.database.read(find)
    if principal is None:
        raise Unauthenticated(headers=_CHALLENGE)
    if request.method not in _SAFE_METHODS:
        await check_csrf(request, expected=principal.csrf_token or "")
    return principal


async def _identify_bearer(authorization: str, services: Services) -> Principal:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidToken(headers=_CHALLENGE)
    find = partial(find_token_principal, token=token.strip(), now=services.clock.now())
    return await services.database.read(find)


def is_direct_loopback(request: Request) -> bool:
    """Whether the peer is this very machine, and no proxy speaks for somebody else."""
    if request.client is None or any(name in request.headers for name in _FORWARDING_HEADERS):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
