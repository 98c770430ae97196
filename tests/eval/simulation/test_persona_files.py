"""Reading persona files."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from eval.errors import UsageError
from eval.simulation.persona_files import load_personas
from triage.errors import ContentError
from triage.intake.slots import Dialect, Slot
from triage.labels import Queue, RiskLevel

FACTS = {slot.value: ["是的"] for slot in Slot if slot is not Slot.CONTACT}


def persona(**changes: Any) -> dict[str, Any]:
    """A persona as a file has it; None takes a field away."""
    fields = {
        "key": "one",
        "about": "somebody",
        "queues": ["psychology"],
        "level": 2,
        "turns": [4, 6],
        "openings": [{"say": ["难过", "不想活了"], "tells": {"event": None}, "discloses": 1}],
        "facts": {"age": ["15"]},
        "values": {"age": "14_17", "wish": "yes"},
        "declines": ["contact"],
        "refusals": ["不说"],
        "otherwise": ["嗯"],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def write(folder: Path, *personas: dict[str, Any], name: str = "some.yaml", **changes: Any) -> Path:
    content = {
        "version": "1",
        "author": "somebody",
        "language": "yue",
        "facts": FACTS,
        "answers": {"harm.company": ["不在"]},
        "personas": list(personas),
        **changes,
    }
    (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_reads_what_is_there(tmp_path: Path) -> None:
    folder = load_personas(write(tmp_path, persona()))
    [read] = folder.personas
    assert (read.key, read.dialect, read.level) == ("one", Dialect.CANTONESE, RiskLevel.MODERATE)
    assert read.openings[0].discloses == 1
    assert read.openings[0].queues == {Queue.PSYCHOLOGY}
    assert read.openings[0].tells == {Slot.EVENT: ""}
    assert (read.facts[Slot.AGE].say, read.facts[Slot.AGE].value) == (("15",), "14_17")
    assert (read.facts[Slot.WISH].say, read.facts[Slot.WISH].value) == (("是的",), "yes")
    assert read.answers == {"harm.company": ("不在",)}
    assert read.after_disclosure is None
    assert read.is_in_danger
    assert len(folder.sha256) == 64


def test_personas_of_all_files_are_sorted_by_key(tmp_path: Path) -> None:
    write(tmp_path, persona(key="b"))
    write(tmp_path, persona(key="a"), name="zz.yaml")
    assert [each.key for each in load_personas(tmp_path).personas] == ["a", "b"]


def test_an_opening_may_have_queues_of_its_own(tmp_path: Path) -> None:
    openings = [{"say": ["欠薪"], "tells": {}, "queues": ["legal"]}]
    folder = load_personas(write(tmp_path, persona(openings=openings, level=0)))
    assert folder.personas[0].openings[0].queues == {Queue.LEGAL}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"openings": []}, "openings is empty"),
        ({"openings": [{"say": [], "tells": {}}]}, "say is empty"),
        ({"openings": [{"say": ["x"], "tells": {}, "discloses": 1}]}, "discloses must be"),
        ({"openings": [{"say": ["x"], "tells": {"weather": None}}]}, "there is no slot 'weather'"),
        ({"openings": [{"say": ["x"], "tells": {"age": 14}}]}, "age must be a text"),
        ({"declines": None}, "neither told nor declined, or both: contact"),
        ({"facts": {"contact": ["1"]}, "values": {}}, "neither told nor declined, or both: contact"),
        ({"values": {"contact": "x"}}, "values without facts: contact"),
        ({"refusals": None}, "declines slots but has no refusals"),
        ({"later": [{"at": [1, 4], "say": ["x"]}]}, "said later must come before"),
        ({"later": [{"at": [2, 1], "say": ["x"]}]}, "at must be two whole numbers"),
        ({"later": [{"at": [1, 2], "say": ["x"], "discloses": "yes"}]}, "discloses must be true or false"),
        ({"level": 1}, "danger is told exactly where"),
        ({"level": 5}, "level must be"),
        ({"turns": [0, 3]}, "turns must be two whole numbers"),
        ({"queues": ["nowhere"]}, "queues may hold only"),
        ({"mood": "bad"}, "unknown field mood"),
        ({"taps": [1]}, "taps must be a list of texts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_faults_are_named(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ContentError, match=problem) as caught:
        load_personas(write(tmp_path, persona(**changes)))
    assert "some.yaml" in str(caught.value)


def test_a_key_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="was there before"):
        load_personas(write(tmp_path, persona(), persona()))


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no persona files"):
        load_personas(tmp_path)
