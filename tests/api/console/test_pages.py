"""The console's pages over HTTP: who may see them, and what they show."""

import re
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from api.auth.permissions import Role
from api.db.tables import AuditEntryRow
from tests.api.console.staff import counsellor_client
from tests.api.running import RunningService, message_body

PAGES = ["/console", "/console/queues", "/console/conversations/01890000-0000-7000-8000-000000000000"]
DANGER = "我没有开玩笑，我不想活了"


async def send(backend: AsyncClient, text: str, *, name: str = "m-1") -> str:
    """Send a message of a new person; gives the conversation's id."""
    body = message_body(external_id=name, user=name, text=text)
    response = await backend.post("/v1/messages", json=body)
    assert response.status_code == 200, response.text
    conversation: str = response.json()["conversation_id"]
    return conversation


@pytest.mark.parametrize("path", PAGES)
async def test_strangers_are_sent_to_the_form(service: RunningService, path: str) -> None:
    async with service.client() as client:
        page = await client.get(path, headers={"accept": "text/html"})
        data = await client.get(path, headers={"accept": "application/json"})
        part = await client.get(path, headers={"hx-request": "true"})
    assert (page.status_code, page.headers["location"]) == (303, "/console/sign-in")
    assert data.status_code == 401
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/console/sign-in")


@pytest.mark.parametrize("path", [*PAGES, "/console/events"])
@pytest.mark.parametrize("role", [Role.CHAT_BACKEND, Role.MONITOR])
async def test_machines_may_not_look(service: RunningService, path: str, role: Role) -> None:
    async with service.client(token=await service.create_token(role)) as client:
        assert (await client.get(path)).status_code == 403


async def test_an_entry_with_its_evidence_in_context(service: RunningService, backend: AsyncClient) -> None:
    conversation = await send(backend, DANGER)
    async with counsellor_client(service) as client:
        page = (await client.get("/console")).text
    assert f'data-conversation="{conversation}"' in page
    assert "我没有开玩笑，我<mark>不想活了</mark>" in page
    assert "<title>(1) 高危 · 青听值班台</title>" in page


async def test_the_fragment_is_the_same_list_without_the_page(
    service: RunningService, backend: AsyncClient
) -> None:
    conversation = await send(backend, DANGER)
    async with counsellor_client(service) as client:
        part = (await client.get("/console/queues")).text
    assert part.lstrip().startswith('<div id="queues"')
    assert f'data-conversation="{conversation}"' in part
    assert "<html" not in part


async def test_the_cursor_of_the_page_is_that_of_the_last_change(
    service: RunningService, backend: AsyncClient
) -> None:
    async with counsellor_client(service) as client:
        before = re.search(r"cursor=(\d+)", (await client.get("/console")).text)
        await send(backend, DANGER)
        after = re.search(r"cursor=(\d+)", (await client.get("/console")).text)
    assert before
    assert after
    assert int(after[1]) > int(before[1])


async def test_a_missed_promise_is_marked(service: RunningService, backend: AsyncClient) -> None:
    conversation = await send(backend, DANGER)
    async with counsellor_client(service) as client:
        in_time = (await client.get("/console/queues")).text
        service.clock.advance(timedelta(hours=3))
        late = (await client.get("/console/queues")).text
    entry = re.compile(rf'<li id="entry-{conversation}" class="([^"]+)"')
    assert "overdue" not in (entry.search(in_time) or [""])[0]
    assert "overdue" in (entry.search(late) or [""])[0]
    assert "已超时" in late


async def test_text_is_escaped_everywhere(service: RunningService, backend: AsyncClient) -> None:
    text = '<script>"1"{{ 7*7 }}我不想活了<img src=x>'
    conversation = await send(backend, text)
    async with counsellor_client(service) as client:
        for path in ("/console", f"/console/conversations/{conversation}"):
            page = (await client.get(path)).text
            assert "&lt;script&gt;&#34;1&#34;{{ 7*7 }}我<mark>" in page
            assert "&lt;img src=x" in page
            assert "<img src=x" not in page


async def test_a_conversation_and_the_trace_of_its_reading(
    service: RunningService, backend: AsyncClient
) -> None:
    conversation = await send(backend, f"😢👨‍👩‍👧𠝹\n{DANGER}")
    async with counsellor_client(service) as client:
        page = await client.get(f"/console/conversations/{conversation}")
    assert page.status_code == 200
    assert "😢👨‍👩‍👧𠝹\n我没有开玩笑，我<mark>不想活了<small>轻生</small></mark>" in page.text
    read = await service.rows(AuditEntryRow, AuditEntryRow.action == "conversation_read")
    assert [entry.subject_id for entry in read] == [conversation]


async def test_a_conversation_that_is_not_there(service: RunningService) -> None:
    async with counsellor_client(service) as client:
        assert (await client.get(PAGES[2])).status_code == 404
        assert (await client.get("/console/conversations/none")).status_code == 422


async def test_what_could_not_be_read_is_not_called_harmless(
    service: RunningService, backend: AsyncClient
) -> None:
    body = message_body(text=None, content_type="voice")
    conversation = (await backend.post("/v1/messages", json=body)).json()["conversation_id"]
    async with counsellor_client(service) as client:
        for path in ("/console", f"/console/conversations/{conversation}"):
            page = (await client.get(path)).text
            assert "未能判断" in page
            assert "暂无危险信号" not in page
            assert "非文字内容，需人工查看" in page
