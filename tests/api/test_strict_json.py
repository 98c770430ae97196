"""JSON is read one way only."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidEncoding, InvalidJson
from api.strict_json import MAX_DEPTH, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=VALUES)
def test_sound_json_is_read_as_by_everyone(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(body=st.binary(max_size=200))
def test_any_bytes_give_a_value_or_our_error(body: bytes) -> None:
    with suppress(InvalidEncoding, InvalidJson):
        parse_json(body)


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 500, 100_000])
def test_depth_is_limited(depth: int) -> None:
    body = b"[" * depth + b"]" * depth
    if depth <= MAX_DEPTH:
        assert parse_json(body)[0]
        return
    with pytest.raises(InvalidJson, match="nested too deeply"):
        parse_json(body)


def test_byte_order_mark_is_allowed() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": 1, "a": 2}', "names a member twice"),
        (b'{"a": {"b": 1, "b": 1}}', "names a member twice"),
        (b"[NaN]", "NaN"),
        (b"[1e]", "character 2"),
        (b"\xff", "byte 0"),
        (b"[" + b"1" * 5000 + b"]", "too long"),
    ],
)
def test_fault_is_told_by_its_place(body: bytes, told: str) -> None:
    with pytest.raises((InvalidJson, InvalidEncoding), match=told):
        parse_json(body)
