"""Hear a message as an answer to our question: what it tells, what it means, how far it can be scored."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from triage.intake.ages import age_band
from triage.intake.answers import is_whole_answer, match_answer
from triage.intake.heard import Weight
from triage.intake.script import Act, AnswerRule, Question
from triage.intake.slots import Slot, SlotSource, SlotValue, Speaker
from triage.intake.state import SCREEN_SLOTS
from triage.labels import ESCALATING_SIGNALS, SIGNALS, RiskLevel, Signal
from triage.normalize import NormalizedText
from triage.signals.hit import SignalHit, Strength

MAX_QUOTE_CHARACTERS = 120
MAX_ANSWER_CHARACTERS = 20
MIN_QUOTED_SHARE = 0.7
"""Share of a message's letters that its fact must make up for the rest to say nothing."""
_TOLD_BY_ANYTHING = frozenset({Slot.EVENT, Slot.HELP})
_QUOTED_AS_IT_STANDS = frozenset({*SCREEN_SLOTS, Slot.SAFE, Slot.TOLD, Slot.COMPANY})
"""A short answer that no rule knows is kept as a quotation: a counsellor understands it."""
_PLAIN_FACTS = frozenset({Slot.SINCE, Slot.AGE, Slot.AREA, Slot.CONTACT})
_SIGNS_OF_AN_ANSWER = {
    Slot.SINCE: frozenset("年月日天周前昨今刚初高小大久候直从自几寒暑假期末"),
    Slot.AREA: frozenset("省市区县镇乡村街路州庄城江山海"),
    Slot.PLACE: frozenset("在家校楼路街站店里外边上下桥院室房场车城村河江海山喺度屋"),
}
"""A short message with one of these characters is taken as the answer where nothing finer was found in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The values of a message that may answer a question, and the rule that it answers by."""

    values: tuple[SlotValue, ...]
    key: str = ""
    rule: AnswerRule | None = None


def read_answer(
    text: NormalizedText, question: Question, told: tuple[SlotValue, ...], act: Act | None
) -> Answer:
    """What a message says to the question before it: by its rules, by a fact in it, or as it stands."""
    rule = match_answer(text, question)
    if rule is not None:
        others = tuple(each for each in told if each.slot is not question.slot)
        value = _answered(question.slot, text, value=rule.value)
        return Answer(values=(*others, value), key=question.key, rule=rule)
    if any(each.slot is question.slot for each in told):
        return Answer(values=told)
    if question.slot is Slot.AGE and len(text.text) <= MAX_ANSWER_CHARACTERS:
        band = age_band(text.text, _speaker_of(told))
        if band is not None:
            return Answer(values=(*told, _answered(question.slot, text, value=band)))
    if act is Act.DECLINE:
        return Answer(values=(*told, _answered(question.slot, text, source=SlotSource.DECLINED)))
    if act is None and _is_plain_answer(text, question):
        return Answer(values=(*told, _answered(question.slot, text)))
    return Answer(values=told)


def _speaker_of(told: tuple[SlotValue, ...]) -> Speaker | None:
    return next((Speaker(each.value) for each in told if each.slot is Slot.SPEAKER), None)


def weigh(answer: Answer, *, text: NormalizedText, question: Question | None) -> Weight:
    """How far the classifier is to be heard on a message that may answer a question."""
    if question is None:
        return Weight.FULL
    if _is_bare(answer, text=text, question=question):
        return Weight.NONE
    harmless = not any(rule.level for rule in question.answers)
    return Weight.JOINT if harmless and len(text.text) <= MAX_ANSWER_CHARACTERS else Weight.FULL


def _is_bare(answer: Answer, *, text: NormalizedText, question: Question) -> bool:
    """Whether the message is its answer alone: all of it a rule's words, or most of it the quote."""
    if answer.rule is not None:
        return answer.rule.level is RiskLevel.NONE and is_whole_answer(text, answer.rule)
    told = next((each for each in answer.values if each.slot is question.slot), None)
    if question.slot not in _PLAIN_FACTS or told is None or told.source is not SlotSource.STATED:
        return False
    quoted, whole = (sum(map(str.isalnum, words)) for words in (told.quote, text.original))
    return quoted >= MIN_QUOTED_SHARE * whole


def hear_anytime(text: NormalizedText, questions: Iterable[Question], answer: Answer) -> Answer:
    """The answer with what was said to another question heard in it ("I am not safe"), whatever was asked."""
    for question in questions:
        rules = tuple(rule for rule in question.answers if rule.anytime)
        if rules and (rule := match_answer(text, replace(question, answers=rules))):
            whole = text.original[:MAX_QUOTE_CHARACTERS]
            others = tuple(each for each in answer.values if each.quote != whole)
            value = _answered(question.slot, text, value=rule.value)
            return Answer(values=(*others, value), key=question.key, rule=rule)
    return answer


def _is_plain_answer(text: NormalizedText, question: Question) -> bool:
    """Whether the message is the answer as it stands: a free question's always, others' by a sign."""
    if "?" in text.text or not any(char.isalnum() for char in text.text):
        return False
    if question.slot in _TOLD_BY_ANYTHING:
        return True
    if len(text.text) > MAX_ANSWER_CHARACTERS:
        return False
    signs = _SIGNS_OF_AN_ANSWER.get(question.slot, frozenset())
    return question.slot in _QUOTED_AS_IT_STANDS or not signs.isdisjoint(text.text)


def _answered(
    slot: Slot, text: NormalizedText, *, value: str = "", source: SlotSource = SlotSource.ANSWERED
) -> SlotValue:
    return SlotValue(slot=slot, value=value, quote=text.original[:MAX_QUOTE_CHARACTERS], source=source)


def danger_of(answer: Answer, *, text: NormalizedText, known: frozenset[Signal]) -> tuple[SignalHit, ...]:
    """The danger that an answer means; without a signal of its own it is of the kind that was told before."""
    if answer.rule is None or answer.rule.level is RiskLevel.NONE:
        return ()
    told = next((signal for signal in SIGNALS if signal in known & ESCALATING_SIGNALS), Signal.SUICIDE)
    hit = SignalHit(
        signal=answer.rule.signal or told,
        start=0,
        end=len(text.original),
        text=text.original,
        phrase=f"answer.{answer.key}",
        strength=Strength.CERTAIN,
        floor=answer.rule.level,
    )
    return (hit,)
