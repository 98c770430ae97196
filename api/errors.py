"""Errors of the service.

QingtingError
├── StartRefused              the service does not start; the message tells the operator why
│   ├── SettingsError             a setting is missing, malformed or unsafe
│   ├── DatabaseUnusable          the database cannot be reached, or is not ours to change
│   └── DatabaseNotMigrated       the database's tables are not those of this version
└── ApiError                  answered to the caller in the one error shape, with ``status`` and ``code``
    ├── InvalidEncoding, InvalidJson, UnsupportedMediaType, BodyTooLarge, BodyTimeout
    ├── ValidationFailed
    ├── Unauthenticated, InvalidToken, SignInFailed, TooManyAttempts
    ├── Forbidden, PasswordChangeRequired, CsrfFailed, ChannelForbidden, WeakPassword
    ├── NotFound
    ├── IdempotencyConflict, ConversationClosed
    ├── ConversationBusy, DatabaseUnavailable, NotReady
    └── AssistOff, AssistFailed, AssistTimeout

The docstring of an ``ApiError`` is its message. No message, detail or header ever holds message text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.exceptions import HTTPException


class QingtingError(Exception):
    """Something in the service failed."""


class StartRefused(QingtingError):
    """The service cannot start safely."""


class SettingsError(StartRefused):
    """A setting is missing, malformed or unsafe."""


class DatabaseUnusable(StartRefused):
    """The database cannot be reached, or is not ours to change."""


class DatabaseNotMigrated(StartRefused):
    """The database's tables are not those of this version."""


class ApiError(HTTPException, QingtingError):
    """The request failed."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        *,
        message: str | None = None,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.details = tuple(details)
        super().__init__(status_code=self.status, detail=self.message, headers=headers)


class InvalidEncoding(ApiError):
    """The request body is not valid UTF-8."""

    status = 400
    code = "invalid_encoding"


class InvalidJson(ApiError):
    """The request body is not valid JSON."""

    status = 400
    code = "invalid_json"


class UnsupportedMediaType(ApiError):
    """The request body must be sent as application/json, without a content encoding."""

    status = 415
    code = "unsupported_media_type"


class BodyTooLarge(ApiError):
    """The request body is too large."""

    status = 413
    code = "body_too_large"


class BodyTimeout(ApiError):
    """The request body did not arrive in time."""

    status = 408
    code = "body_timeout"


class ValidationFailed(ApiError):
    """The request does not fit the interface; see details."""

    status = 422
    code = "validation_failed"


class Unauthenticated(ApiError):
    """Sign in or send a bearer token."""

    status = 401
    code = "unauthenticated"


class InvalidToken(Unauthenticated):
    """The bearer token is unknown, expired or revoked."""

    code = "invalid_token"


class SignInFailed(ApiError):
    """The user name or the password is wrong."""

    status = 401
    code = "sign_in_failed"


class TooManyAttempts(ApiError):
    """Too many failed attempts; try again later."""

    status = 429
    code = "too_many_attempts"


class Forbidden(ApiError):
    """The caller may not do that."""

    status = 403
    code = "forbidden"


class PasswordChangeRequired(Forbidden):
    """The one-time password must be changed first."""

    code = "password_change_required"


class CsrfFailed(Forbidden):
    """The form's token is missing or does not belong to this session; load the page again."""

    code = "csrf_failed"


class ChannelForbidden(Forbidden):
    """The caller may not send for that channel or user."""

    code = "channel_forbidden"


class WeakPassword(ApiError):
    """The new password is too weak."""

    status = 422
    code = "weak_password"


class NotFound(ApiError):
    """There is no such thing here."""

    status = 404
    code = "not_found"


class IdempotencyConflict(ApiError):
    """A message with this channel and external_id was received before with another body."""

    status = 409
    code = "idempotency_conflict"


class ConversationClosed(ApiError):
    """The conversation is closed; nobody would read what is written into it."""

    status = 409
    code = "conversation_closed"


class ConversationBusy(ApiError):
    """The conversation is being changed by too many requests at once; send the message again."""

    status = 503
    code = "conversation_busy"


class DatabaseUnavailable(ApiError):
    """The database cannot be reached; nothing was stored, send the request again."""

    status = 503
    code = "database_unavailable"


class NotReady(ApiError):
    """The service is not ready to receive messages."""

    status = 503
    code = "not_ready"


class AssistOff(ApiError):
    """The counsellor's assist is switched off here; nothing was sent anywhere."""

    status = 409
    code = "assist_off"


class AssistFailed(ApiError):
    """The assist's host could not be reached or gave no usable answer; go on without it."""

    status = 502
    code = "assist_failed"


class AssistTimeout(ApiError):
    """The assist's host took too long; go on without it."""

    status = 504
    code = "assist_timeout"
