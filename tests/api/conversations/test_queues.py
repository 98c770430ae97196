"""Queues: the ranking, what each viewer sees, and how long they are."""

from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import update

from api.auth.permissions import Principal, Role
from api.conversations.service import ENTRIES_PER_QUEUE, list_queues
from api.db.tables import ConversationRow
from tests.api.running import START, RunningService, error_code, message_body

COUNSELLOR = Principal(role=Role.COUNSELLOR, id="c")


async def send(backend: AsyncClient, user: str, text: str, **changes: Any) -> str:
    body = message_body(external_id=f"{user}-{text[:4]}", user=user, text=text, **changes)
    answer = await backend.post("/v1/messages", json=body)
    conversation_id: str = answer.json()["conversation_id"]
    return conversation_id


async def read(backend: AsyncClient, name: str) -> dict[str, Any]:
    answer = await backend.get("/v1/queues")
    assert answer.status_code == 200
    found: dict[str, Any] = next(queue for queue in answer.json() if queue["name"] == name)
    return found


async def test_every_queue_is_listed_even_when_empty(backend: AsyncClient) -> None:
    answer = await backend.get("/v1/queues")
    assert [queue["name"] for queue in answer.json()] == [
        "high_risk", "psychology", "legal", "aid", "general",
    ]  # fmt: skip
    assert all(queue["waiting"] == 0 and queue["entries"] == [] for queue in answer.json())


async def test_graver_cases_come_first_then_the_earlier_promise(
    service: RunningService, backend: AsyncClient
) -> None:
    moderate = await send(backend, "a", "我不想活了")
    service.clock.advance(timedelta(seconds=5))
    imminent = await send(backend, "b", "我站在楼顶，不想活了")
    service.clock.advance(timedelta(seconds=5))
    later = await send(backend, "c", "真的不想活了")
    service.clock.advance(timedelta(seconds=5))
    queue = await read(backend, "high_risk")
    assert [entry["conversation_id"] for entry in queue["entries"]] == [imminent, moderate, later]
    assert [entry["position"] for entry in queue["entries"]] == [1, 2, 3]
    assert (queue["waiting"], queue["oldest_waiting_s"]) == (3, 15)
    assert queue["entries"][0]["level_name"] == "imminent"
    assert queue["entries"][0]["signals"] == ["suicide"]
    assert queue["entries"][1]["waiting_since"] == "2026-11-24T12:00:00Z"


async def test_position_in_the_answer_is_the_place_in_the_list(
    service: RunningService, backend: AsyncClient
) -> None:
    texts = ["我有点难过", "😭😭", "好难过", "😭", "难过死了", "有些难过"]
    for user, text in enumerate(texts):
        body = message_body(external_id=f"{user}", user=f"{user}", text=text)
        answer = (await backend.post("/v1/messages", json=body)).json()
        queue = await read(backend, answer["queue"]["name"])
        place = next(e for e in queue["entries"] if e["conversation_id"] == answer["conversation_id"])
        assert place["position"] == answer["queue"]["position"]
        service.clock.advance(timedelta(seconds=1))
    entries = (await read(backend, "psychology"))["entries"]
    assert len(entries) == len(texts)
    promises = [(entry["respond_by"], entry["waiting_since"]) for entry in entries]
    assert all(earlier <= later for earlier, later in pairwise(promises))


async def test_staff_see_the_evidence_of_the_gravest_message(
    service: RunningService, backend: AsyncClient
) -> None:
    await send(backend, "a", "有同学打我")
    await send(backend, "a", "我站在楼顶，不想活了")
    await send(backend, "a", "谢谢你们")
    read_all = partial(list_queues, now=START, viewer=COUNSELLOR)
    queues = await service.database.read(read_all)
    [entry] = queues[0].entries
    assert entry.evidence
    assert {each.signal for each in entry.evidence} >= {"suicide"}
    await service.execute(
        update(ConversationRow).where(ConversationRow.id == entry.conversation_id).values(waiting_since=None)
    )
    queues = await service.database.read(read_all)
    assert (queues[0].waiting, queues[0].entries) == (0, [])


async def test_machines_see_no_evidence(backend: AsyncClient) -> None:
    await send(backend, "a", "我不想活了")
    [entry] = (await read(backend, "high_risk"))["entries"]
    assert "evidence" not in entry
    assert "text" not in entry


async def test_bound_backend_sees_its_channel_with_true_positions(
    service: RunningService, backend: AsyncClient
) -> None:
    await send(backend, "a", "我不想活了", channel="miniprogram")
    own = await send(backend, "b", "我不想活了", channel="yueshengshi")
    token = await service.create_token(channel="yueshengshi")
    async with service.client(token=token) as bound:
        queue = await read(bound, "high_risk")
    assert [entry["conversation_id"] for entry in queue["entries"]] == [own]
    assert queue["entries"][0]["position"] == 2
    assert queue["waiting"] == 2


async def test_long_queues_are_counted_in_full_and_listed_in_part(
    service: RunningService, backend: AsyncClient
) -> None:
    await send(backend, "first", "我有点难过")
    [row] = await service.rows(ConversationRow)
    columns = {c.name: getattr(row, c.name) for c in ConversationRow.table().columns if c.name != "id"}
    more = [
        ConversationRow(**{**columns, "user_ref": f"u{number}"}) for number in range(ENTRIES_PER_QUEUE + 4)
    ]
    await service.database.write(lambda session: session.add_all(more))
    queue = await read(backend, "psychology")
    assert queue["waiting"] == ENTRIES_PER_QUEUE + 5
    assert [entry["position"] for entry in queue["entries"]] == list(range(1, ENTRIES_PER_QUEUE + 1))


@pytest.mark.parametrize("role", [Role.MONITOR], ids=str)
async def test_monitor_may_not_read_queues(service: RunningService, role: Role) -> None:
    async with service.client(token=await service.create_token(role)) as caller:
        answer = await caller.get("/v1/queues")
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")


async def test_chat_page_may_not_read_queues(service: RunningService) -> None:
    async with service.client() as visitor:
        token = (await visitor.post("/v1/sessions")).json()["token"]
    async with service.client(token=token) as page:
        answer = await page.get("/v1/queues")
    assert (answer.status_code, error_code(answer)) == (403, "forbidden")
