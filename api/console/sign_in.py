"""Pages of staff accounts: sign in, change the one-time password, sign out."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from api.auth import accounts
from api.auth.csrf import check_sign_in_form, start_sign_in_form
from api.auth.guards import public, require
from api.auth.passwords import MIN_LENGTH
from api.auth.permissions import Permission, Principal
from api.auth.sessions import StaffSession, clear_session_cookie, set_session_cookie
from api.deps import AppDatabase, AppSettings, Now
from api.errors import ApiError, CsrfFailed, SignInFailed, TooManyAttempts, WeakPassword
from api.settings import Settings
from api.templating import page_templates

CONSOLE_URL = "/console"
SIGN_IN_URL = f"{CONSOLE_URL}/sign-in"
PASSWORD_URL = f"{CONSOLE_URL}/password"
REPEATED_WRONGLY = "repeated_wrongly"
"""A problem that only the form can see; the others are codes of ``api.errors``."""

router = APIRouter(prefix=CONSOLE_URL, include_in_schema=False)

PasswordChanger = Annotated[Principal, Depends(require(Permission.CHANGE_OWN_PASSWORD))]
PasswordField = Annotated[str, Form()]


@router.get("/sign-in", dependencies=[Depends(public())])
async def read_sign_in_page(request: Request, settings: AppSettings) -> Response:
    """The sign-in form."""
    return _sign_in_page(request, settings)


@router.post("/sign-in", dependencies=[Depends(public())])
async def sign_in(
    request: Request,
    settings: AppSettings,
    database: AppDatabase,
    now: Now,
    username: Annotated[str, Form()],
    password: PasswordField,
) -> Response:
    """Sign in and go to the console, or see the form again with what is wrong."""
    try:
        await check_sign_in_form(request)
        session = await accounts.sign_in(
            database,
            username=username,
            password=password,
            peer=request.client.host if request.client else "",
            now=now,
            lifetime=_lifetime(settings),
        )
    except (CsrfFailed, SignInFailed, TooManyAttempts) as error:
        return _sign_in_page(request, settings, username=username, error=error)
    return _enter(settings, session, url=PASSWORD_URL if session.must_change_password else CONSOLE_URL)


@router.get("/password")
async def read_password_page(request: Request, principal: PasswordChanger) -> Response:
    """The form for a new password; after a one-time password nothing else can be reached."""
    return _password_page(request, principal)


@router.post("/password")
async def change_password(
    request: Request,
    settings: AppSettings,
    database: AppDatabase,
    now: Now,
    principal: PasswordChanger,
    current_password: PasswordField,
    new_password: PasswordField,
    repeated_password: PasswordField,
) -> Response:
    """Set a new password and go on in a fresh session; all other sessions of the account end."""
    if new_password != repeated_password:
        return _password_page(request, principal, problem=REPEATED_WRONGLY)
    try:
        session = await accounts.change_password(
            database,
            principal=principal,
            current=current_password,
            new=new_password,
            now=now,
            lifetime=_lifetime(settings),
        )
    except (SignInFailed, WeakPassword) as error:
        return _password_page(request, principal, problem=error.code)
    return _enter(settings, session, url=CONSOLE_URL)


@router.post("/sign-out")
async def sign_out(
    settings: AppSettings,
    database: AppDatabase,
    now: Now,
    principal: Annotated[Principal, Depends(require(Permission.SIGN_OUT))],
) -> Response:
    """End the session and go back to the sign-in form."""
    await accounts.sign_out(database, principal=principal, now=now)
    response = RedirectResponse(SIGN_IN_URL, status_code=HTTPStatus.SEE_OTHER)
    clear_session_cookie(response, secure=settings.secure_cookies)
    return response


def _lifetime(settings: Settings) -> timedelta:
    return timedelta(hours=settings.staff_session_hours)


def _enter(settings: Settings, session: StaffSession, *, url: str) -> Response:
    response = RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
    set_session_cookie(response, session, secure=settings.secure_cookies)
    return response


def _sign_in_page(
    request: Request, settings: Settings, *, username: str = "", error: ApiError | None = None
) -> Response:
    cookies = Response()
    token = start_sign_in_form(request, cookies, secure=settings.secure_cookies)
    page = page_templates().TemplateResponse(
        request,
        "console/sign_in.html",
        {"username": username, "problem": error.code if error else None, "csrf_token": token},
        status_code=error.status if error else HTTPStatus.OK,
        headers=error.headers if error else None,
    )
    page.headers["set-cookie"] = cookies.headers["set-cookie"]
    return page


def _password_page(request: Request, principal: Principal, *, problem: str | None = None) -> Response:
    return page_templates().TemplateResponse(
        request,
        "console/password.html",
        {"principal": principal, "shortest": MIN_LENGTH, "problem": problem},
        status_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
    )
