"""One conversation on the console: the reply form, what is marked, and the part that comes live."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from api.db.tables import AuditEntryRow, MessageRow
from tests.api.console.staff import counsellor_client, csrf_of
from tests.api.conversations.people import change_conversation, change_turn, chat_page, say
from tests.api.running import START, RunningService, error_code

_FORM_ID = re.compile(r'name="form_id" value="([^"]+)"')


def form_of(page: Response) -> dict[str, str]:
    """The hidden fields of the reply form."""
    found = _FORM_ID.search(page.text)
    assert found
    return {"csrf_token": csrf_of(page), "form_id": found[1]}


async def open_page(client: AsyncClient, conversation_id: UUID) -> Response:
    page = await client.get(f"/console/conversations/{conversation_id}")
    assert page.status_code == 200
    return page


async def test_a_reply_is_sent_and_the_page_shown_again(service: RunningService) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young)
        form = form_of(await open_page(client, conversation_id))
        path = f"/console/conversations/{conversation_id}"
        answer = await client.post(f"{path}/replies", data={**form, "text": "我在\r\n<b>慢慢说</b>"})
        page = await open_page(client, conversation_id)
        read = (await young.get(f"/v1/conversations/{conversation_id}")).json()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}#reply")
    assert "我在\n&lt;b&gt;慢慢说&lt;/b&gt;" in page.text
    assert '<li id="turn-' in page.text
    assert "from-counsellor" in page.text
    assert read["turns"][-1]["text"] == "我在\n<b>慢慢说</b>"


async def test_pressed_twice_it_is_sent_once_and_other_words_are_another_reply(
    service: RunningService,
) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young)
        form = form_of(await open_page(client, conversation_id))
        path = f"/console/conversations/{conversation_id}/replies"
        for text in ("我在", "我在", "还在", "我在"):
            assert (await client.post(path, data={**form, "text": text})).status_code == 303
        fresh = form_of(await open_page(client, conversation_id))
        await client.post(path, data={**fresh, "text": "我在"})
    replies = await service.rows(MessageRow, MessageRow.role == "counsellor")
    assert [turn.text for turn in replies] == ["我在", "还在", "我在"]


@pytest.mark.parametrize(
    ("text", "closed", "status", "words"),
    [
        pytest.param(" \n", False, 422, "回复不能为空", id="empty"),
        pytest.param("好" * 2001, False, 422, "最多 2000 字", id="long"),
        pytest.param("我在这里", True, 409, "已经结束", id="closed"),
    ],
)
async def test_what_could_not_be_sent_stays_in_the_form(
    service: RunningService, text: str, closed: bool, status: int, words: str
) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young)
        if closed:
            await change_conversation(service, conversation_id, closed_at=START)
        form = form_of(await open_page(client, conversation_id))
        path = f"/console/conversations/{conversation_id}/replies"
        answer = await client.post(path, data={**form, "text": text})
    assert answer.status_code == status
    assert words in answer.text
    assert f">\n{text}</textarea>" in answer.text
    assert await service.count(MessageRow, MessageRow.role == "counsellor") == 0


async def test_another_site_cannot_send_the_form(service: RunningService) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        path = f"/console/conversations/{await say(young)}/replies"
        answer = await client.post(path, data={"text": "我在", "form_id": "f", "csrf_token": "x"})
    assert (answer.status_code, error_code(answer)) == (403, "csrf_failed")


async def test_the_live_part_is_the_conversation_without_the_page(service: RunningService) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young)
        part = await client.get(f"/console/conversations/{conversation_id}/talk")
    assert part.text.lstrip().startswith('<div id="talk"')
    assert f'data-conversation="{conversation_id}"' in part.text
    assert "<html" not in part.text
    assert "<form" not in part.text
    assert await service.count(AuditEntryRow, AuditEntryRow.action == "conversation_read") == 1


async def test_recalled_and_held_turns_are_marked(service: RunningService) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young, "我不想活了")
        await young.post("/v1/messages/recall", json={"external_id": "1"})
        await change_turn(service, conversation_id, 2, visible_at=START + timedelta(seconds=1))
        page = (await open_page(client, conversation_id)).text
        service.clock.advance(timedelta(seconds=1))
        later = (await open_page(client, conversation_id)).text
    assert "已撤回" in page
    assert "不想活了<small>轻生</small>" in page
    assert "还没有显示给来访者" in page
    assert "还没有显示给来访者" not in later


async def test_silence_after_a_disclosure_is_told_on_both_pages(service: RunningService) -> None:
    async with chat_page(service) as young, counsellor_client(service) as client:
        conversation_id = await say(young)
        pages = ("/console", f"/console/conversations/{conversation_id}")
        quiet = [(await client.get(path)).text for path in pages]
        await change_conversation(service, conversation_id, silent_since=START)
        silent = [(await client.get(path)).text for path in pages]
    assert all("披露后没有再回" not in page for page in quiet)
    assert all("披露后没有再回" in page and "20:00" in page for page in silent)
