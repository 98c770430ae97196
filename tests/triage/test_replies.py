from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.script import Act
from triage.labels import RiskLevel
from triage.replies import CHECK, CRISIS_KEYS, FRAUD, HANDOFF, READY, REPLY_KEYS, REVIEW, UNREAD, refine_reply

CALM: dict[str, Any] = {
    "level": RiskLevel.NONE, "act": None, "asks_more": True, "new_danger": False, "said": ("psychology",),
    "opened": True,
}  # fmt: skip
LATER: dict[str, Any] = {**CALM, "level": RiskLevel.HIGH}


@pytest.mark.parametrize(
    ("key", "act", "reply"),
    [
        pytest.param("crisis_high", None, "crisis_high", id="goes on telling"),
        pytest.param("crisis_high", Act.RETRACT, "retraction", id="takes it back"),
        pytest.param("crisis_moderate", Act.GOODBYE, "farewell", id="takes leave"),
        pytest.param("crisis_imminent", Act.DECLINE, "declined_crisis", id="declines"),
        pytest.param("crisis_violence", Act.ASK_SECRECY, "secrecy_crisis", id="asks for secrecy"),
        pytest.param("crisis_other_person", Act.ASK_IDENTITY, "identity_crisis", id="asks who answers"),
        pytest.param("crisis_caregiver", Act.ASK_WAITING, "waiting_crisis", id="asks how long"),
        pytest.param("crisis_high", Act.THANKS, "crisis_high", id="thanks are no end of danger"),
    ],
)
def test_what_is_done_in_danger_is_answered_unless_there_is_new_danger(
    key: str, act: Act | None, reply: str
) -> None:
    assert refine_reply(key, **{**LATER, "act": act}) == reply
    assert refine_reply(key, **{**LATER, "act": act, "new_danger": True}) == key


@pytest.mark.parametrize(
    ("key", "changes", "reply"),
    [
        pytest.param("psychology", {}, "psychology", id="more is asked"),
        pytest.param("psychology", {"asks_more": False}, READY, id="all is taken down"),
        pytest.param("psychology", {"asks_more": False, "said": ()}, "psychology", id="nothing was said yet"),
        pytest.param("psychology", {"act": Act.THANKS}, "thanks", id="thanks"),
        pytest.param("legal", {"act": Act.ASK_WAITING, "asks_more": False}, "waiting", id="an act before ready"),
        pytest.param("aid", {"act": Act.DECLINE}, "declined", id="declines"),
        pytest.param("general", {"act": Act.ASK_SECRECY}, "secrecy", id="asks for secrecy"),
        pytest.param("general", {"act": Act.ASK_IDENTITY}, "identity", id="asks who answers"),
        pytest.param("psychology", {"act": Act.GOODBYE}, "psychology", id="an ordinary goodbye"),
        pytest.param("psychology", {"act": Act.RETRACT, "asks_more": False}, READY, id="nothing to take back"),
        pytest.param("psychology", {"act": Act.THANKS, "opened": False}, "psychology", id="notice before courtesy"),
        pytest.param("psychology", {"asks_more": False, "opened": False}, "psychology", id="notice before ready"),
        pytest.param(CHECK, {"act": Act.DECLINE}, CHECK, id="the check is asked whatever is done"),
        pytest.param(CHECK, {"act": Act.DECLINE, "asks_more": False}, "declined", id="the check was asked"),
        pytest.param("psychology", {"level": RiskLevel.LOW}, "psychology", id="low"),
        pytest.param("psychology", {"level": RiskLevel.MODERATE}, REVIEW, id="moderate: the numbers first"),
        pytest.param("general", {"level": RiskLevel.HIGH, "act": Act.THANKS}, REVIEW, id="numbers before courtesy"),
        pytest.param(CHECK, {"level": RiskLevel.MODERATE, "opened": False}, REVIEW, id="numbers before the notice"),
        pytest.param("legal", {"level": RiskLevel.MODERATE, "asks_more": False}, REVIEW, id="numbers before ready"),
    ],
)  # fmt: skip
def test_an_ordinary_reply_fits_what_was_done_and_what_comes_next(
    key: str, changes: dict[str, Any], reply: str
) -> None:
    assert refine_reply(key, **{**CALM, **changes}) == reply


MOMENTS = st.fixed_dictionaries(
    {
        "level": st.sampled_from(RiskLevel),
        "act": st.none() | st.sampled_from(Act),
        "asks_more": st.booleans(),
        "new_danger": st.booleans(),
        "said": st.sampled_from([(), ("psychology",)]),
        "opened": st.booleans(),
    }
)


@given(st.sampled_from([UNREAD, HANDOFF, FRAUD]), MOMENTS)
def test_a_person_on_the_way_and_money_being_lost_are_said_whatever_else(
    key: str, moment: dict[str, Any]
) -> None:
    assert refine_reply(key, **moment) == key


@given(st.sampled_from(sorted(REPLY_KEYS - {FRAUD})), MOMENTS)
def test_laws_of_a_reply(key: str, moment: dict[str, Any]) -> None:
    """Every reply is in the catalogue; at MODERATE or more, and after danger, it names the numbers."""
    reply = refine_reply(key, **moment)
    assert reply in REPLY_KEYS
    if moment["level"] >= RiskLevel.MODERATE:
        assert reply in CRISIS_KEYS
