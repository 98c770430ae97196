import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.errors import RowError
from eval.lines import Line
from eval.rows import BadRow, Row, parse_fields, parse_row, parse_rows
from tests.eval.files import assistant, youth
from triage.message import Role


def line(content: str | bytes | None, number: int = 1) -> Line:
    return Line(number=number, content=content.encode() if isinstance(content, str) else content)


def code_of(fields: dict[str, Any]) -> str:
    with pytest.raises(RowError) as caught:
        parse_row(fields, line=1)
    return caught.value.code


def test_text_row_is_one_youth_turn() -> None:
    row = parse_row({"id": 7, "text": "在吗", "anything": [1]}, line=3)
    assert (row.id, row.line, row.is_conversation) == (7, 3, False)
    assert row.youth_indices == (0,)
    assert row.youth_texts == ("在吗",)


def test_conversation_row_knows_the_youths_turns() -> None:
    turns = [assistant(), youth("一"), {"role": "counsellor", "text": "二"}, youth("三")]
    row = parse_row({"id": "c", "turns": turns, "text": None}, line=1)
    assert row.is_conversation
    assert row.youth_indices == (1, 3)
    assert row.youth_text == "一\n三"
    assert [turn.role for turn in row.turns] == [Role.ASSISTANT, Role.YOUTH, Role.COUNSELLOR, Role.YOUTH]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"text": "x"}, "missing_id", id="no id"),
        pytest.param({"id": None, "text": "x"}, "missing_id", id="id null"),
        pytest.param({"id": "", "text": "x"}, "invalid_id", id="id empty"),
        pytest.param({"id": True, "text": "x"}, "invalid_id", id="id true"),
        pytest.param({"id": 1.5, "text": "x"}, "invalid_id", id="id a fraction"),
        pytest.param({"id": ["a"], "text": "x"}, "invalid_id", id="id a list"),
        pytest.param({"id": "a"}, "missing_text", id="neither"),
        pytest.param({"id": "a", "text": None}, "missing_text", id="text null"),
        pytest.param({"id": "a", "text": "x", "turns": [youth("x")]}, "text_and_turns", id="both"),
        pytest.param({"id": "a", "text": 5}, "invalid_text", id="text a number"),
        pytest.param({"id": "a", "text": ["x"]}, "invalid_text", id="text a list"),
        pytest.param({"id": "a", "turns": "x"}, "invalid_turns", id="turns a string"),
        pytest.param({"id": "a", "turns": {}}, "invalid_turns", id="turns an object"),
        pytest.param({"id": "a", "turns": ["x"]}, "invalid_turn", id="turn a string"),
        pytest.param({"id": "a", "turns": [{"role": "youth"}]}, "invalid_turn", id="turn without text"),
        pytest.param({"id": "a", "turns": [{"text": "x"}]}, "unknown_role", id="turn without role"),
        pytest.param({"id": "a", "turns": [{"role": "user", "text": "x"}]}, "unknown_role", id="other role"),
        pytest.param({"id": "a", "turns": [{"role": [], "text": "x"}]}, "unknown_role", id="role a list"),
        pytest.param({"id": "a", "turns": []}, "no_youth_turn", id="no turns"),
        pytest.param({"id": "a", "turns": [assistant()]}, "no_youth_turn", id="no youth turn"),
    ],
)
def test_bad_rows_have_a_code(fields: dict[str, Any], code: str) -> None:
    assert code_of(fields) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("{", "invalid_json", id="cut off"),
        pytest.param('{"id": NaN}', "invalid_json", id="NaN"),
        pytest.param('{"id": ' + "9" * 5000 + "}", "invalid_json", id="endless number"),
        pytest.param("[" * 100_000, "invalid_json", id="nested too deeply"),
        pytest.param("[1]", "not_an_object", id="list"),
        pytest.param('"text"', "not_an_object", id="string"),
        pytest.param(b'{"id": "\xff"}', "invalid_utf8", id="not UTF-8"),
        pytest.param(b'{"id": "\xed\xa0\x80"}', "invalid_utf8", id="encoded surrogate"),
        pytest.param(None, "line_too_long", id="too long"),
    ],
)
def test_bad_lines_have_a_code(content: str | bytes | None, code: str) -> None:
    with pytest.raises(RowError) as caught:
        parse_fields(line(content))
    assert caught.value.code == code


def test_the_last_of_two_equal_keys_counts() -> None:
    assert parse_fields(line('{"id": "a", "id": "b"}')) == {"id": "b"}


def test_stream_goes_on_after_a_bad_line() -> None:
    contents = ['{"id": "a", "text": "一"}', "no", '{"id": "b"}', '{"id": "c", "text": "二"}']
    rows = list(parse_rows(iter([line(content, number) for number, content in enumerate(contents, 1)])))
    assert [type(row) for row in rows] == [Row, BadRow, BadRow, Row]
    assert [(row.id, row.line) for row in rows] == [("a", 1), (None, 2), ("b", 3), ("c", 4)]


def test_messages_quote_nothing() -> None:
    secret = "不能说的话"
    fields = {"id": "a", "turns": [{"role": secret, "text": secret}]}
    with pytest.raises(RowError) as caught:
        parse_row(fields, line=1)
    assert secret not in caught.value.message
    with pytest.raises(RowError) as caught:
        parse_fields(line('{"text": "' + secret))
    assert secret not in caught.value.message


@given(st.text())
def test_any_text_survives_reading(text: str) -> None:
    encoded = json.dumps({"id": "a", "text": text}).encode()
    assert parse_row(parse_fields(line(encoded)), line=1).youth_texts == (text,)
