from dataclasses import replace

import pytest

from tests.factories import shipped_intake
from triage.intake.heard import Weight
from triage.intake.hearing import (
    MAX_ANSWER_CHARACTERS,
    MAX_QUOTE_CHARACTERS,
    Answer,
    danger_of,
    hear_anytime,
    read_answer,
    weigh,
)
from triage.intake.script import Act
from triage.intake.slots import AgeBand, Slot, SlotSource, SlotValue, Speaker, YesNo
from triage.labels import RiskLevel, Signal
from triage.normalize import normalize_text
from triage.signals.hit import Strength

QUESTIONS = shipped_intake().scripts.questions
NOTHING = Answer(values=())


def told(slot: Slot, quote: str, value: str = "", source: SlotSource = SlotSource.STATED) -> SlotValue:
    return SlotValue(slot=slot, value=value, quote=quote, source=source)


def read(text: str, key: str, *values: SlotValue, act: Act | None = None) -> Answer:
    return read_answer(normalize_text(text), QUESTIONS[key], values, act)


@pytest.mark.parametrize(
    ("key", "text", "act", "expected"),
    [
        pytest.param("risk.method", "没有。", None, (Slot.METHOD, "no", SlotSource.ANSWERED), id="a rule"),
        pytest.param("risk.act", "不想说", Act.DECLINE, (Slot.ACT, "", SlotSource.DECLINED), id="declined"),
        pytest.param("risk.method", "看心情的", None, (Slot.METHOD, "", SlotSource.ANSWERED), id="as it stands"),
        pytest.param("common.age", "15", None, (Slot.AGE, AgeBand.FROM_14_TO_17, SlotSource.ANSWERED), id="age"),
        pytest.param("common.age", "秘密哦", None, None, id="no age"),
        pytest.param("psychology.event", "和同桌闹翻", None, (Slot.EVENT, "", SlotSource.ANSWERED), id="event"),
        pytest.param("psychology.event", "和同桌闹翻怎么办？", None, None, id="asks back"),
        pytest.param("psychology.event", "😭😭", None, None, id="says no word"),
        pytest.param("psychology.event", "谢谢", Act.THANKS, None, id="an act is no event"),
        pytest.param("psychology.since", "开学以后第三周", None, (Slot.SINCE, "", SlotSource.ANSWERED), id="since"),
        pytest.param("psychology.since", "哈哈", None, None, id="no sign of a time"),
        pytest.param("risk.place", "图书馆里面", None, (Slot.PLACE, "", SlotSource.ANSWERED), id="place"),
        pytest.param("common.contact", "问我表姐吧", None, None, id="no way to be reached"),
        pytest.param("risk.place", ("图书馆里" * 9)[: MAX_ANSWER_CHARACTERS + 1], None, None, id="too long for a place"),
    ],
)  # fmt: skip
def test_what_a_message_answers(
    key: str, text: str, act: Act | None, expected: tuple[Slot, str, SlotSource] | None
) -> None:
    values = read(text, key, act=act).values
    assert [(each.slot, each.value, each.source) for each in values] == ([expected] if expected else [])
    assert all(each.quote == text for each in values)


def test_a_rule_outranks_what_was_found_in_the_same_slot_and_leaves_the_others() -> None:
    area, company = told(Slot.AREA, "广州"), told(Slot.COMPANY, "一个人", "alone")
    answer = read("有人在，我在广州", "risk.company", area, company)
    assert answer.key == "risk.company"
    assert answer.rule is not None
    assert [(each.slot, each.value) for each in answer.values] == [
        (Slot.AREA, ""),
        (Slot.COMPANY, "with_others"),
    ]


def test_a_fact_that_answers_is_kept_as_it_was_found() -> None:
    since = told(Slot.SINCE, "上个月")
    answer = read("大概上个月吧", "psychology.since", since, act=Act.DECLINE)
    assert answer == Answer(values=(since,))


@pytest.mark.parametrize(("speaker", "band"), [(Speaker.SELF, None), (Speaker.CAREGIVER, AgeBand.UNDER_14)])
def test_a_small_age_is_a_childs_only(speaker: Speaker, band: AgeBand | None) -> None:
    values = read("4岁", "common.age", told(Slot.SPEAKER, "我", speaker)).values
    assert next((each.value for each in values if each.slot is Slot.AGE), None) == band


def test_a_quotation_has_an_end() -> None:
    text = "难过" * MAX_QUOTE_CHARACTERS
    [event] = read(text, "psychology.event").values
    assert event.quote == text[:MAX_QUOTE_CHARACTERS]


