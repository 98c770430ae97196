"""Every 4xx and 5xx in one shape: ``{"error": {"code", "message", "request_id", "details"?}}``."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.errors import ApiError, DatabaseUnavailable, PasswordChangeRequired, Unauthenticated
from api.observability import current_request_id, get_logger

SIGN_IN_URL = "/console/sign-in"
PASSWORD_URL = "/console/password"
RETRY_AFTER_S = 1
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_OWN_CODES = frozenset({"empty_text", "text_too_long", "invalid_text"})
"""Validation errors that have a code of their own in the interface."""

_log = get_logger(__name__)


def error_answer(
    *,
    status: int,
    code: str,
    message: str,
    details: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one error shape as a response."""
    body: dict[str, Any] = {"code": code, "message": message, "request_id": current_request_id()}
    if details:
        body["details"] = [dict(detail) for detail in details]
    headers = dict(headers or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def install_error_answers(app: FastAPI) -> None:
    """Give every known kind of exception its answer; unknown ones are caught by the middleware."""
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(SQLAlchemyError, answer_database_error)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Our own errors, and those of the framework such as an unknown path."""
    if isinstance(error, ApiError):
        return _answer_api_error(request, error)
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return error_answer(
        status=status,
        code=status.phrase.lower().replace(" ", "_").replace("'", ""),
        message=f"{status.phrase}.",
        headers=error.headers,
    )


def _answer_api_error(request: Request, error: ApiError) -> Response:
    target = None
    if isinstance(error, PasswordChangeRequired):
        target = PASSWORD_URL
    elif isinstance(error, Unauthenticated):
        target = SIGN_IN_URL
    headers = dict(error.headers or {})
    if target and "HX-Request" in request.headers:
        headers["HX-Redirect"] = target
    elif target and request.method == "GET" and _wants_page(request):
        return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)
    return error_answer(
        status=error.status_code,
        code=error.code,
        message=error.message,
        details=error.details,
        headers=headers,
    )


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


async def answer_validation_error(_request: Request, error: Exception) -> Response:
    """Which fields are wrong and how; never what was in them."""
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    codes = [_code_of(problem["type"]) for problem in problems]
    own = next((code for code in codes if code in _OWN_CODES), None)
    return error_answer(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code=own or "validation_failed",
        message="The request does not fit the interface; see details.",
        details=[_describe_problem(problem) for problem in problems],
    )


def _code_of(kind: str) -> str:
    return "invalid_text" if kind == "string_unicode" else kind


def _describe_problem(problem: Mapping[str, Any]) -> dict[str, Any]:
    where = [_name_field(part) for part in problem["loc"]]
    return {"field": ".".join(where), "problem": _code_of(problem["type"]), "message": problem["msg"]}


def _name_field(part: str | int) -> str:
    """A field's name, unless it is something that a caller made up and might be anything."""
    name = str(part)
    return name if isinstance(part, int) or _FIELD_NAME.fullmatch(name) else "(unnamed)"


async def answer_database_error(_request: Request, error: Exception) -> Response:
    """The database failed: nothing was stored, the caller is asked to come again."""
    _log.error("database_failed", exc_info=error)
    failure = DatabaseUnavailable()
    return error_answer(status=failure.status, code=failure.code, message=failure.message)
