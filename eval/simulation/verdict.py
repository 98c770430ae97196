"""What became of one simulated conversation, held against what the persona knows to be true."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.simulation.play import Course, Exchange
from triage.intake.dialect import detect_dialect
from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue
from triage.labels import Queue, RiskLevel
from triage.normalize import normalize_text

MAX_MESSAGES, MAX_QUESTIONS, MAX_CHARACTERS = 2, 1, 80
"""For one answer (issue 4): messages, questions, characters of each message."""
_QUESTION_MARKS = "？?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One conversation judged.

    ``disclosure`` is the message, from 0, that told the danger, None where none was told; ``alarms`` says
    for each message whether the conversation stood on alarm after it. ``questions`` counts what was asked
    before the hand-over; ``handed_over`` is the message at which that was, None for never. ``filled`` has
    each slot told, ``right`` one for each filled slot whose value is known. ``in_language`` has one
    for each answer whose language shows. The other numbers count answers, the tuples name what was asked.
    """

    persona: str
    opening_index: int
    messages: int
    in_danger: bool
    disclosure: int | None
    alarms: tuple[bool, ...]
    queue: Queue | None
    right_queue: bool
    reached_level: bool
    at_once: bool | None
    handed_over: int | None
    questions: int
    questions_in_all: int
    filled: Mapping[Slot, bool]
    right: tuple[bool, ...]
    in_language: tuple[bool, ...]
    asked_again_told: tuple[str, ...]
    asked_twice: tuple[str, ...]
    too_many_messages: int
    too_many_questions: int
    too_long: int
    empty: int
    lowered: int
    no_queue: int

    @property
    def broken_rules(self) -> tuple[str, ...]:
        """The rules that must hold in every conversation and did not in this one."""
        found = {
            "asked twice": len(self.asked_twice),
            "more than two messages": self.too_many_messages,
            "empty answer": self.empty,
            "level lowered": self.lowered,
            "no queue": self.no_queue,
        }
        return tuple(rule for rule, count in found.items() if count)


def judge(course: Course) -> Verdict:
    """The verdict on one conversation."""
    shown = [each for each in course.exchanges if each.is_shown]
    persona, last = course.persona, course.exchanges[-1].reaction
    disclosure = _find(course.exchanges, lambda each: each.utterance.discloses)
    handed_over = _find(shown, lambda each: each.reaction.is_handed_over)
    before = shown if handed_over is None else shown[:handed_over]
    filled, right = _judge_slots(course)
    return Verdict(
        persona=persona.key,
        opening_index=course.opening_index,
        messages=len(course.exchanges),
        in_danger=persona.is_in_danger,
        disclosure=disclosure,
        alarms=tuple(each.reaction.escalated for each in course.exchanges),
        queue=last.queue,
        right_queue=last.queue in _right_queues(course, disclosed=disclosure is not None),
        reached_level=(disclosure is None and persona.is_in_danger) or last.level >= persona.level,
        at_once=handed_over == 0 if persona.hands_over_at_once else None,
        handed_over=handed_over,
        questions=sum(map(_asks, before)),
        questions_in_all=sum(map(_asks, shown)),
        filled=filled,
        right=right,
        in_language=_judge_language(shown, persona.dialect),
        asked_again_told=tuple(_asked_again_told(course.exchanges)),
        asked_twice=_asked_twice(shown),
        too_many_messages=sum(len(each.reaction.messages) > MAX_MESSAGES for each in shown),
        too_many_questions=sum(_count_marks(each) > MAX_QUESTIONS for each in shown),
        too_long=sum(any(len(text) > MAX_CHARACTERS for text in each.reaction.messages) for each in shown),
        empty=sum(not _is_answered(each) for each in shown),
        lowered=_count_lowered(course.exchanges),
        no_queue=sum(each.reaction.queue is None for each in course.exchanges),
    )


def _find(exchanges: Sequence[Exchange], matches: Callable[[Exchange], bool]) -> int | None:
    return next((at for at, each in enumerate(exchanges) if matches(each)), None)


def _right_queues(course: Course, *, disclosed: bool) -> frozenset[Queue]:
    """The high-risk desk once danger was told; a danger that nobody told may have been seen all the same."""
    if disclosed:
        return frozenset({Queue.HIGH_RISK})
    queues = course.persona.openings[course.opening_index].queues
    return queues | {Queue.HIGH_RISK} if course.persona.is_in_danger else queues


def _judge_slots(course: Course) -> tuple[dict[Slot, bool], tuple[bool, ...]]:
    """For each slot told whether it is filled at the end, and for each known value whether it is the one."""
    told = dict(pair for each in course.exchanges for pair in each.utterance.tells.items())
    at_end: dict[Slot, list[SlotValue]] = {}
    for value in course.exchanges[-1].reaction.values:
        if value.source is not SlotSource.DECLINED:
            at_end.setdefault(value.slot, []).append(value)
    known = [(slot, value) for slot, value in told.items() if value and slot in at_end]
    return (
        {slot: slot in at_end for slot in told},
        tuple(any(each.value == value for each in at_end[slot]) for slot, value in known),
    )


def _judge_language(shown: Sequence[Exchange], dialect: Dialect) -> tuple[bool, ...]:
    """Whether answers are in the writer's language, from the first message on that shows which it is."""
    verdicts: list[bool] = []
    showed = dialect is Dialect.MANDARIN
    for each in shown:
        showed = showed or detect_dialect(normalize_text(each.utterance.text)) is dialect
        answered = detect_dialect(normalize_text("\n".join(each.reaction.messages)))
        if showed and answered is not None:
            verdicts.append(answered is dialect)
    return tuple(verdicts)


def _asked_again_told(exchanges: Sequence[Exchange]) -> Iterator[str]:
    told: set[Slot] = set()
    for each in exchanges:
        told |= set(each.utterance.tells)
        if each.is_shown and each.reaction.asks in told and each.reaction.question_key:
            yield each.reaction.question_key


def _asked_twice(shown: Sequence[Exchange]) -> tuple[str, ...]:
    """Question keys that came more than once, and those whose very words did."""
    asked = [each.reaction for each in shown if _asks(each)]
    keys = Counter(reaction.question_key for reaction in asked if reaction.question_key)
    words = Counter(text for reaction in asked for text in reaction.messages if _has_mark(text))
    repeated = [key for key, count in keys.items() if count > 1]
    for reaction in asked:
        if any(words[text] > 1 for text in reaction.messages) and reaction.question_key not in repeated:
            repeated.append(reaction.question_key or "(in a statement)")
    return tuple(dict.fromkeys(repeated))


def _asks(exchange: Exchange) -> bool:
    return exchange.reaction.question_key is not None or _count_marks(exchange) > 0


def _count_marks(exchange: Exchange) -> int:
    return sum(text.count(mark) for text in exchange.reaction.messages for mark in _QUESTION_MARKS)


def _has_mark(text: str) -> bool:
    return any(mark in text for mark in _QUESTION_MARKS)


def _is_answered(exchange: Exchange) -> bool:
    messages = exchange.reaction.messages
    return bool(messages) and all(text.strip() for text in messages)


def _count_lowered(exchanges: Sequence[Exchange]) -> int:
    """How often the level fell, or an alarm was dropped, from one message to the next."""
    reached = [(each.reaction.level, each.reaction.escalated) for each in exchanges]
    start: list[tuple[RiskLevel, bool]] = [(RiskLevel.NONE, False), *reached]
    return sum(
        level < before or (was_escalated and not escalated)
        for (before, was_escalated), (level, escalated) in zip(start, reached, strict=False)
    )
