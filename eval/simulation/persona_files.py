"""Read the personas of a folder; ``eval/datasets/personas/README.md`` describes the fields."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from eval.errors import UsageError
from eval.simulation.persona import Fact, Later, Opening, Persona, PersonaFolder
from triage.intake.slots import Dialect, Slot
from triage.labels import ESCALATION_LEVEL, Queue, RiskLevel
from triage.signals.fields import Fields, read_fields

PERSONAS_PATH = Path(__file__).resolve().parent.parent / "datasets" / "personas"
_MOST_TURNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the personas of one file have in common where they say nothing else."""

    dialect: Dialect
    facts: Mapping[Slot, Fact]
    answers: Mapping[str, tuple[str, ...]]


def load_personas(folder: Path = PERSONAS_PATH) -> PersonaFolder:
    """All personas in the folder's YAML files.

    Raises ``ContentError`` that names file, persona and fault, ``UsageError`` when there are no files.
    """
    sources = sorted(folder.glob("*.yaml"))
    if not sources:
        raise UsageError(f"{folder}: holds no persona files (*.yaml)")
    personas: dict[str, Persona] = {}
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
        fields = read_fields(source)
        fields.text("version")
        fields.text("author")
        dialect = fields.choice("language", Dialect)
        facts = _take_facts(fields, inherited={})
        shared = _Shared(dialect=dialect, facts=facts, answers=_take_answers(fields))
        for entry in fields.items("personas"):
            persona = _parse_persona(entry, shared)
            if persona.key in personas:
                raise entry.fail("a persona with this key was there before")
            personas[persona.key] = persona
        fields.finish()
    return PersonaFolder(
        name=folder.name, sha256=digest.hexdigest(), personas=tuple(personas[key] for key in sorted(personas))
    )


def _parse_persona(fields: Fields, shared: _Shared) -> Persona:
    queues = fields.choices("queues", Queue)
    declines = fields.choices("declines", Slot, optional=True)
    inherited = {slot: fact for slot, fact in shared.facts.items() if slot not in declines}
    persona = Persona(
        key=fields.text("key"),
        about=fields.text("about"),
        dialect=shared.dialect,
        level=RiskLevel(fields.number("level", low=0, high=max(RiskLevel))),
        openings=tuple(_parse_opening(each, queues) for each in fields.items("openings")),
        later=tuple(_parse_later(each) for each in fields.items("later", optional=True)),
        facts=_take_facts(fields, inherited=inherited),
        answers={**shared.answers, **_take_answers(fields)},
        declines=declines,
        refusals=fields.texts("refusals", optional=True),
        otherwise=fields.texts("otherwise"),
        taps=fields.texts("taps", optional=True),
        turns=_take_range(fields, "turns", low=1),
        after_disclosure=_take_range(fields, "after_disclosure", low=0)
        if _has(fields, "after_disclosure")
        else None,
        disclosing=fields.choices("disclosing", Slot, optional=True),
        hands_over_at_once=_take_flag(fields, "hands_over_at_once"),
    )
    fields.finish()
    _check_whole(persona, fields)
    return persona


def _parse_opening(fields: Fields, queues: frozenset[Queue]) -> Opening:
    say = fields.texts("say")
    own_queues = fields.choices("queues", Queue, optional=True)
    discloses = fields.number("discloses", low=0, high=len(say) - 1) if _has(fields, "discloses") else None
    opening = Opening(
        say=say, tells=_take_values(fields, "tells"), discloses=discloses, queues=own_queues or queues
    )
    fields.finish()
    return opening


def _parse_later(fields: Fields) -> Later:
    later = Later(
        at=_take_range(fields, "at", low=1),
        say=fields.texts("say"),
        discloses=_take_flag(fields, "discloses"),
        unless_disclosed=_take_flag(fields, "unless_disclosed"),
    )
    fields.finish()
    return later


def _take_facts(fields: Fields, *, inherited: Mapping[Slot, Fact]) -> dict[Slot, Fact]:
    """The facts of a file or a persona; a value may be given for inherited wordings, too."""
    values = _take_values(fields, "values")
    facts = dict(inherited)
    if _has(fields, "facts"):
        wordings = Fields(fields.take("facts"), f"{fields.where}: facts")
        for name in wordings.names():
            slot = _parse_slot(name, wordings)
            facts[slot] = Fact(say=wordings.texts(name), value="")
    unknown = set(values) - set(facts)
    if unknown:
        raise fields.fail(f"values without facts: {', '.join(sorted(unknown))}")
    return {slot: replace(fact, value=values.get(slot, fact.value)) for slot, fact in facts.items()}


def _take_answers(fields: Fields) -> dict[str, tuple[str, ...]]:
    if not _has(fields, "answers"):
        return {}
    wordings = Fields(fields.take("answers"), f"{fields.where}: answers")
    return {key: wordings.texts(key) for key in wordings.names()}


def _take_values(fields: Fields, name: str) -> dict[Slot, str]:
    """Slots with their canonical values; YAML's null, as in ``{event, since}``, is a slot without one."""
    raw = Fields(fields.take(name, {}), f"{fields.where}: {name}")
    values: dict[Slot, str] = {}
    for each in raw.names():
        value = raw.take(each, "") or ""
        if not isinstance(value, str):
            raise raw.fail(f"{each} must be a text (quote what YAML reads as another type)")
        values[_parse_slot(each, raw)] = value
    return values


def _parse_slot(name: str, fields: Fields) -> Slot:
    try:
        return Slot(name)
    except ValueError:
        raise fields.fail(f"there is no slot {name!r}") from None


def _take_range(fields: Fields, name: str, *, low: int) -> tuple[int, int]:
    match fields.take(name):
        case [int(first), int(last)] if low <= first <= last <= _MOST_TURNS:
            return first, last
        case _:
            raise fields.fail(
                f"{name} must be two whole numbers from {low} to {_MOST_TURNS}, the smaller first"
            )


def _take_flag(fields: Fields, name: str) -> bool:
    found = fields.take(name, False)
    if not isinstance(found, bool):
        raise fields.fail(f"{name} must be true or false")
    return found


def _has(fields: Fields, name: str) -> bool:
    return name in fields.names()


def _check_whole(persona: Persona, fields: Fields) -> None:
    missing = set(Slot) - set(persona.facts) - persona.declines
    both = persona.declines & set(persona.facts)
    late = [later for later in persona.later if later.at[1] >= persona.turns[0]]
    if not persona.openings:
        raise fields.fail("openings is empty")
    if missing or both:
        raise fields.fail(f"neither told nor declined, or both: {', '.join(sorted(missing | both))}")
    if persona.declines and not persona.refusals:
        raise fields.fail("declines slots but has no refusals")
    if late:
        raise fields.fail("what is said later must come before the last turn")
    if persona.is_in_danger != (persona.level >= ESCALATION_LEVEL):
        raise fields.fail("danger is told exactly where the level calls for the high-risk desk")
