"""The state machine of the intake: hear what a message tells, then choose what is asked next.

Pure: the next question is a function of the state, the assessment and the decision. A slot is asked for
once at most, and never when it was told; which script serves is chosen anew at every message.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from triage.intake.answers import find_act
from triage.intake.extract import SlotExtractor, detect_dialect, load_slot_extractor
from triage.intake.heard import Heard
from triage.intake.hearing import (
    MAX_ANSWER_CHARACTERS,
    MAX_QUOTE_CHARACTERS,
    Answer,
    danger_of,
    hear_anytime,
    read_answer,
    weigh,
)
from triage.intake.script import Act, Question, ScriptKey, Scripts
from triage.intake.script_files import load_scripts
from triage.intake.slots import Slot, SlotSource, SlotValue, Speaker, YesNo
from triage.intake.state import IntakeState, Stage
from triage.labels import Category, RiskLevel, Signal
from triage.message import ConversationState
from triage.normalize import NormalizedText, normalize_text
from triage.replies import CHECK, HANDOFF, is_about_writer
from triage.risk.assessment import Assessment, Decision, Disposition
from triage.signals.hit import WEAKENING

MAX_ORDINARY_QUESTIONS = 4
"""Questions of an ordinary intake; the rest a counsellor asks better."""
MAX_REFUSALS = 2
"""After so many refusals nothing more is asked, but for the safety of somebody in acute danger."""
MIN_EVENT_CHARACTERS = 5
MIN_STORY_CHARACTERS = 16
_ACUTE = frozenset({ScriptKey.IMMINENT, ScriptKey.ACUTE})
_UNLIMITED = _ACUTE | {
    ScriptKey.RISK,
    ScriptKey.HARM,
    ScriptKey.VIOLENCE,
    ScriptKey.PEER_RISK,
    ScriptKey.CAREGIVER_RISK,
}
_BY_CATEGORY = {
    Category.PSYCHOLOGY: ScriptKey.PSYCHOLOGY,
    Category.LEGAL: ScriptKey.LEGAL,
    Category.AID: ScriptKey.AID,
    Category.OTHER: ScriptKey.GENERAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the choice of the next question rests on, besides what was heard."""

    text: NormalizedText
    assessment: Assessment
    decision: Decision


class Intake:
    """Hears messages and chooses questions; built once, used from any thread: it keeps no state."""

    def __init__(self, *, scripts: Scripts, extractor: SlotExtractor) -> None:
        self.scripts = scripts
        self._extractor = extractor
        questions = scripts.questions.values()
        self._by_text = {text: question.key for question in questions for text in question.texts.values()}

    def find_asked(self, text: str) -> str | None:
        """The key of our question that a turn of a transcript ends with; None when it asks none of ours."""
        return self._by_text.get(text.rsplit("\n", maxsplit=1)[-1])

    def hear(self, text: NormalizedText, state: ConversationState) -> Heard:
        """Fill slots from a message, told or answered, and note danger that an answer means."""
        intake = state.intake
        act = find_act(text, self.scripts.acts)
        question = self.scripts.find(intake.pending)
        told = self._extractor.extract(text)
        if question is not None and question.slot is Slot.AREA:
            told = (*told, *self._named_alone(text, told))
        answer = Answer(values=told) if question is None else read_answer(text, question, told, act)
        if answer.rule is None:
            answer = hear_anytime(text, self.scripts.questions.values(), answer)
        if answer.rule is not None:
            act = None
        heard = intake.answering().with_values(answer.values)
        refusals = heard.refusals + (act is Act.DECLINE)
        dialect = detect_dialect(text) or heard.dialect
        return Heard(
            state=replace(heard, dialect=dialect, refusals=refusals),
            hits=danger_of(answer, text=text, known=state.signals),
            act=act,
            weight=weigh(answer, text=text, question=question),
        )

    def _named_alone(self, text: NormalizedText, told: tuple[SlotValue, ...]) -> list[SlotValue]:
        """The place that a bare name ("肇庆") means after the question where somebody is."""
        if any(each.slot is Slot.AREA for each in told) or len(text.text) > MAX_ANSWER_CHARACTERS:
            return []
        found = self._extractor.extract(normalize_text(f"在{text.original}"))
        quote = text.original[:MAX_QUOTE_CHARACTERS]
        return [replace(each, quote=quote) for each in found if each.slot is Slot.AREA]

    def ask(self, heard: Heard, asked: Asked) -> IntakeState:
        """The state with the next question pending; nothing is pending when nothing is left to ask."""
        wants_person = heard.state.wants_person or asked.decision.reply_key == HANDOFF
        before = self.scripts.find(heard.state.earlier_pending)
        answered = before is not None and heard.state.find(before.slot) is not None
        told = _without_misread(heard.state, before, asked)
        state = replace(_infer(told, asked, answered=answered), wants_person=wants_person)
        script = choose_script(heard, asked)
        question = next(self._open_questions(state, script, asked.assessment), None)
        if question is None:
            return replace(state, stage=Stage.READY)
        return replace(state, asked=(*state.asked, question.key), pending=question.key)

    def _open_questions(
        self, state: IntakeState, script: ScriptKey, assessment: Assessment
    ) -> Iterator[Question]:
        """What a script would still ask, in its order; a screen is followed by the ordinary script."""
        if state.refusals >= MAX_REFUSALS and script not in _ACUTE:
            return
        if script not in _UNLIMITED and len(state.asked) >= MAX_ORDINARY_QUESTIONS:
            return
        slots_asked = {question.slot for key in state.asked if (question := self.scripts.find(key))}
        for question in self.scripts.scripts[script]:
            open_slot = question.slot not in slots_asked and state.find(question.slot) is None
            if open_slot and not _is_settled(question, state):
                yield question
        if script in (ScriptKey.SCREEN, ScriptKey.UNREAD):
            yield from self._open_questions(state, _BY_CATEGORY[assessment.category], assessment)


