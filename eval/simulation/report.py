"""The report of a simulation: a table for the terminal, and all figures as JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics.estimate import Estimate
from eval.provenance import Provenance
from eval.simulation.measures import Measures
from eval.simulation.play import Course
from eval.simulation.verdict import Verdict

_BREAKS_SHOWN = 20
_COUNTS = {
    "questions asked twice": "asked_twice",
    "asked although told": "asked_again_told",
    "answers of more than 2 messages": "too_many_messages",
    "answers with more than one question": "too_many_questions",
    "answers with a message over 80 characters": "too_long",
    "empty answers": "empty",
    "levels lowered": "lowered",
    "messages that left no queue": "no_queue",
}
_SHARES = {
    "right queue at the end": "right_queue",
    "alarm by the disclosing message": "alarm_by_disclosure",
    "alarm one message later at the latest": "alarm_one_later",
    "false alarm where no danger is": "false_alarm",
    "level reached": "reached_level",
    "handed over": "handed_over",
    "handed over at once where asked for": "handed_over_at_once",
    "slots filled of those told": "slots_filled",
    "slot values right": "slot_values_right",
    "answers in the writer's language": "in_language",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """All that a simulation found."""

    provenance: Provenance
    scripts_version: str
    texts_version: str
    runs: int
    total: Measures
    by_persona: dict[str, Measures]
    by_slot: dict[str, Estimate]
    verdicts: tuple[Verdict, ...]

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The conversations in which a rule that always holds did not."""
        return tuple(verdict for verdict in self.verdicts if verdict.broken_rules)


def render_table(simulation: Simulation) -> str:
    """The figures for a terminal."""
    total, made, personas = simulation.total, simulation.provenance, simulation.by_persona
    lines = [
        f"model {made.model_version}, lexicon {made.lexicon_version}, policy {made.policy_version}",
        f"scripts {simulation.scripts_version}, texts {simulation.texts_version}, seed {made.seed}",
        f"{len(personas)} personas, {total.conversations} conversations, {total.messages} messages",
        "",
        f"{'persona':<22}{'n':>4}{'queue':>7}{'alarm':>7}{'false':>7}{'asked':>7}{'most':>6}"
        f"{'slots':>7}{'value':>7}{'lang':>7}{'again':>7}",
    ]
    lines += [_row(key, each) for key, each in personas.items()]
    lines += [_row("all", total), ""]
    lines += [f"{title:<42}{_interval(getattr(total, name))}" for title, name in _SHARES.items()]
    asked = f"{total.median_questions:g} in the middle, {total.most_questions} at most"
    lines.append(f"{'questions before the hand-over':<42}{asked}")
    in_all = f"{total.median_questions_in_all:g} in the middle, {total.most_questions_in_all} at most"
    lines.append(f"{'questions in all':<42}{in_all}")
    lines += [f"{title:<42}{getattr(total, name)}" for title, name in _COUNTS.items()]
    lines += [
        f"{f'told and filled: {slot}':<42}{_interval(each)}" for slot, each in simulation.by_slot.items()
    ]
    lines += [
        f"BROKEN {_name(each)}: {', '.join(each.broken_rules)}" for each in simulation.broken[:_BREAKS_SHOWN]
    ]
    return "\n".join(lines)


def render_json(simulation: Simulation) -> str:
    """All figures as JSON; no words of any message are in it."""
    content = {
        "provenance": asdict(simulation.provenance),
        "scripts_version": simulation.scripts_version,
        "texts_version": simulation.texts_version,
        "runs": simulation.runs,
        "total": asdict(simulation.total),
        "personas": {key: asdict(each) for key, each in simulation.by_persona.items()},
        "slots": {slot: asdict(each) for slot, each in simulation.by_slot.items()},
        "broken": [{"conversation": _name(each), "rules": each.broken_rules} for each in simulation.broken],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def transcript_fields(course: Course, verdict: Verdict) -> dict[str, Any]:
    """One conversation with its words, for reading; everything in it was invented."""
    turns: list[dict[str, Any]] = []
    for each in course.exchanges:
        utterance, reaction = each.utterance, each.reaction
        turns.append({"role": "youth", "text": utterance.text, "discloses": utterance.discloses})
        if each.is_shown:
            turns.append(
                {
                    "role": "assistant",
                    "messages": reaction.messages,
                    "question": reaction.question_key,
                    "level": reaction.level.name,
                    "queue": reaction.queue,
                    "escalated": reaction.escalated,
                }
            )
    slots = {value.slot: value.value or value.quote for value in course.exchanges[-1].reaction.values}
    return {
        "id": f"{course.persona.key}/{course.run}",
        "turns": turns,
        "slots": slots,
        "verdict": asdict(verdict),
    }


def _row(key: str, each: Measures) -> str:
    return (
        f"{key:<22}{each.conversations:>4}{_share(each.right_queue):>7}{_share(each.alarm_by_disclosure):>7}"
        f"{_share(each.false_alarm):>7}{each.median_questions:>7g}{each.most_questions:>6}"
        f"{_share(each.slots_filled):>7}{_share(each.slot_values_right):>7}{_share(each.in_language):>7}"
        f"{each.asked_again_told:>7}"
    )


def _share(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{estimate.value:.2f}"


def _interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"not measured ({estimate.reason})"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f}; n {estimate.n})"


def _name(verdict: Verdict) -> str:
    return f"{verdict.persona}, opening {verdict.opening_index + 1}"
