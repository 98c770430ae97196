"""A scripted user at work: what is written next, drawn from the persona's wordings by a seed."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eval.simulation.persona import Later, Persona
from eval.simulation.talk import Reaction
from triage.intake.slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One message of the scripted user, and what is told by it.

    ``hurried`` messages follow the one before at once, before any answer was shown.
    """

    text: str = field(repr=False)
    tells: Mapping[Slot, str] = field(default_factory=dict)
    discloses: bool = False
    hurried: bool = False


class Youth:
    """Writes one conversation. The same persona, run and seed give the same messages to the same answers."""

    def __init__(self, persona: Persona, *, run: int, seed: int) -> None:
        self._persona = persona
        self._random = random.Random(f"{seed}/{persona.key}/{run}")
        self.opening_index = run % len(persona.openings)
        self._opening = persona.openings[self.opening_index]
        self._said: Counter[str] = Counter()
        self._written = 0
        self._disclosed_at: int | None = None
        extra = len(self._opening.say) - 1
        self._most = extra + self._draw(persona.turns)
        self._later = [(extra + self._draw(later.at), later) for later in persona.later]
        self._patience = None if persona.after_disclosure is None else self._draw(persona.after_disclosure)

    def write(self, reaction: Reaction | None) -> Utterance | None:
        """The next message; None when this user writes no more. ``reaction`` is None at the beginning."""
        if self._is_done():
            return None
        utterance = self._choose(reaction)
        if utterance.discloses and self._disclosed_at is None:
            self._disclosed_at = self._written
        self._written += 1
        self._said[utterance.text] += 1
        return utterance

    def _is_done(self) -> bool:
        if self._written >= self._most:
            return True
        if self._disclosed_at is None or self._patience is None:
            return False
        return self._written > self._disclosed_at + self._patience

    def _choose(self, reaction: Reaction | None) -> Utterance:
        if self._written < len(self._opening.say) or reaction is None:
            return self._open()
        if due := self._take_due():
            return Utterance(text=self._pick(due.say), discloses=due.discloses)
        if reaction.asks is None:
            return Utterance(text=self._pick(self._persona.otherwise))
        return self._reply(reaction, reaction.asks)

    def _open(self) -> Utterance:
        """The opening's next message; what it tells is told when its last message was written."""
        at, opening = self._written, self._opening
        return Utterance(
            text=opening.say[at],
            tells=opening.tells if at == len(opening.say) - 1 else {},
            discloses=at == opening.discloses,
            hurried=at > 0,
        )

    def _take_due(self) -> Later | None:
        for entry in self._later:
            at, later = entry
            if at <= self._written:
                self._later.remove(entry)
                if not (later.unless_disclosed and self._disclosed_at is not None):
                    return later
                return self._take_due()
        return None

    def _reply(self, reaction: Reaction, slot: Slot) -> Utterance:
        """The answer to a question: a tapped quick reply, words for this question, a refusal, or the fact."""
        persona = self._persona
        tapped = [shown for shown in persona.taps if shown in reaction.quick_replies]
        if tapped:
            refused = tapped[0] in persona.refusals
            return Utterance(text=tapped[0], tells={} if refused else {slot: ""})
        discloses = slot in persona.disclosing
        if own := persona.answers.get(reaction.question_key or ""):
            return Utterance(text=self._pick(own), tells={slot: ""}, discloses=discloses)
        if slot in persona.declines:
            return Utterance(text=self._pick(persona.refusals))
        fact = persona.facts[slot]
        return Utterance(text=self._pick(fact.say), tells={slot: fact.value}, discloses=discloses)

    def _pick(self, wordings: Sequence[str]) -> str:
        """One of the wordings that were said least so far."""
        fewest = min(self._said[each] for each in wordings)
        return self._random.choice([each for each in wordings if self._said[each] == fewest])

    def _draw(self, bounds: tuple[int, int]) -> int:
        return self._random.randint(*bounds)