def choose_script(heard: Heard, asked: Asked) -> ScriptKey:
    """The script that serves a conversation now: danger first, then who writes, then what is needed."""
    match asked.decision.disposition:
        case Disposition.ESCALATE:
            return _choose_crisis(heard, asked.assessment)
        case Disposition.HUMAN_REVIEW | Disposition.ENQUEUE:
            return _choose_ordinary(heard, asked)
        case _:
            assert_never(asked.decision.disposition)


def _choose_crisis(heard: Heard, assessment: Assessment) -> ScriptKey:
    towards_oneself = not {Signal.SUICIDE, Signal.SELF_HARM}.isdisjoint(assessment.signals)
    if heard.speaker is not Speaker.SELF and not is_about_writer(assessment):
        caregiver = heard.speaker is Speaker.CAREGIVER
        return ScriptKey.CAREGIVER_RISK if caregiver else ScriptKey.PEER_RISK
    if assessment.level is RiskLevel.IMMINENT and towards_oneself:
        return ScriptKey.IMMINENT
    if not towards_oneself:
        violent = Signal.HARM_TO_OTHERS in assessment.signals
        return ScriptKey.VIOLENCE if violent else ScriptKey.HARM
    return ScriptKey.ACUTE if assessment.level is RiskLevel.HIGH else ScriptKey.RISK


def _choose_ordinary(heard: Heard, asked: Asked) -> ScriptKey:
    assessment = asked.assessment
    if heard.state.wants_person or asked.decision.reply_key == HANDOFF:
        return ScriptKey.HANDOFF
    if assessment.degraded:
        return ScriptKey.UNREAD
    if asked.decision.reply_key == CHECK:
        return ScriptKey.SCREEN
    if Signal.FRAUD in assessment.signals:
        return ScriptKey.FRAUD
    if heard.speaker is Speaker.CAREGIVER and assessment.category is Category.PSYCHOLOGY:
        return ScriptKey.CAREGIVER
    return _BY_CATEGORY[assessment.category]


def _is_settled(question: Question, state: IntakeState) -> bool:
    """Whether what is known makes the question pointless: no thoughts, so no plan."""
    return any(state.value_of(slot) in values for slot, values in question.unless.items())


def _without_misread(state: IntakeState, before: Question | None, asked: Asked) -> IntakeState:
    """Without the answer that a message was taken for, where a phrase of danger shows that it is none."""
    danger = any(WEAKENING.isdisjoint(each.flags) for each in asked.assessment.evidence)
    if before is None or before.slot is Slot.EVENT or not danger:
        return state
    whole = asked.text.original[:MAX_QUOTE_CHARACTERS]
    kept = tuple(
        each
        for each in state.values
        if not (each.slot is before.slot and not each.value and each.quote == whole)
    )
    return replace(state, values=kept)


def _infer(state: IntakeState, asked: Asked, *, answered: bool) -> IntakeState:
    """What the assessment shows to be known already: the event, and the first steps of the screen.

    A message that answered a question tells the event only where it says more than an answer.
    """
    assessment, text = asked.assessment, asked.text
    known = []
    tells = assessment.category is not Category.OTHER or assessment.message_level > RiskLevel.NONE
    letters = sum(map(str.isalpha, text.text))
    enough = MIN_STORY_CHARACTERS if answered else MIN_EVENT_CHARACTERS
    if tells and letters >= enough and not assessment.degraded:
        known.append(Slot.EVENT)
    if Signal.SUICIDE in assessment.signals:
        known += [Slot.WISH, *([Slot.THOUGHTS] if assessment.level >= RiskLevel.HIGH else [])]
    new = [
        slot for slot in known if not state.value_of(slot) and not (slot is Slot.EVENT and state.find(slot))
    ]
    quote = text.original[:MAX_QUOTE_CHARACTERS]
    return state.with_values(
        tuple(
            SlotValue(
                slot=slot,
                value="" if slot is Slot.EVENT else YesNo.YES,
                quote=quote,
                source=SlotSource.STATED,
            )
            for slot in new
        )
    )


def load_intake() -> Intake:
    """The intake of the shipped scripts; raises ``ContentError`` when a file breaks its schema or a rule."""
    return Intake(scripts=load_scripts(), extractor=load_slot_extractor())
