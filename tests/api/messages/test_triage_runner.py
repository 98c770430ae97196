"""Whatever the pipeline does, an answer comes, and never a lower level than before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.messages.triage_runner import TriageRunner, assess_unread
from api.metrics import Metrics
from tests.factories import build_pipeline
from triage.labels import SIGNALS, RiskLevel, Signal, escalates
from triage.message import ConversationState, Message
from triage.risk.assessment import DegradedReason

STATES = st.builds(
    ConversationState,
    level=st.sampled_from(RiskLevel),
    signals=st.frozensets(st.sampled_from(SIGNALS)),
    risk_score=st.floats(0, 1),
    escalated=st.booleans(),
)


@given(state=STATES, reason=st.sampled_from(DegradedReason))
def test_unread_is_at_least_moderate_and_lowers_nothing(
    state: ConversationState, reason: DegradedReason
) -> None:
    assessment = assess_unread(state=state, reason=reason)
    assert assessment.level >= max(state.level, RiskLevel.MODERATE)
    assert set(assessment.signals) == state.signals
    assert assessment.risk_score >= max(state.risk_score, 0.5)
    assert assessment.escalate or not state.escalated
    assert assessment.escalate == (state.escalated or escalates(state.signals, assessment.level))
    assert assessment.degraded == (reason,)


def test_unread_message_after_a_disclosure_escalates() -> None:
    state = ConversationState(level=RiskLevel.LOW, signals=frozenset({Signal.SUICIDE}))
    assert assess_unread(state=state, reason=DegradedReason.CLASSIFIER_FAILED).escalate


async def test_triage_in_a_thread_is_the_pipelines_own() -> None:
    pipeline = build_pipeline()
    runner = TriageRunner(pipeline=pipeline, limit_s=5, metrics=Metrics())
    message, state = Message(text="我不想活了"), ConversationState()
    turn = await runner.triage_turn(message=message, state=state)
    runner.close()
    assert turn.outcome == pipeline.triage(message=message, state=state)
    assert turn.state == pipeline.advance(message=message, state=state, result=turn.outcome)


@pytest.mark.parametrize("level", RiskLevel)
async def test_calls_after_closing_go_to_a_person(level: RiskLevel) -> None:
    runner = TriageRunner(pipeline=build_pipeline(), limit_s=5, metrics=Metrics())
    runner.close()
    turn = await runner.triage_turn(message=Message(text="你好"), state=ConversationState(level=level))
    assert turn.outcome.assessment.degraded == (DegradedReason.CLASSIFIER_FAILED,)
    assert turn.state.level >= max(level, RiskLevel.MODERATE)
    assert turn.state.turns[-1].text == "你好"
