from dataclasses import replace
from typing import Any

import pytest

from tests.factories import shipped_intake
from triage.intake.heard import Heard
from triage.intake.machine import (
    MAX_ORDINARY_QUESTIONS,
    MAX_REFUSALS,
    MIN_EVENT_CHARACTERS,
    MIN_STORY_CHARACTERS,
    Asked,
    choose_script,
)
from triage.intake.script import Act, ScriptKey
from triage.intake.slots import Dialect, Slot, SlotSource, SlotValue, Speaker, YesNo
from triage.intake.state import NEW_INTAKE, IntakeState, Stage
from triage.labels import CATEGORIES, SIGNALS, Category, Queue, RiskLevel, Signal
from triage.message import ConversationState
from triage.normalize import normalize_text
from triage.replies import CHECK, HANDOFF
from triage.risk.assessment import Assessment, Decision, DegradedReason, Disposition

INTAKE = shipped_intake()
QUESTIONS = INTAKE.scripts.questions
ENQUEUE, REVIEW, ESCALATE = Disposition.ENQUEUE, Disposition.HUMAN_REVIEW, Disposition.ESCALATE
MODERATE, HIGH, IMMINENT = RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT
FOUR_ASKED = ("legal.event", "legal.since", "legal.help", "common.area")


def told(slot: Slot, value: str = "", source: SlotSource = SlotSource.STATED) -> SlotValue:
    return SlotValue(slot=slot, value=value, quote="原话", source=source)


def heard(*values: SlotValue, **changes: Any) -> Heard:
    return Heard(state=replace(NEW_INTAKE, values=values, **changes))


def asked(
    disposition: Disposition = ENQUEUE,
    *signals: Signal,
    category: Category = Category.PSYCHOLOGY,
    level: RiskLevel = RiskLevel.NONE,
    reply_key: str = "psychology",
    degraded: bool = False,
    text: str = "嗯",
) -> Asked:
    assessment = Assessment(
        category=category,
        category_scores=dict.fromkeys(CATEGORIES, 0.25),
        signals=signals,
        signal_scores=dict.fromkeys(SIGNALS, 0.0),
        level=level,
        message_level=level,
        message_risk_score=0.0,
        risk_score=0.0,
        escalate=disposition is ESCALATE,
        degraded=(DegradedReason.UNREADABLE,) if degraded else (),
        evidence=(),
    )
    decision = Decision(
        disposition=disposition, queue=Queue.GENERAL, respond_within_s=60, reply_key=reply_key, reason="",
        policy_version="test",
    )  # fmt: skip
    return Asked(text=normalize_text(text), assessment=assessment, decision=decision)


@pytest.mark.parametrize(
    ("speaker", "signals", "level", "script"),
    [
        pytest.param(None, (Signal.SUICIDE,), MODERATE, ScriptKey.RISK, id="moderate"),
        pytest.param(None, (Signal.SUICIDE,), HIGH, ScriptKey.ACUTE, id="high"),
        pytest.param(None, (Signal.SELF_HARM,), IMMINENT, ScriptKey.IMMINENT, id="imminent"),
        pytest.param(None, (Signal.BULLYING,), IMMINENT, ScriptKey.HARM, id="by others, whatever level"),
        pytest.param(None, (Signal.HARM_TO_OTHERS,), HIGH, ScriptKey.VIOLENCE, id="towards others"),
        pytest.param(
            None, (Signal.SUICIDE, Signal.HARM_TO_OTHERS), HIGH, ScriptKey.ACUTE, id="oneself before others"
        ),
        pytest.param(Speaker.SELF, (Signal.SUICIDE,), HIGH, ScriptKey.ACUTE, id="says who writes"),
        pytest.param(Speaker.PEER, (Signal.SUICIDE,), IMMINENT, ScriptKey.PEER_RISK, id="a peer"),
        pytest.param(Speaker.CAREGIVER, (Signal.BULLYING,), HIGH, ScriptKey.CAREGIVER_RISK, id="a parent"),
    ],
)
def test_the_script_of_danger(
    speaker: Speaker | None, signals: tuple[Signal, ...], level: RiskLevel, script: ScriptKey
) -> None:
    values = [told(Slot.SPEAKER, speaker)] if speaker else []
    assert choose_script(heard(*values), asked(ESCALATE, *signals, level=level)) is script


