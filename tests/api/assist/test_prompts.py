"""The assist's prompt: for counsellors, complete, and checked when it is read."""

from pathlib import Path

import pytest
import yaml

from api.assist.prompts import NEXT_STEPS_PATH, load_assist_prompt
from triage.errors import ContentError
from triage.message import Role, Turn


def shipped() -> dict[str, object]:
    content: dict[str, object] = yaml.safe_load(NEXT_STEPS_PATH.read_text(encoding="utf-8"))
    return content


def test_shipped_prompt_is_for_counsellors_and_names_every_role() -> None:
    prompt = load_assist_prompt()
    assert (prompt.audience, prompt.key) == ("counsellor", "next_steps")
    assert "未经核实" in prompt.marked
    written = prompt.write_request([Turn(role=role, text=f"话{{{role}}}") for role in Role])
    assert [f"{prompt.roles[role]}：话{{{role}}}" in written for role in Role] == [True] * len(Role)
    assert "{transcript}" not in written


def test_a_turn_cannot_fill_the_prompt_in_again() -> None:
    prompt = load_assist_prompt()
    assert prompt.write_request([Turn(role=Role.YOUTH, text="{transcript}")]).count("{transcript}") == 1


WRONG = {
    "for the young": {"audience": "youth"},
    "no place for the talk": {"request": "说吧"},
    "no mark": {"marked": ""},
    "a role is missing": {"roles": {"youth": "来访者"}},
    "an unknown field": {"reviewd": "typo"},
    "a number": {"version": 1},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_faults_are_named(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump({**shipped(), **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match=r"wrong\.yaml"):
        load_assist_prompt(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"gone\.yaml"):
        load_assist_prompt(tmp_path / "gone.yaml")
