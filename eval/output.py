"""Write an output file whole or not at all."""

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from eval.errors import UsageError
from eval.lines import STANDARD_STREAM

_LINE_BREAKS = str.maketrans({"\u0085": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def encode_line(fields: Mapping[str, Any]) -> bytes:
    """One JSON line in UTF-8; characters that other readers take for a line end are escaped."""
    text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.translate(_LINE_BREAKS).encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, quoted from the message
        return json.dumps(fields, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


@contextmanager
def open_output(destination: str) -> Iterator[BinaryIO]:
    """A binary file for the output (``-`` is standard output; ``.gz`` is packed).

    The file appears under its name only when the block ends without an error; until then it is a
    temporary file beside it. Raises ``UsageError`` when it cannot be written.
    """
    if destination == STANDARD_STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(destination)
    try:
        path = path.resolve()
        if path.exists() and not path.is_file() and not path.is_dir():  # a device or a pipe
            with path.open("wb") as file:
                yield file
            return
        with _replace_when_done(path) as file:
            yield file
    except OSError as error:
        raise UsageError(f"{destination}: cannot be written ({error.strerror or error})") from error


@contextmanager
def _replace_when_done(path: Path) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise IsADirectoryError(21, "is a folder")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield raw
        temporary.chmod(0o666 & ~_file_mode_mask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _file_mode_mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