@pytest.mark.parametrize(
    ("changes", "script"),
    [
        pytest.param({"category": Category.PSYCHOLOGY}, ScriptKey.PSYCHOLOGY, id="psychology"),
        pytest.param({"category": Category.LEGAL}, ScriptKey.LEGAL, id="legal"),
        pytest.param({"category": Category.AID}, ScriptKey.AID, id="aid"),
        pytest.param({"category": Category.OTHER}, ScriptKey.GENERAL, id="other"),
        pytest.param({"reply_key": CHECK}, ScriptKey.SCREEN, id="unsure"),
        pytest.param({"reply_key": CHECK, "degraded": True}, ScriptKey.UNREAD, id="not read"),
        pytest.param(
            {"reply_key": HANDOFF, "degraded": True}, ScriptKey.HANDOFF, id="a person was asked for"
        ),
    ],
)
@pytest.mark.parametrize("disposition", [REVIEW, ENQUEUE])
def test_the_script_of_an_ordinary_talk(
    disposition: Disposition, changes: dict[str, Any], script: ScriptKey
) -> None:
    assert choose_script(heard(), asked(disposition, **changes)) is script


def test_who_writes_and_who_was_wanted_choose_the_script_too() -> None:
    parent = heard(told(Slot.SPEAKER, Speaker.CAREGIVER))
    assert choose_script(parent, asked()) is ScriptKey.CAREGIVER
    assert choose_script(parent, asked(category=Category.LEGAL)) is ScriptKey.LEGAL
    assert choose_script(parent, asked(REVIEW, Signal.FRAUD)) is ScriptKey.FRAUD
    assert choose_script(heard(wants_person=True), asked(REVIEW, Signal.FRAUD)) is ScriptKey.HANDOFF
    assert (
        choose_script(heard(wants_person=True), asked(ESCALATE, Signal.SUICIDE, level=HIGH))
        is ScriptKey.ACUTE
    )


def ask(hear: Heard, ask: Asked) -> IntakeState:
    return INTAKE.ask(hear, ask)


@pytest.mark.parametrize(
    ("hear", "asks", "pending"),
    [
        pytest.param(heard(asked=FOUR_ASKED[:-1]), asked(), "psychology.company", id="the last ordinary one"),
        pytest.param(heard(asked=FOUR_ASKED), asked(), None, id="enough asked"),
        pytest.param(
            heard(asked=FOUR_ASKED), asked(ESCALATE, Signal.BULLYING, level=HIGH), "harm.safe", id="danger goes on"
        ),
        pytest.param(heard(refusals=MAX_REFUSALS - 1), asked(), "psychology.event", id="one refusal"),
        pytest.param(heard(refusals=MAX_REFUSALS), asked(), None, id="two refusals"),
        pytest.param(
            heard(refusals=MAX_REFUSALS), asked(ESCALATE, Signal.SUICIDE, level=MODERATE), None, id="two in a screen"
        ),
        pytest.param(
            heard(refusals=MAX_REFUSALS), asked(ESCALATE, Signal.SUICIDE, level=HIGH), "risk.safe", id="acute"
        ),
        pytest.param(
            heard(refusals=9), asked(ESCALATE, Signal.SUICIDE, level=IMMINENT), "risk.place", id="imminent"
        ),
    ],
)  # fmt: skip
def test_how_much_is_asked(hear: Heard, asks: Asked, pending: str | None) -> None:
    state = ask(hear, asks)
    assert state.pending == pending
    assert state.stage is (Stage.READY if pending is None else Stage.ASKING)
    assert state.asked == (*hear.state.asked, *([pending] if pending else []))


def test_an_ordinary_talk_has_as_many_questions_as_it_may() -> None:
    state = NEW_INTAKE
    while (state := ask(Heard(state=state.answering()), asked())).pending:
        assert len(state.asked) <= MAX_ORDINARY_QUESTIONS
    assert len(state.asked) == MAX_ORDINARY_QUESTIONS


