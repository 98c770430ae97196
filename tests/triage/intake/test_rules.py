import shutil
from pathlib import Path

import pytest

from triage.errors import ContentError
from triage.intake.dialect import load_markers
from triage.intake.extract import load_slot_extractor
from triage.intake.rules import CONTENT_PATH, content_version, load_rules
from triage.intake.slots import Slot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT_PATH, tmp_path / "content"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_rule_says_when_it_fires_and_what_it_spares() -> None:
    assert all(rule.fires for rule in load_rules())
    assert {rule.slot for rule in load_rules()} == {
        Slot.SPEAKER,
        Slot.AGE,
        Slot.SINCE,
        Slot.PLACE,
        Slot.COMPANY,
        Slot.HELP,
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        pytest.param("help.yaml", "value: person", "value: robot", "value must be one of", id="value"),
        pytest.param("help.yaml", "    value: person\n", "", "value is missing", id="no value"),
        pytest.param("since.yaml", "- key: since.start", "- value: x\n    key: since.start", "has no values", id="value where there is none"),
        pytest.param("age.yaml", "key: age.bare", "key: age.number", "same key", id="key twice"),
        pytest.param("company.yaml", "opens: true", "opens: 1", "true or false", id="flag"),
        pytest.param("speaker.yaml", "closes: true", "shuts: true", "unknown field shuts", id="misspelt field"),
        pytest.param("words.yaml", "  kin: ", "  kinn: ", "unknown word list <kin>", id="word list gone"),
        pytest.param("spots.yaml", "  at: ", "  kin: ", "is shared already", id="word list twice"),
        pytest.param("place.yaml", '"442000"', '"442099"', "code of its city", id="a town of nowhere"),
        pytest.param("persons.yaml", "child:", "kid:", "child is missing", id="person"),
        pytest.param("words.yaml", 'version: "2026.11"', "version: ''", "version must be a text", id="version"),
    ],
)  # fmt: skip
def test_bad_content_stops_the_start(folder: Path, name: str, old: str, new: str, says: str) -> None:
    edit(folder, name, old, new)
    with pytest.raises(ContentError, match=says):
        load_slot_extractor(folder)


def test_bad_dialect_markers_stop_the_start(folder: Path) -> None:
    edit(folder, "dialect.yaml", "weak:", "faint:")
    with pytest.raises(ContentError, match="weak is missing"):
        load_markers(folder)


def test_the_version_changes_with_any_byte(folder: Path) -> None:
    before = content_version(folder)
    edit(folder, "divisions.csv", "天河区,天河,name", "天河区,天河,marker")
    assert before == content_version()
    assert content_version(folder) != before
