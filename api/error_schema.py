"""The error shape as it stands in the OpenAPI document."""

from typing import Any

from pydantic import BaseModel, ConfigDict

_MEANINGS = {
    400: "The body is not UTF-8 or not JSON.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The caller may not do this.",
    404: "There is no such thing, or the caller may not see it.",
    409: "The id was used before with another body.",
    413: "The body is larger than 256 KiB.",
    415: "The body is not application/json.",
    422: "The body does not fit the interface.",
    503: "Nothing was stored; send the request again after `Retry-After` seconds.",
}


class ErrorDetail(BaseModel):
    """One field and what is wrong with it; never what was in it."""

    field: str
    problem: str
    message: str | None = None


class ErrorBody(BaseModel):
    """What went wrong, for machines (``code``) and for people (``message``)."""

    code: str
    message: str
    request_id: str | None
    details: list[ErrorDetail] | None = None


class ErrorAnswer(BaseModel):
    """The body of every 4xx and 5xx."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "text_too_long",
                        "message": "The request does not fit the interface; see details.",
                        "request_id": "019a9a4c5d3e7c1fb2a4d0c9e8f70001",
                        "details": [
                            {
                                "field": "body",
                                "problem": "text_too_long",
                                "message": "Text may have 20000 characters at most",
                            }
                        ],
                    }
                }
            ]
        }
    )

    error: ErrorBody


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that can answer with these errors."""
    return {status: {"model": ErrorAnswer, "description": _MEANINGS[status]} for status in statuses}
