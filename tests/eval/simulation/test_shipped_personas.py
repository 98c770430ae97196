"""The personas that ship: enough of them, and what they may not contain."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from eval.dataset import __file__ as dataset_module
from eval.simulation.persona import Persona
from eval.simulation.persona_files import load_personas
from triage.intake.script_files import load_scripts
from triage.intake.slots import AgeBand, Company, Dialect, Help, Slot, Speaker, YesNo
from triage.intake.state import SCREEN_SLOTS
from triage.labels import Queue
from triage.normalize import normalize_text

DATASETS = Path(dataset_module).parent / "datasets"
PERSONAS = load_personas().personas
VALUES: dict[Slot, set[str]] = {
    Slot.SPEAKER: set(Speaker),
    Slot.AGE: set(AgeBand),
    Slot.COMPANY: set(Company),
    Slot.HELP: set(Help),
    **{slot: set(YesNo) for slot in (*SCREEN_SLOTS, Slot.SAFE)},
}
DOSE = re.compile(r"\d+\s*(?:片|粒|颗|毫克|mg|克|层|楼|米)|[一二两三四五六七八九十]+(?:片|粒|颗|层楼)")


def key(persona: Persona) -> str:
    return persona.key


def written(persona: Persona) -> Iterator[str]:
    """All that a persona may write."""
    for opening in persona.openings:
        yield from opening.say
    for later in persona.later:
        yield from later.say
    for fact in persona.facts.values():
        yield from fact.say
    for answer in persona.answers.values():
        yield from answer
    yield from (*persona.refusals, *persona.otherwise)


@cache
def known_sentences() -> frozenset[str]:
    """The project's own labelled sentences, folded."""
    texts: list[str] = []
    for source in (DATASETS / "authored").rglob("*.tsv"):
        header, *rows = source.read_text(encoding="utf-8").splitlines()
        at = header.split("\t").index("text") if "text" in header.split("\t") else None
        texts += [row.split("\t")[at] for row in rows if at is not None]
    for source in (DATASETS / "conversations").glob("*.jsonl"):
        for line in source.read_text(encoding="utf-8").splitlines():
            texts += [turn["text"] for turn in json.loads(line)["turns"]]
    return frozenset(normalize_text(text).text for text in texts)


def test_there_are_enough() -> None:
    assert len(PERSONAS) >= 14
    assert sum(len(persona.openings) for persona in PERSONAS) >= 220
    assert {persona.dialect for persona in PERSONAS} == set(Dialect)
    queues = {queue for persona in PERSONAS for opening in persona.openings for queue in opening.queues}
    assert queues == set(Queue) - {Queue.HIGH_RISK}


@pytest.mark.parametrize("persona", PERSONAS, ids=key)
def test_no_dose_and_no_height(persona: Persona) -> None:
    assert not [text for text in written(persona) if DOSE.search(text)]


@pytest.mark.parametrize("persona", PERSONAS, ids=key)
def test_values_are_those_of_the_slots(persona: Persona) -> None:
    told = [(slot, fact.value) for slot, fact in persona.facts.items()]
    told += [pair for opening in persona.openings for pair in opening.tells.items()]
    assert not [
        (slot, value) for slot, value in told if value and slot in VALUES and value not in VALUES[slot]
    ]


@pytest.mark.parametrize("persona", PERSONAS, ids=key)
def test_openings_differ(persona: Persona) -> None:
    assert len({opening.say for opening in persona.openings}) == len(persona.openings) >= 6


def test_answers_are_to_questions_that_exist() -> None:
    questions = set(load_scripts().questions)
    assert not {answer for persona in PERSONAS for answer in persona.answers} - questions


def test_long_openings_and_disclosures_are_not_among_the_training_sentences() -> None:
    own = [text for persona in PERSONAS for opening in persona.openings for text in opening.say]
    own += [text for persona in PERSONAS for later in persona.later for text in later.say]
    folded = {normalize_text(text).text for text in own if len(text) >= 10}
    assert len(folded) > 200
    assert not folded & known_sentences()
