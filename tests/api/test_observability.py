"""Logs hold ids and events, never words, whatever is thrown at them."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from api.observability import LOG_FIELDS, configure_logging, get_logger

SECRET = "秘密的话"


@pytest.fixture
def stream() -> io.StringIO:
    """Where the configured logs go."""
    stream = io.StringIO()
    configure_logging(level="DEBUG", stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def raise_chain() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"about {SECRET}") from error


def log_own_exception() -> None:
    try:
        raise_chain()
    except ValueError:
        get_logger("api.x").exception("something_failed")


def log_foreign_exception() -> None:
    try:
        raise_chain()
    except ValueError:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=True)


def log_exception_in_arguments() -> None:
    logging.getLogger("asyncio").error(f"Task exception was never retrieved {SECRET!r}")


def raise_where_nobody_can_catch() -> None:
    class Noisy:
        def __del__(self) -> None:
            raise ValueError(SECRET)

    Noisy()


LEAKS: dict[str, Callable[[], Any]] = {
    "field that is not listed": lambda: get_logger("a").info("stored", text=SECRET),
    "event that is a sentence": lambda: get_logger("a").info(SECRET),
    "event with arguments": lambda: get_logger("a").info("stored %s", SECRET),
    "own exception": log_own_exception,
    "foreign exception": log_foreign_exception,
    "foreign message": lambda: logging.getLogger("lib").error(SECRET),
    "foreign arguments": lambda: logging.getLogger("lib").error("got %s", SECRET),
    "foreign object": lambda: logging.getLogger("lib").error(ValueError(SECRET)),
    "foreign stack": lambda: logging.getLogger("lib").error("x", stack_info=True, extra={"a": SECRET}),
    "formatted message": log_exception_in_arguments,
    "access log": lambda: logging.getLogger("uvicorn.access").info("GET %s", SECRET),
    "unraisable": raise_where_nobody_can_catch,
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_no_word_gets_through(
    stream: io.StringIO, leak: Callable[[], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    leak()
    printed = capfd.readouterr()
    for text in (stream.getvalue(), printed.out, printed.err):
        assert SECRET not in text
        assert json.dumps(SECRET)[1:-1] not in text
    assert all(set(line) <= LOG_FIELDS for line in lines(stream))


def test_warnings_are_logged_without_their_text(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(SECRET, stacklevel=1)
    [line] = lines(stream)
    assert (line["logger"], line["event"]) == ("py.warnings", "library_record")
    assert SECRET not in stream.getvalue()


def test_exception_is_told_by_types_and_places(stream: io.StringIO) -> None:
    log_own_exception()
    [line] = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("something_failed", "error", "api.x")
    assert [each["type"] for each in line["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert any("test_observability.py" in frame for frame in line["exception"][0]["frames"])
    assert line["exception"][0]["frames"][-1].endswith(" raise_chain")


def test_listed_fields_and_templates_are_kept(stream: io.StringIO) -> None:
    get_logger("a").info("message_stored", message_id="m-1", risk_level=2, degraded=["too_long"])
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    own, foreign = lines(stream)
    assert (own["message_id"], own["risk_level"], own["degraded"]) == ("m-1", 2, ["too_long"])
    assert own["timestamp"].endswith("Z")
    assert foreign["template"] == "Started server process [%d]"


def test_unraisable_exceptions_are_told(stream: io.StringIO) -> None:
    raise_where_nobody_can_catch()
    assert [line["event"] for line in lines(stream)] == ["unraisable_exception"]
    assert sys.unraisablehook is not sys.__unraisablehook__


def test_level_is_heeded() -> None:
    stream = io.StringIO()
    configure_logging(level="WARNING", stream=stream)
    get_logger("a").info("quiet")
    get_logger("a").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]
