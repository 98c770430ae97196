from typing import Any

import pytest

from eval.errors import RowError
from eval.labelling import Labels, parse_disclosure, parse_labels
from eval.rows import parse_row
from tests.eval.files import assistant, youth
from triage.labels import Category, RiskLevel, Signal, Subject


def code_of(fields: object) -> str:
    with pytest.raises(RowError) as caught:
        parse_labels(fields)
    return caught.value.code


def test_all_labels() -> None:
    fields = {
        "category": "psychology",
        "also": ["aid"],
        "signals": ["suicide", "fraud"],
        "level": 3,
        "escalate": True,
        "subject": "other",
    }
    assert parse_labels(fields) == Labels(
        category=Category.PSYCHOLOGY,
        also=frozenset({Category.AID}),
        signals=frozenset({Signal.SUICIDE, Signal.FRAUD}),
        level=RiskLevel.HIGH,
        escalate=True,
        subject=Subject.OTHER,
    )


@pytest.mark.parametrize(
    ("fields", "escalate"),
    [
        pytest.param({"signals": ["bullying"], "level": 2}, True, id="signal at moderate"),
        pytest.param({"signals": ["bullying"], "level": 1}, False, id="signal at low"),
        pytest.param({"signals": ["fraud"], "level": 2}, False, id="fraud alone"),
        pytest.param({"signals": [], "level": 0}, False, id="nothing"),
        pytest.param({"signals": ["bullying"]}, None, id="level unknown"),
        pytest.param({"level": 4}, None, id="signals unknown"),
        pytest.param({"escalate": True}, True, id="stated alone"),
    ],
)
def test_escalate_follows_from_the_labels(fields: dict[str, Any], escalate: bool | None) -> None:
    assert parse_labels(fields).escalate is escalate


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param([], "invalid_labels", id="no object"),
        pytest.param({}, "no_labels", id="nothing"),
        pytest.param({"subject": "self"}, "no_labels", id="subject alone"),
        pytest.param({"category": "sport"}, "invalid_labels", id="unknown category"),
        pytest.param({"category": 1}, "invalid_labels", id="category a number"),
        pytest.param({"signals": "suicide"}, "invalid_labels", id="signals a string"),
        pytest.param({"signals": ["gossip"]}, "invalid_labels", id="unknown signal"),
        pytest.param({"level": 5}, "invalid_labels", id="level too high"),
        pytest.param({"level": True}, "invalid_labels", id="level true"),
        pytest.param({"level": 1.0}, "invalid_labels", id="level a fraction"),
        pytest.param({"escalate": 1}, "invalid_labels", id="escalate a number"),
        pytest.param({"signals": ["suicide"], "level": 3, "escalate": False}, "contradiction", id="denied"),
        pytest.param({"signals": ["fraud"], "level": 3, "escalate": True}, "contradiction", id="fraud"),
    ],
)
def test_bad_labels_have_a_code(fields: object, code: str) -> None:
    assert code_of(fields) == code


TURNS = [
    youth("一", level=0, signals=[]),
    assistant(),
    youth("二", level=1, signals=["suicide"]),
    youth("三", level=2, signals=["suicide"]),
    youth("四", level=2, signals=["suicide"]),
]
UNLABELLED = [youth("一"), assistant(), youth("二")]
BENIGN = [youth("一", level=0, signals=[])]


def disclosure(turns: list[dict[str, Any]], **fields: Any) -> int | None:
    escalate = fields.pop("escalate", None)
    row = parse_row({"id": "c", "turns": turns}, line=1)
    return parse_disclosure({"turns": turns, **fields}, row=row, labels=Labels(escalate=escalate))


@pytest.mark.parametrize(
    ("turns", "fields", "expected"),
    [
        pytest.param(TURNS, {}, 2, id="from the turns"),
        pytest.param(TURNS, {"first_risk_turn": 3, "escalate": True}, 2, id="both agree"),
        pytest.param(UNLABELLED, {"first_risk_turn": 2}, 1, id="stated alone"),
        pytest.param(UNLABELLED, {"first_risk_turn": 0}, None, id="stated none"),
        pytest.param(UNLABELLED, {"escalate": True}, None, id="unknown"),
        pytest.param(BENIGN, {"first_risk_turn": 0, "escalate": False}, None, id="benign"),
    ],
)
def test_disclosing_turn(turns: list[dict[str, Any]], fields: dict[str, Any], expected: int | None) -> None:
    assert disclosure(turns, **fields) == expected


@pytest.mark.parametrize(
    ("turns", "fields"),
    [
        pytest.param(TURNS, {"first_risk_turn": 1}, id="turns say another"),
        pytest.param(TURNS, {"escalate": False}, id="the whole says none"),
        pytest.param(BENIGN, {"escalate": True}, id="the whole says danger"),
        pytest.param(UNLABELLED, {"first_risk_turn": 0, "escalate": True}, id="stated none, yet danger"),
        pytest.param(UNLABELLED, {"first_risk_turn": 3}, id="beyond the end"),
        pytest.param(UNLABELLED, {"first_risk_turn": -1}, id="negative"),
        pytest.param(UNLABELLED, {"first_risk_turn": True}, id="true"),
        pytest.param([youth("一", level=9, signals=[])], {}, id="level outside the scheme"),
    ],
)
def test_contradicting_turns_are_refused(turns: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    with pytest.raises(RowError):
        disclosure(turns, **fields)


def test_text_rows_have_none() -> None:
    row = parse_row({"id": "a", "text": "x"}, line=1)
    assert parse_disclosure({"first_risk_turn": 1}, row=row, labels=Labels()) is None
