"""Numbered lines of a text file, of a gzip file or of standard input, in constant memory."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from eval.errors import UsageError

MAX_LINE_BYTES = 4 * 1024 * 1024
"""A longer line is not kept in memory; it is reported as one bad row."""
STANDARD_STREAM = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that is not blank, without its end; ``content`` is None when it is too long to read."""

    number: int
    content: bytes | None


@contextmanager
def open_lines(source: str) -> Iterator[Iterator[Line]]:
    """The lines of a file (``-`` is standard input), gzip recognised by its first bytes.

    Line numbers start at 1 and count blank lines, which are left out. Raises ``UsageError`` when the
    file is missing, unreadable or a broken gzip file.
    """
    if source == STANDARD_STREAM:
        yield _read_lines(sys.stdin.buffer, source="standard input")
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise UsageError(f"{source}: cannot be read ({error.strerror or error})") from error
        yield _read_lines(file, source=source)


def _read_lines(file: BinaryIO, *, source: str) -> Iterator[Line]:
    try:
        yield from _number_lines(_unpack(file))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UsageError(f"{source}: broken gzip file ({error})") from error
    except OSError as error:
        raise UsageError(f"{source}: cannot be read ({error.strerror or error})") from error


def _unpack(file: BinaryIO) -> BinaryIO:
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    if buffered.peek(2)[:2] == _GZIP_MAGIC:
        return cast(BinaryIO, gzip.open(buffered, "rb"))
    return buffered


def _number_lines(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while content := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        if len(content) > MAX_LINE_BYTES:
            _skip_rest(file, content)
            yield Line(number=number, content=None)
        elif content.strip():
            yield Line(number=number, content=content.rstrip(b"\r\n"))


def _skip_rest(file: BinaryIO, content: bytes) -> None:
    while content and not content.endswith(b"\n"):
        content = file.readline(MAX_LINE_BYTES)
