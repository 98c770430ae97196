"""Errors of the evaluation package.

EvalError
├── UsageError      the input is missing or unreadable, or the output cannot be written; exit status 2
├── DatasetError    a labelled file has rows that cannot be scored; nothing is measured; exit status 1
└── RowError        one row cannot be read; it becomes an error row and the run goes on
"""

from collections.abc import Sequence

_SHOWN = 20


class EvalError(Exception):
    """An evaluation command failed."""


class UsageError(EvalError):
    """The input is missing or unreadable, or the output cannot be written."""


class RowError(EvalError):
    """One row cannot be read; ``code`` is stable, the message never quotes the row's text."""

    def __init__(self, code: str, message: str, *, row_id: str | int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row_id = row_id


class DatasetError(EvalError):
    """A labelled file has rows that cannot be scored."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        shown = "\n".join(f"  {problem}" for problem in problems[:_SHOWN])
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__(f"{name}: {len(problems)} problem(s), nothing was measured\n{shown}{more}")
        self.problems = tuple(problems)
