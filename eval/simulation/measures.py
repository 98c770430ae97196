"""What many simulated conversations amount to: shares with intervals, and counts of what must not be."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.conversations import Course as AlarmCourse
from eval.metrics.conversations import measure_conversations
from eval.metrics.estimate import Estimate
from eval.metrics.intervals import IntArray, estimate_share
from eval.simulation.verdict import Verdict
from triage.intake.slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures over some conversations; shares lie in 0..1.

    Conversations with one opening are not independent: intervals are Wilson's on the effective number.
    ``median_questions`` and ``most_questions`` count the assistant's questions before the hand-over, those
    ``in_all`` the ones after it, too.
    ``handed_over_at_once`` is of those who ask for a person or need one at the first message.
    """

    conversations: int
    messages: int
    right_queue: Estimate
    alarm_by_disclosure: Estimate
    alarm_one_later: Estimate
    false_alarm: Estimate
    reached_level: Estimate
    handed_over: Estimate
    handed_over_at_once: Estimate
    median_questions: float
    most_questions: int
    median_questions_in_all: float
    most_questions_in_all: int
    slots_filled: Estimate
    slot_values_right: Estimate
    in_language: Estimate
    asked_again_told: int
    asked_twice: int
    too_many_messages: int
    too_many_questions: int
    too_long: int
    empty: int
    lowered: int
    no_queue: int


def measure_by_persona(verdicts: Sequence[Verdict]) -> dict[str, Measures]:
    """The measures of each persona, in the order in which they were played."""
    keys = dict.fromkeys(verdict.persona for verdict in verdicts)
    return {key: measure([each for each in verdicts if each.persona == key]) for key in keys}


def measure_by_slot(verdicts: Sequence[Verdict]) -> dict[str, Estimate]:
    """The share of conversations in which a slot was filled, of those in which it was told."""
    groups = _group_codes(verdicts)
    told = {slot for verdict in verdicts for slot in verdict.filled}
    return {
        slot.value: _share(
            [(verdict.filled[slot],) if slot in verdict.filled else () for verdict in verdicts], groups
        )
        for slot in Slot
        if slot in told
    }


def measure(verdicts: Sequence[Verdict]) -> Measures:
    """The measures over the conversations given, of which there must be one at least."""
    groups = _group_codes(verdicts)
    alarms = measure_conversations(
        [
            AlarmCourse(disclosure=verdict.disclosure, alarms=verdict.alarms, group=int(group))
            for verdict, group in zip(verdicts, groups, strict=True)
            if verdict.disclosure is not None or not verdict.in_danger
        ]
    )
    questions = [verdict.questions for verdict in verdicts]
    in_all = [verdict.questions_in_all for verdict in verdicts]

    def share(entries: Callable[[Verdict], Iterable[bool]]) -> Estimate:
        return _share([tuple(entries(verdict)) for verdict in verdicts], groups)

    def total(count: Callable[[Verdict], int]) -> int:
        return sum(map(count, verdicts))

    return Measures(
        conversations=len(verdicts),
        messages=total(lambda each: each.messages),
        right_queue=share(lambda each: [each.right_queue]),
        alarm_by_disclosure=alarms.by_disclosure,
        alarm_one_later=alarms.within_one,
        false_alarm=alarms.false_alarm,
        reached_level=share(lambda each: [each.reached_level]),
        handed_over=share(lambda each: [each.handed_over is not None]),
        handed_over_at_once=share(lambda each: [] if each.at_once is None else [each.at_once]),
        median_questions=statistics.median(questions),
        most_questions=max(questions),
        median_questions_in_all=statistics.median(in_all),
        most_questions_in_all=max(in_all),
        slots_filled=share(lambda each: each.filled.values()),
        slot_values_right=share(lambda each: each.right),
        in_language=share(lambda each: each.in_language),
        asked_again_told=total(lambda each: len(each.asked_again_told)),
        asked_twice=total(lambda each: len(each.asked_twice)),
        too_many_messages=total(lambda each: each.too_many_messages),
        too_many_questions=total(lambda each: each.too_many_questions),
        too_long=total(lambda each: each.too_long),
        empty=total(lambda each: each.empty),
        lowered=total(lambda each: each.lowered),
        no_queue=total(lambda each: each.no_queue),
    )


def _group_codes(verdicts: Sequence[Verdict]) -> IntArray:
    codes: dict[tuple[str, int], int] = {}
    for verdict in verdicts:
        codes.setdefault((verdict.persona, verdict.opening_index), len(codes))
    return np.array([codes[each.persona, each.opening_index] for each in verdicts], dtype=np.int64)


def _share(entries: Sequence[tuple[bool, ...]], groups: IntArray) -> Estimate:
    """The share of True among all entries, those of one conversation in its group."""
    hits = np.array([hit for each in entries for hit in each], dtype=np.bool_)
    repeated = np.repeat(groups, [len(each) for each in entries])
    return estimate_share(hits, groups=repeated)
