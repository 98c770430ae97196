"""Logs that hold ids and events, never words; and the metrics.

Every log line is JSON. A field that is not listed here is dropped, an event that is not an
identifier is renamed, an exception is written as its types and places in the code without its
message, and of what other libraries log only the fixed template is kept. So no path leads from a
message's text into a log, whatever a library puts into its exceptions.
"""

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

LOG_FIELDS = frozenset(
    {
        "conversation_id", "degraded", "duration_ms", "environment",
        "escalate", "event", "exception", "level", "lexicon_version", "line", "logger", "message_id",
        "method", "model_version", "module", "policy_version", "queue", "request_id", "risk_level", "route",
        "status", "template", "timestamp",
    }
)  # fmt: skip
"""All fields a log line may have; none of them ever takes what a person wrote."""

MAX_FRAMES = 20
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger for a module; events are snake_case identifiers, the rest are fields."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process, other libraries' included, through the rules above."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                keep_template_only,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                describe_exception,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                keep_listed_fields,
                structlog.processors.JSONRenderer(),
            ],
            pass_foreign_args=True,
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    _quieten_libraries()
    logging.captureWarnings(True)
    sys.unraisablehook = _log_unraisable


def _quieten_libraries() -> None:
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    # Its lines hold the raw path and query; ``request_finished`` takes their place.
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("sqlalchemy", "alembic", "psycopg", "asyncio", "sse_starlette"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    error = unraisable.exc_value
    get_logger(__name__).error("unraisable_exception", exc_info=error if error is not None else False)


def keep_template_only(_logger: WrappedLogger, _name: str, event_dict: EventDict) -> EventDict:
    """Of another library's record keep the place and, if it has arguments, the bare template."""
    record: logging.LogRecord = event_dict["_record"]
    template = event_dict["event"] if event_dict.pop("positional_args", None) else None
    event_dict.update(event="library_record", module=record.module, line=record.lineno)
    if template is not None:
        event_dict["template"] = template
    return event_dict


def describe_exception(_logger: WrappedLogger, _name: str, event_dict: EventDict) -> EventDict:
    """Replace an exception by its types and the places it came through; its message is dropped."""
    info = event_dict.pop("exc_info", None)
    event_dict.pop("exc_text", None)
    event_dict.pop("stack_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event_dict["exception"] = list(_describe_chain(error))
    return event_dict


def _describe_chain(error: BaseException) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-MAX_FRAMES:]
        yield {
            "type": f"{type(current).__module__}.{type(current).__qualname__}",
            "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        current = current.__cause__ or current.__context__


def keep_listed_fields(_logger: WrappedLogger, _name: str, event_dict: EventDict) -> EventDict:
    """Drop every field that is not listed, and rename events that are not identifiers."""
    kept = {key: value for key, value in event_dict.items() if key in LOG_FIELDS}
    if not _EVENT.fullmatch(str(kept.get("event", ""))):
        kept["event"] = "unnamed_event"
    return kept


def current_request_id() -> str | None:
    """The identifier of the request being served, None outside of one."""
    value: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return value
