from pathlib import Path

import pytest

from triage.errors import ContentError
from triage.resources import PROMPTS_PATH, RESOURCES_FILE, Resource, load_resources, read_header
from triage.signals.fields import Fields

HEADER = {"version": "1", "reviewer": "pending review", "audience": "all"}
SOURCE = """\
version: "1"
reviewer: pending review
audience: all
resources:
  - {key: police, number: "110", name: 报警}
  - {key: youth_line, number: "12355", name: 青少年服务台}
"""


def load(folder: Path, text: str) -> dict[str, Resource]:
    path = folder / RESOURCES_FILE
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return load_resources(folder)


def test_services_are_read_by_key(tmp_path: Path) -> None:
    assert load(tmp_path, SOURCE) == {
        "police": Resource(key="police", number="110", name="报警"),
        "youth_line": Resource(key="youth_line", number="12355", name="青少年服务台"),
    }


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("police", "110"),
        ("ambulance", "120"),
        ("youth_line", "12355"),
        ("psych_line", "12356"),
        ("legal_line", "12348"),
        ("anti_fraud_line", "96110"),
    ],
)
def test_the_shipped_numbers_are_the_right_ones(key: str, number: str) -> None:
    assert load_resources(PROMPTS_PATH)[key].number == number


def test_shipped_numbers_can_be_dialled_and_stand_for_one_service_each() -> None:
    numbers = [each.number for each in load_resources().values()]
    assert all(number.isdecimal() and 3 <= len(number) <= 5 for number in numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param('number: "110"', "number: 110", "'police': number must be a text", id="number unquoted"),
        pytest.param('number: "110", ', "", "'police': number is missing", id="no number"),
        pytest.param("name: 报警", 'name: " "', "'police': name must be a text", id="blank name"),
        pytest.param(
            "name: 报警", "name: 报警, open: 24", "'police': unknown field open", id="unknown field"
        ),
        pytest.param("key: youth_line", "key: police", "'police': a service with this key", id="key twice"),
        pytest.param(
            "audience: all", "audience: all\nnote: x", "unknown field note", id="unknown in the file"
        ),
        pytest.param("resources:", "services:", "resources", id="no resources"),
        pytest.param(
            "reviewer: pending review\n", "", "hotlines.yaml: reviewer is missing", id="no reviewer"
        ),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in SOURCE
    with pytest.raises(ContentError, match=complaint):
        load(tmp_path, SOURCE.replace(old, new))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"hotlines\.yaml: cannot be read"):
        load_resources(tmp_path)


def test_a_header_is_read_whole() -> None:
    fields = Fields(HEADER, "a.yaml")
    assert read_header(fields) == "1"
    fields.finish()


@pytest.mark.parametrize("name", sorted(HEADER))
def test_a_header_lacks_nothing(name: str) -> None:
    with pytest.raises(ContentError, match=rf"a\.yaml: {name} is missing"):
        read_header(Fields({key: value for key, value in HEADER.items() if key != name}, "a.yaml"))
