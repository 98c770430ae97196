from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.reading import split_clauses
from triage.window import WINDOW_CHARACTERS, WINDOW_TURNS, join_turns


@given(st.text(max_size=200))
def test_clauses_are_ordered_bounded_and_hold_every_letter(text: str) -> None:
    clauses = split_clauses(text)
    assert all(0 <= start < end <= len(text) and end - start <= 40 for start, end in clauses)
    assert all(a[1] <= b[0] for a, b in pairwise(clauses))
    quoted = "".join(text[start:end] for start, end in clauses)
    assert sorted(c for c in quoted if c.isalnum()) == sorted(c for c in text if c.isalnum())


def test_the_window_keeps_the_newest_turns() -> None:
    turns = [f"第{number}句" for number in range(30)]
    assert join_turns(turns).split("\n") == turns[-WINDOW_TURNS:]


@pytest.mark.parametrize("length", [1, WINDOW_CHARACTERS, 5 * WINDOW_CHARACTERS])
def test_the_window_is_bounded(length: int) -> None:
    assert len(join_turns(["开头", "好" * length])) <= WINDOW_CHARACTERS