@pytest.mark.parametrize(
    ("values", "earlier", "pending"),
    [
        pytest.param([], (), "risk.thoughts", id="the wish was told by the danger"),
        pytest.param([told(Slot.THOUGHTS, YesNo.NO)], (), "risk.act", id="no thoughts, so no plan"),
        pytest.param([], ("risk.thoughts",), "risk.method", id="asked for, not answered"),
        pytest.param(
            [told(Slot.THOUGHTS, "", SlotSource.DECLINED)], (), "risk.method", id="declined is not asked again"
        ),
        pytest.param([], ("harm.safe", "risk.thoughts", "risk.method", "risk.intent", "risk.plan", "risk.act"),
                     "risk.company", id="asked for under another key"),
    ],
)  # fmt: skip
def test_a_slot_is_asked_for_once_and_never_when_it_is_known(
    values: list[SlotValue], earlier: tuple[str, ...], pending: str
) -> None:
    asks = asked(ESCALATE, Signal.SUICIDE, level=MODERATE)
    assert ask(heard(*values, asked=earlier), asks).pending == pending


def test_a_check_is_followed_by_the_ordinary_script() -> None:
    asks = asked(REVIEW, reply_key=CHECK)
    assert ask(heard(), asks).pending == "screen.wish"
    assert ask(heard(told(Slot.WISH, YesNo.NO)), asks).pending == "psychology.event"


def test_who_asked_for_a_person_is_remembered() -> None:
    state = ask(heard(), asked(REVIEW, reply_key=HANDOFF))
    assert (state.pending, state.wants_person) == ("handoff.event", True)
    assert not ask(heard(), asked()).wants_person


LETTERS = "甲乙丙丁戊己庚辛壬癸" * 3


@pytest.mark.parametrize(
    ("length", "answered", "changes", "event"),
    [
        pytest.param(MIN_EVENT_CHARACTERS, False, {}, True, id="a short telling"),
        pytest.param(MIN_EVENT_CHARACTERS - 1, False, {}, False, id="too short"),
        pytest.param(MIN_STORY_CHARACTERS - 1, True, {}, False, id="an answer"),
        pytest.param(MIN_STORY_CHARACTERS, True, {}, True, id="more than an answer"),
        pytest.param(MIN_STORY_CHARACTERS, False, {"degraded": True}, False, id="not read"),
        pytest.param(MIN_STORY_CHARACTERS, False, {"category": Category.OTHER}, False, id="about nothing"),
    ],
)
def test_what_tells_the_event(length: int, answered: bool, changes: dict[str, Any], event: bool) -> None:
    before = heard(told(Slot.AGE), earlier_pending="common.age") if answered else heard()
    state = ask(before, asked(REVIEW, text=LETTERS[:length], **changes))
    assert (state.find(Slot.EVENT) is not None) is event


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *[pytest.param(QUESTIONS["risk.safe"].texts[each], "safe", id=each) for each in Dialect],
        pytest.param("我听到了。\n" + QUESTIONS["common.area"].texts[Dialect.MANDARIN], "area", id="after a statement"),
        pytest.param(QUESTIONS["common.area"].texts[Dialect.MANDARIN] + "\n好的。", None, id="not at the end"),
        pytest.param("你现在还好吗？", None, id="none of ours"),
        pytest.param("", None, id="empty"),
    ],
)  # fmt: skip
def test_our_questions_are_known_by_their_text(text: str, key: str | None) -> None:
    found = INTAKE.find_asked(text)
    assert (QUESTIONS[found].slot if found else None) == key


@pytest.mark.parametrize("dialect", Dialect)
def test_every_question_is_found_again_with_its_slot(dialect: Dialect) -> None:
    for question in QUESTIONS.values():
        found = INTAKE.find_asked(question.texts[dialect])
        assert found is not None
        assert QUESTIONS[found].slot is question.slot


def hear(text: str, **changes: Any) -> Heard:
    return INTAKE.hear(normalize_text(text), ConversationState(intake=replace(NEW_INTAKE, **changes)))


def test_a_bare_name_answers_where_somebody_is_and_nothing_else() -> None:
    assert hear("白云", pending="common.area").state.value_of(Slot.AREA)
    assert hear("白云", pending="common.age").state.find(Slot.AREA) is None


def test_an_answer_by_a_rule_is_no_act_and_a_refusal_is_counted() -> None:
    refused = hear("不想说", pending="psychology.event")
    assert (refused.act, refused.state.refusals) == (Act.DECLINE, 1)
    answered = hear("不方便留", pending="common.contact")
    assert (answered.act, answered.state.refusals) == (None, 0)


def test_a_question_that_left_the_files_is_no_question() -> None:
    assert hear("没有", pending="gone.question").state.values == ()
