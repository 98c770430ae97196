"""A conversation's state comes back from the database as it went in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.conversations.state import decode_state, encode_state
from triage.labels import SIGNALS, Category, Queue, RiskLevel
from triage.message import MAX_TURNS_KEPT, ConversationState, Role, Turn

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TURNS = st.builds(Turn, role=st.sampled_from(Role), text=TEXTS)
STATES = st.builds(
    ConversationState,
    turns=st.lists(TURNS, max_size=MAX_TURNS_KEPT).map(tuple),
    level=st.sampled_from(RiskLevel),
    signals=st.frozensets(st.sampled_from(SIGNALS)),
    risk_score=st.floats(0, 1),
    category=st.none() | st.sampled_from(Category),
    queue=st.none() | st.sampled_from(Queue),
    escalated=st.booleans(),
    degraded=st.booleans(),
    in_review=st.booleans(),
    replies_sent=st.lists(TEXTS, max_size=5).map(tuple),
)


@given(state=STATES)
def test_state_survives_json(state: ConversationState) -> None:
    assert decode_state(json.loads(json.dumps(encode_state(state)))) == state


@pytest.mark.parametrize(
    "change",
    [{"format": 0}, {"level": 9}, {"signals": ["unknown"]}, {"turns": [["nobody", "x"]]}, {"turns": 5}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_a_state_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        decode_state({**encode_state(ConversationState()), **change})


def test_empty_object_is_refused() -> None:
    with pytest.raises(KeyError):
        decode_state({})
