"""A page of the console, with what all of them need: names, times, waits."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api.console.labels import console_labels
from api.console.times import clock_time, name_wait
from api.templating import page_templates


def render_page(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """A template filled with its context and the shared names."""
    shared = {
        "labels": console_labels(),
        "now": now,
        "clock_time": clock_time,
        "name_wait": name_wait,
        "timedelta": timedelta,
    }
    return page_templates().TemplateResponse(request, template, {**shared, **context}, status_code=status)
