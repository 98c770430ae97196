"""When triage fails, in whatever way, the message is stored all the same and a person is told."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import update

from api.db.tables import AssessmentRow, ConversationRow, MessageRow
from api.settings import Settings
from tests.api.running import RunningService, message_body, running_service
from tests.factories import build_pipeline
from tests.fakes import BrokenClassifier, KeywordClassifier, SlowClassifier
from triage.classifier.deadline import DeadlineClassifier
from triage.drift import ScoreReference
from triage.message import ConversationState, Message
from triage.pipeline import TriagePipeline
from triage.risk.assessment import TriageResult


class CrashingPipeline(TriagePipeline):
    """Raises something unforeseen, at triage or when the conversation is advanced."""

    def __init__(self, *, at: str, error: BaseException) -> None:
        self._inner = build_pipeline()
        self._at = at
        self._error = error

    @property
    def score_reference(self) -> ScoreReference:
        return self._inner.score_reference

    @property
    def model_version(self) -> str:
        return self._inner.model_version

    @property
    def lexicon_version(self) -> str:
        return self._inner.lexicon_version

    @property
    def policy_version(self) -> str:
        return self._inner.policy_version

    def triage(self, *, message: Message, state: ConversationState) -> TriageResult:
        if self._at == "triage":
            raise self._error
        return self._inner.triage(message=message, state=state)

    def advance(
        self, *, message: Message, state: ConversationState, result: TriageResult
    ) -> ConversationState:
        raise self._error


class SlowPipeline(CrashingPipeline):
    """Hangs for longer than the service waits."""

    def __init__(self) -> None:
        super().__init__(at="nowhere", error=RuntimeError())
        self._inner = build_pipeline(classifier=SlowClassifier(delay_s=1.0))


FAILING: dict[str, tuple[Callable[[], TriagePipeline], str]] = {
    "classifier broken": (lambda: build_pipeline(classifier=BrokenClassifier()), "classifier_failed"),
    "classifier slow": (
        lambda: build_pipeline(classifier=DeadlineClassifier(SlowClassifier(delay_s=1.0), limit_s=0.05)),
        "classifier_timeout",
    ),
    "triage raises": (
        lambda: CrashingPipeline(at="triage", error=ZeroDivisionError("秘密")),
        "classifier_failed",
    ),
    "advance raises": (
        lambda: CrashingPipeline(at="advance", error=KeyError("秘密")),
        "classifier_failed",
    ),
    "recursion": (lambda: CrashingPipeline(at="triage", error=RecursionError()), "classifier_failed"),
    "memory": (lambda: CrashingPipeline(at="triage", error=MemoryError()), "classifier_failed"),
    "pipeline hangs": (SlowPipeline, "classifier_timeout"),
}


async def send_all(service: RunningService, *bodies: dict[str, Any]) -> list[Response]:
    token = await service.create_token()
    async with service.client(token=token) as backend:
        return [await backend.post("/v1/messages", json=body) for body in bodies]


@pytest.mark.parametrize(("build", "reason"), FAILING.values(), ids=FAILING)
async def test_message_is_stored_and_put_before_a_person(
    settings: Settings, build: Callable[[], TriagePipeline], reason: str
) -> None:
    quick = settings.model_copy(update={"triage_timeout_ms": 300})
    async with running_service(quick, pipeline=build()) as service:
        [answer] = await send_all(service, message_body(text="今天天气很好"))
        assert answer.status_code == 200
        body = answer.json()
        assert body["triage"]["degraded"] == [reason]
        assert body["triage"]["risk_score"] > 0
        assert body["triage"]["level_name"] != "low"
        assert body["queue"]["name"] == "psychology"
        assert body["reply"]["key"] == "human_review"
        assert body["reply"]["text"]
        assert await service.count(MessageRow, MessageRow.role == "youth") == 1
        assert await service.count(AssessmentRow) == 1
        [conversation] = await service.rows(ConversationRow)
        assert conversation.degraded == [reason]
        assert conversation.waiting_since is not None
        metrics = service.services.metrics.render().decode()
        assert f'qingting_degraded_total{{reason="{reason}"}} 1.0' in metrics


async def test_crash_is_moderate_and_promised_within_ten_minutes(settings: Settings) -> None:
    pipeline = CrashingPipeline(at="triage", error=RuntimeError())
    async with running_service(settings, pipeline=pipeline) as service:
        [answer] = await send_all(service, message_body(text="今天天气很好"))
    body = answer.json()
    assert (body["triage"]["level"], body["triage"]["escalate"]) == (2, False)
    assert body["queue"]["respond_by"] == "2026-11-24T12:10:00Z"


async def test_rules_still_see_danger_when_the_classifier_is_down(settings: Settings) -> None:
    pipeline = build_pipeline(classifier=BrokenClassifier())
    async with running_service(settings, pipeline=pipeline) as service:
        [answer] = await send_all(service, message_body(text="我真的不想活了"))
    assert answer.json()["triage"]["signals"] == ["suicide"]
    assert answer.json()["queue"]["name"] == "high_risk"


async def test_crash_never_takes_back_an_escalation(settings: Settings) -> None:
    async with running_service(settings, pipeline=build_pipeline()) as service:
        token = await service.create_token()
        async with service.client(token=token) as backend:
            before = await backend.post("/v1/messages", json=message_body(text="我站在楼顶，不想活了"))
    crashing = CrashingPipeline(at="triage", error=RuntimeError())
    async with (
        running_service(settings, pipeline=crashing) as service,
        service.client(token=token) as backend,
    ):
        after = await backend.post("/v1/messages", json=message_body(external_id="m-2", text="没事了"))
        [conversation] = await service.rows(ConversationRow)
    assert before.json()["triage"]["level"] == after.json()["triage"]["level"] == 4
    assert after.json()["queue"]["name"] == "high_risk"
    assert (conversation.escalated, conversation.urgency) == (True, 4)


async def test_a_repeat_during_an_outage_gets_the_first_answer(settings: Settings) -> None:
    classifier = KeywordClassifier()
    async with running_service(settings, pipeline=build_pipeline(classifier=classifier)) as service:
        first, again = await send_all(service, message_body(), message_body())
    assert again.content == first.content


async def test_unreadable_state_is_rebuilt_from_the_columns(
    service: RunningService, backend: AsyncClient
) -> None:
    await backend.post("/v1/messages", json=message_body(text="我不想活了"))
    await service.execute(update(ConversationRow).values(state={"format": 99}))
    answer = await backend.post("/v1/messages", json=message_body(external_id="m-2", text="嗯"))
    assert answer.status_code == 200
    assert answer.json()["triage"]["level"] == 2
    assert answer.json()["queue"]["name"] == "high_risk"
