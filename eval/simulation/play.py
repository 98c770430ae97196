"""Let scripted users hold their conversations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.simulation.persona import Persona
from eval.simulation.talk import Reaction, Talk
from eval.simulation.youth import Utterance, Youth

SEED = 12355
DEFAULT_RUNS = 8
"""Conversations for each persona; they begin with its openings in turn, other words are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message and the reaction to it; ``is_shown`` is False where more was written before the answer."""

    utterance: Utterance
    reaction: Reaction
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One conversation from beginning to end."""

    persona: Persona
    run: int
    opening_index: int
    exchanges: tuple[Exchange, ...]


def play_all(
    personas: Sequence[Persona], *, begin: Callable[[], Talk], runs: int = DEFAULT_RUNS, seed: int = SEED
) -> Iterator[Course]:
    """``runs`` conversations of each persona, in order."""
    for persona in personas:
        for run in range(runs):
            yield play(persona, begin=begin, run=run, seed=seed)


def play(persona: Persona, *, begin: Callable[[], Talk], run: int, seed: int = SEED) -> Course:
    """One conversation."""
    youth = Youth(persona, run=run, seed=seed)
    talk = begin()
    spoken: list[tuple[Utterance, Reaction]] = []
    while utterance := youth.write(spoken[-1][1] if spoken else None):
        talk, reaction = talk.say(utterance.text, hurried=utterance.hurried)
        spoken.append((utterance, reaction))
    followed = [utterance.hurried for utterance, _ in spoken[1:]]
    return Course(
        persona=persona,
        run=run,
        opening_index=youth.opening_index,
        exchanges=tuple(
            Exchange(utterance=utterance, reaction=reaction, is_shown=not hurried)
            for (utterance, reaction), hurried in zip(spoken, [*followed, False], strict=True)
        ),
    )
