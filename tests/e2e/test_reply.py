"""A counsellor answers on the console: sent by keyboard, stored once, and what is written meanwhile comes live."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.process import ChatBackend

LIVE_WITHIN_MS = 2_000
CONNECT_WITHIN_MS = 10_000
DANGER = "我不想活了，现在就在楼顶"


def open_conversation(page: Page, conversation_id: str) -> None:
    """Open a conversation and wait until it is live."""
    page.goto(f"/console/conversations/{conversation_id}")
    expect(page.locator("body")).to_have_attribute("data-stream", "live", timeout=CONNECT_WITHIN_MS)


def test_what_is_written_meanwhile_comes_without_a_reload_and_disturbs_no_draft(
    desk: Page, backend: ChatBackend
) -> None:
    answer = backend.send(DANGER, user="live")
    open_conversation(desk, answer["conversation_id"])
    desk.evaluate("window.notReloaded = true")
    desk.get_by_label("回复").fill("我在，你")
    backend.send("你们在吗", user="live")
    expect(desk.locator(".from-youth")).to_have_count(2, timeout=LIVE_WITHIN_MS)
    expect(desk.locator("#announce")).to_have_text("来访者写了新的内容")
    expect(desk.get_by_label("回复")).to_have_value("我在，你")
    expect(desk.get_by_label("回复")).to_be_focused()
    backend.send("我不想活了", user="someone else")
    assert desk.evaluate("window.notReloaded")


def test_a_reply_is_sent_by_keyboard_and_a_reload_does_not_send_it_again(
    desk: Page, backend: ChatBackend
) -> None:
    answer = backend.send(DANGER, user="keyboard")
    open_conversation(desk, answer["conversation_id"])
    with desk.expect_response(re.compile("/typing$")) as noticed:
        desk.get_by_label("回复").press_sequentially("我在，你慢慢说")
    assert noticed.value.status == 204
    desk.get_by_label("回复").press("Control+Enter")
    expect(desk.locator(".from-counsellor .text")).to_have_text("我在，你慢慢说")
    expect(desk.get_by_label("回复")).to_have_value("")
    desk.reload()
    expect(desk.locator(".from-counsellor")).to_have_count(1)
    turns = backend.read(f"/v1/conversations/{answer['conversation_id']}")["turns"]
    assert [turn["role"] for turn in turns].count("counsellor") == 1
