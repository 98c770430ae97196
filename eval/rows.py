"""The rows that a prediction is made for: a single text, or the turns of a conversation."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from eval.errors import RowError
from eval.lines import MAX_LINE_BYTES, Line
from triage.message import Role, Turn

_ROLES = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text or conversation to triage; a text is a conversation of one youth turn."""

    id: str | int
    line: int
    turns: tuple[Turn, ...]
    is_conversation: bool

    @property
    def youth_indices(self) -> tuple[int, ...]:
        """Positions of the youth's turns in ``turns``, counted from 0."""
        return tuple(index for index, turn in enumerate(self.turns) if turn.role is Role.YOUTH)

    @property
    def youth_texts(self) -> tuple[str, ...]:
        """What the young person wrote, turn by turn."""
        return tuple(turn.text for turn in self.turns if turn.role is Role.YOUTH)

    @property
    def youth_text(self) -> str:
        """All that the young person wrote, as one text."""
        return "\n".join(self.youth_texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A line that is no row, and why; ``id`` is None where it could not be read."""

    id: str | int | None
    line: int
    code: str
    message: str


def parse_rows(lines: Iterator[Line]) -> Iterator[Row | BadRow]:
    """Rows in the order of the file; a line that cannot be read becomes a ``BadRow``."""
    for line in lines:
        try:
            yield parse_row(parse_fields(line), line=line.number)
        except RowError as error:
            yield BadRow(id=error.row_id, line=line.number, code=error.code, message=error.message)


def parse_fields(line: Line) -> dict[str, Any]:
    """The JSON object on a line; raises ``RowError`` for anything else."""
    if line.content is None:
        raise RowError("line_too_long", f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        text = line.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowError("invalid_utf8", f"not UTF-8 at byte {error.start + 1} of the line") from error
    try:
        fields = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise RowError("invalid_json", f"not JSON at character {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise RowError("invalid_json", "JSON is nested too deeply") from error
    except ValueError as error:
        raise RowError("invalid_json", "JSON holds a number that cannot be read") from error
    if not isinstance(fields, dict):
        raise RowError("not_an_object", "a row must be a JSON object")
    return cast(dict[str, Any], fields)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def parse_row(fields: Mapping[str, Any], *, line: int) -> Row:
    """A row from the fields of a JSON object; raises ``RowError`` naming the first thing wrong."""
    row_id = parse_id(fields)
    text, turns = fields.get("text"), fields.get("turns")
    if text is None and turns is None:
        raise RowError("missing_text", "a row needs either text or turns", row_id=row_id)
    if text is not None and turns is not None:
        raise RowError("text_and_turns", "a row has either text or turns, not both", row_id=row_id)
    if turns is None:
        if not isinstance(text, str):
            raise RowError("invalid_text", "text must be a string", row_id=row_id)
        only = Turn(role=Role.YOUTH, text=text)
        return Row(id=row_id, line=line, turns=(only,), is_conversation=False)
    return Row(id=row_id, line=line, turns=_parse_turns(turns, row_id=row_id), is_conversation=True)


def parse_id(fields: Mapping[str, Any]) -> str | int:
    """The id of a row or of its answer."""
    if fields.get("id") is None:
        raise RowError("missing_id", "a row needs an id")
    row_id = fields["id"]
    if isinstance(row_id, bool) or not isinstance(row_id, str | int) or row_id == "":
        raise RowError("invalid_id", "id must be a string that is not empty, or a whole number")
    return row_id


def _parse_turns(turns: object, *, row_id: str | int) -> tuple[Turn, ...]:
    if not isinstance(turns, list):
        raise RowError("invalid_turns", "turns must be a list", row_id=row_id)
    parsed = tuple(_parse_turn(turn, index=index, row_id=row_id) for index, turn in enumerate(turns))
    if all(turn.role is not Role.YOUTH for turn in parsed):
        raise RowError("no_youth_turn", "turns hold no turn of role youth", row_id=row_id)
    return parsed


def _parse_turn(turn: object, *, index: int, row_id: str | int) -> Turn:
    if not isinstance(turn, dict):
        raise RowError("invalid_turn", f"turns[{index}] must be an object", row_id=row_id)
    role, text = turn.get("role"), turn.get("text")
    if not isinstance(role, str) or role not in _ROLES:
        known = ", ".join(_ROLES)
        raise RowError("unknown_role", f"turns[{index}].role must be one of {known}", row_id=row_id)
    if not isinstance(text, str):
        raise RowError("invalid_turn", f"turns[{index}].text must be a string", row_id=row_id)
    return Turn(role=_ROLES[role], text=text)