@pytest.mark.parametrize(
    ("key", "text", "values", "weight"),
    [
        pytest.param(None, "没有", (), Weight.FULL, id="nothing was asked"),
        pytest.param("risk.method", "没有", (), Weight.NONE, id="a bare no"),
        pytest.param("risk.method", "没有，我就是好累", (), Weight.FULL, id="a no and more"),
        pytest.param("risk.method", "想过", (), Weight.FULL, id="a yes that is danger"),
        pytest.param("risk.method", "看心情的", (), Weight.FULL, id="short, to a question of danger"),
        pytest.param("psychology.event", "和同桌闹翻", (), Weight.JOINT, id="short, to a harmless question"),
        pytest.param("psychology.event", ("和同桌闹翻" * 9)[: MAX_ANSWER_CHARACTERS + 1], (), Weight.FULL, id="a story"),
        pytest.param("psychology.since", "上个月吧", (told(Slot.SINCE, "上个月"),), Weight.NONE, id="its fact"),
        pytest.param("psychology.since", "上个月他们打我", (told(Slot.SINCE, "上个月"),), Weight.JOINT, id="more"),
        pytest.param("risk.place", "家里", (told(Slot.PLACE, "家里"),), Weight.JOINT, id="a place is no plain fact"),
    ],
)  # fmt: skip
def test_how_far_the_classifier_is_heard(
    key: str | None, text: str, values: tuple[SlotValue, ...], weight: Weight
) -> None:
    answer = read(text, key, *values) if key else Answer(values=values)
    question = QUESTIONS[key] if key else None
    assert weigh(answer, text=normalize_text(text), question=question) is weight


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("我不安全", YesNo.NO, id="not safe"),
        pytest.param("我现在安全", YesNo.YES, id="safe"),
        pytest.param("没危险", None, id="means something else after another question"),
        pytest.param("有", None, id="a bare yes"),
    ],
)
def test_what_is_heard_whatever_was_asked(text: str, value: YesNo | None) -> None:
    age = told(Slot.AGE, "15岁", AgeBand.FROM_14_TO_17)
    before = Answer(values=(age, told(Slot.COMPANY, text, source=SlotSource.ANSWERED)))
    after = hear_anytime(normalize_text(text), QUESTIONS.values(), before)
    if value is None:
        assert after is before
    else:
        assert [(each.slot, each.value) for each in after.values] == [
            (age.slot, age.value),
            (Slot.SAFE, value),
        ]


@pytest.mark.parametrize(
    ("key", "text", "known", "expected"),
    [
        pytest.param("risk.method", "想过", (), (Signal.SUICIDE, RiskLevel.HIGH), id="its own signal"),
        pytest.param("risk.act", "做过", (Signal.BULLYING,), (Signal.SELF_HARM, RiskLevel.HIGH), id="its own first"),
        pytest.param("risk.safe", "我不安全", (), (Signal.SUICIDE, RiskLevel.HIGH), id="of no known kind"),
        pytest.param("harm.safe", "我不安全", (Signal.BULLYING,), (Signal.BULLYING, RiskLevel.HIGH), id="known kind"),
        pytest.param("harm.safe", "我不安全", (Signal.FRAUD,), (Signal.SUICIDE, RiskLevel.HIGH), id="fraud is none"),
        pytest.param("risk.plan", "今晚", (), (Signal.SUICIDE, RiskLevel.IMMINENT), id="a plan"),
        pytest.param("risk.method", "没有", (Signal.SUICIDE,), None, id="harmless"),
        pytest.param("psychology.event", "想过", (Signal.SUICIDE,), None, id="no rule"),
    ],
)  # fmt: skip
def test_the_danger_that_an_answer_means(
    key: str, text: str, known: tuple[Signal, ...], expected: tuple[Signal, RiskLevel] | None
) -> None:
    hits = danger_of(read(text, key), text=normalize_text(text), known=frozenset(known))
    assert [(hit.signal, hit.floor) for hit in hits] == ([expected] if expected else [])
    for hit in hits:
        assert (hit.text, hit.strength, hit.phrase) == (text, Strength.CERTAIN, f"answer.{key}")
        assert text[hit.start : hit.end] == hit.text


def test_a_message_without_a_rule_is_no_danger_by_itself() -> None:
    assert danger_of(NOTHING, text=normalize_text("有"), known=frozenset(Signal)) == ()
    assert danger_of(replace(NOTHING, key="risk.method"), text=normalize_text("有"), known=frozenset()) == ()
