"""Health, readiness and metrics."""

import re

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from api.db.migrate import head_revision
from api.settings import Settings
from tests.api.running import LOOPBACK, RunningService, error_code, message_body, running_service
from triage.pipeline import TriagePipeline


async def test_alive_without_a_database(service: RunningService) -> None:
    await service.database.close()
    async with service.client() as caller:
        answer = await caller.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_names_the_versions(service: RunningService) -> None:
    async with service.client() as caller:
        answer = await caller.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["model_version"] == "keywords/test"


async def test_not_ready_on_another_revision(service: RunningService) -> None:
    async def set_revision(revision: str) -> None:
        await service.execute(text("UPDATE alembic_version SET version_num = :r").bindparams(r=revision))

    await set_revision("9999")
    async with service.client() as caller:
        answer = await caller.get("/readyz")
    await set_revision(head_revision())
    assert (answer.status_code, error_code(answer)) == (503, "not_ready")
    assert answer.json()["error"]["details"] == [{"field": "database", "problem": "not_migrated"}]
    assert answer.headers["retry-after"]


async def test_not_ready_without_a_database(
    settings: Settings, pipeline: TriagePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_service(settings, pipeline=pipeline) as service:

        def refuse(*_arguments: object, **_options: object) -> None:
            raise OSError("no route to host")

        monkeypatch.setattr(service.database.engine.pool, "connect", refuse)
        async with service.client() as caller:
            answer = await caller.get("/readyz")
    assert (answer.status_code, error_code(answer)) == (503, "not_ready")
    assert answer.json()["error"]["details"] == [{"field": "database", "problem": "unreachable"}]


async def test_metrics_count_messages_and_requests(service: RunningService, backend: AsyncClient) -> None:
    for body in (message_body(text="我不想活了"), message_body(text="我不想活了"), message_body(text="别的")):
        await backend.post("/v1/messages", json=body)
    await backend.get("/我的秘密/path")
    async with service.client(peer=LOOPBACK) as monitor:
        answer = await monitor.get("/metrics")
    lines = answer.text.splitlines()
    for wanted in (
        'qingting_messages_total{outcome="stored"} 1.0',
        'qingting_messages_total{outcome="replayed"} 1.0',
        'qingting_messages_total{outcome="conflict"} 1.0',
        'qingting_queued_total{level="moderate",queue="high_risk"} 1.0',
        'qingting_http_requests_total{method="POST",route="/v1/messages",status="200"} 2.0',
        'qingting_http_requests_total{method="POST",route="/v1/messages",status="409"} 1.0',
        'qingting_http_requests_total{method="GET",route="(unmatched)",status="404"} 1.0',
        "qingting_triage_seconds_count 1.0",
    ):
        assert wanted in lines
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(r"process_resident_memory_bytes \d", answer.text)


async def test_strange_methods_do_not_make_new_metrics(service: RunningService) -> None:
    async with service.client(peer=LOOPBACK) as caller:
        for number in range(5):
            await caller.request(f"METHOD{number}", "/healthz")
        text_of = (await caller.get("/metrics")).text
    assert "METHOD" not in text_of
    assert 'method="OTHER"' in text_of
