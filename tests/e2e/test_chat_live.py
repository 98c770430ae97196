"""The chat page follows the conversation: a counsellor's words, another tab's, and what was taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browsing import Watch
from tests.e2e.chatting import (
    LIVE_WITHIN_MS,
    answer_as_counsellor,
    conversation_of,
    expect_answered,
    expect_delivered,
    fits_its_screen,
    open_another_tab,
    open_as_counsellor,
    replies,
    say,
    write,
)

STREAM = "**/stream?*"


def test_a_counsellors_reply_arrives_by_itself(phone: Page, desk: Page) -> None:
    say(phone, "我想和老师说说话")
    expect(replies(phone)).to_have_count(1)
    answer_as_counsellor(desk, phone, "我是值班老师，我在看。\n你慢慢说，急事打12355。")
    expect_answered(phone, "我在看")
    bubble = phone.locator(".from-counsellor")
    expect(bubble.locator(".tag")).to_have_text("值班老师")
    expect(bubble.locator("a[href='tel:12355']")).to_be_visible()
    expect(phone.locator("#choices button")).to_have_count(0)
    expect(phone.locator("#wait")).to_be_hidden()
    assert fits_its_screen(phone)


def test_while_a_counsellor_talks_the_assistant_keeps_still(phone: Page, desk: Page) -> None:
    say(phone, "我想和老师说说话")
    expect(replies(phone)).to_have_count(1)
    answer_as_counsellor(desk, phone, "我来了")
    expect_answered(phone, "我来了")
    say(phone, "好的老师")
    expect(phone.locator("#reading")).to_be_hidden()
    expect(phone.locator("#wait")).to_be_visible()
    answer_as_counsellor(desk, phone, "今天过得怎么样")
    expect_answered(phone, "今天过得怎么样")
    expect(replies(phone)).to_have_count(1)


def test_a_reload_shows_everything_once_and_in_order(phone: Page, desk: Page) -> None:
    say(phone, "第一句话")
    expect(replies(phone)).to_have_count(1)
    answer_as_counsellor(desk, phone, "老师的第一句")
    expect_answered(phone, "老师的第一句")
    say(phone, "第二句话")
    answer_as_counsellor(desk, phone, "老师的第二句")
    expect_answered(phone, "老师的第二句")
    said = phone.locator("article .text").all_text_contents()
    phone.reload()
    expect(phone.locator("article .text")).to_have_text(said)
    expect(phone.locator("#log")).not_to_have_attribute("aria-busy", "true")


def test_what_another_tab_writes_appears_once(phone: Page, watch: Watch) -> None:
    say(phone, "这边写的")
    expect(replies(phone)).to_have_count(1)
    tab = open_another_tab(phone, watch)
    expect(tab.locator(".from-youth .text")).to_have_text(["这边写的"])
    say(tab, "那边写的")
    expect(phone.locator(".from-youth .text")).to_have_text(["这边写的", "那边写的"], timeout=LIVE_WITHIN_MS)
    expect(replies(phone)).to_have_count(2)
    expect(replies(tab)).to_have_count(2)


def test_typing_is_told_to_both_sides(phone: Page, desk: Page) -> None:
    say(phone, "老师在吗")
    told: list[str] = []
    phone.on("request", lambda request: told.append(request.url) if "/typing" in request.url else None)
    with phone.expect_response("**/typing") as answered:
        phone.get_by_label("写给我们的话").press_sequentially("我想问")
    assert answered.value.status == 204
    assert len(told) == 1
    open_as_counsellor(desk, phone).press_sequentially("在")
    expect(phone.get_by_text("值班老师正在输入")).to_be_visible(timeout=LIVE_WITHIN_MS)
    desk.get_by_role("button", name="发送").click()
    expect_answered(phone, "在")
    expect(phone.get_by_text("值班老师正在输入")).to_be_hidden()


def test_before_the_first_message_nobody_is_told_of_typing(phone: Page) -> None:
    told: list[str] = []
    phone.on("request", lambda request: told.append(request.url) if "/v1/" in request.url else None)
    phone.get_by_label("写给我们的话").press_sequentially("还在想")
    assert told == []


def test_a_message_can_be_taken_back_and_written_anew(phone: Page, desk: Page) -> None:
    say(phone, "我叫王小明")
    phone.locator(".from-youth .text").tap()
    phone.get_by_role("button", name="撤回").tap()
    expect(phone.locator(".recalled")).to_contain_text("你撤回了一条消息")
    expect(phone.get_by_text("我叫王小明")).to_have_count(0)
    open_as_counsellor(desk, phone)
    expect(desk.locator(".from-youth.recalled")).to_contain_text("已撤回")
    phone.get_by_role("button", name="重新编辑").tap()
    expect(phone.get_by_label("写给我们的话")).to_have_value("我叫王小明")
    expect(phone.get_by_label("写给我们的话")).to_be_focused()
    phone.reload()
    expect(phone.locator(".recalled")).to_contain_text("你撤回了一条消息")
    expect(phone.get_by_role("button", name="重新编辑")).to_have_count(0)


def test_a_message_can_be_taken_back_by_keyboard_after_a_reload(phone: Page) -> None:
    say(phone, "键盘也可以撤回")
    phone.reload()
    expect_delivered(phone, "键盘也可以撤回")
    button = phone.get_by_role("button", name="撤回 这条消息")
    button.focus()
    expect(button).to_have_css("opacity", "1")
    button.press("Enter")
    expect(phone.get_by_role("button", name="重新编辑")).to_be_focused()


def test_a_message_not_taken_back_says_so_and_can_be_tried_again(phone: Page) -> None:
    say(phone, "网络不好也不要紧")
    phone.route("**/recall", lambda route: route.abort())
    phone.locator(".from-youth .text").tap()
    phone.get_by_role("button", name="撤回").tap()
    expect(phone.get_by_text("这条没能撤回")).to_be_visible()
    phone.unroute("**/recall")
    phone.get_by_role("button", name="撤回").tap()
    expect(phone.locator(".recalled")).to_be_visible()


def test_what_one_tab_takes_back_is_gone_in_the_other(phone: Page, watch: Watch) -> None:
    say(phone, "只说给你听")
    tab = open_another_tab(phone, watch)
    expect_delivered(tab, "只说给你听")
    phone.locator(".from-youth .text").tap()
    phone.get_by_role("button", name="撤回").tap()
    expect(tab.locator(".recalled")).to_be_visible(timeout=LIVE_WITHIN_MS)


def refuse(route: Route) -> None:
    """As a gateway that lets no stream through."""
    route.fulfill(status=502, body="")


def end_at_once(route: Route) -> None:
    """As a gateway that ends every stream."""
    route.fulfill(status=200, content_type="text/event-stream", body="")


@pytest.mark.parametrize("break_stream", [refuse, end_at_once, lambda route: route.abort()])
def test_without_a_stream_the_page_asks(
    phone: Page, desk: Page, break_stream: Callable[[Route], None]
) -> None:
    phone.route(STREAM, break_stream)
    say(phone, "我这里连得不好")
    answer_as_counsellor(desk, phone, "没关系，我在")
    expect_answered(phone, "没关系，我在")
    expect(phone.locator("#offline")).to_be_hidden()


def test_a_page_without_streams_asks(phone: Page, desk: Page) -> None:
    phone.add_init_script("delete window.ReadableStream")
    phone.reload()
    say(phone, "旧手机也可以")
    answer_as_counsellor(desk, phone, "可以的")
    expect_answered(phone, "可以的")


def test_a_stream_is_tried_again_after_a_while(phone: Page, desk: Page) -> None:
    phone.clock.install()
    phone.reload()
    phone.route(STREAM, refuse)
    with phone.expect_response(STREAM):
        write(phone, "先用慢的")
    expect_delivered(phone, "先用慢的")
    phone.unroute(STREAM)
    with phone.expect_response(STREAM) as answered:
        phone.clock.fast_forward(20_000)
    assert answered.value.status == 200
    answer_as_counsellor(desk, phone, "又快了")
    expect_answered(phone, "又快了")


def test_a_stream_that_brings_nothing_is_given_up(phone: Page, desk: Page) -> None:
    phone.clock.install()
    phone.reload()
    phone.route(STREAM, lambda route: None)
    with phone.expect_request(STREAM):
        write(phone, "网关把流扣住了")
    expect_delivered(phone, "网关把流扣住了")
    answer_as_counsellor(desk, phone, "还是到了")
    expect(phone.locator(".from-counsellor")).to_have_count(0)
    phone.clock.fast_forward(9_000)
    expect_answered(phone, "还是到了")


def test_after_a_sleep_a_dead_stream_is_not_waited_for(phone: Page) -> None:
    phone.clock.install()
    phone.reload()
    say(phone, "放下手机一会儿")
    expect(replies(phone)).to_have_count(1)
    phone.clock.pause_at(phone.evaluate("Date.now() + 60_000"))
    with phone.expect_request(STREAM):
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_who_reads_further_up_is_told_and_not_pulled_away(phone: Page, desk: Page) -> None:
    for number in range(3):
        say(phone, f"第{number}段很长的话。" * 12)
    expect(replies(phone)).to_have_count(3)
    open_as_counsellor(desk, phone)
    phone.locator("#talk").evaluate("talk => { talk.scrollTop = 0 }")
    answer_as_counsellor(desk, phone, "看到了")
    expect_answered(phone, "看到了")
    assert phone.locator("#talk").evaluate("talk => talk.scrollTop") == 0
    phone.get_by_role("button", name="看新消息").tap()
    expect(phone.get_by_text("看到了")).to_be_in_viewport()
    expect(phone.locator("#newer")).to_be_hidden()


def test_in_a_web_view_nothing_that_matters_is_missing(phone: Page) -> None:
    phone.goto("/?embed=1")
    expect(phone.get_by_role("log")).to_contain_text("不是真人")
    expect(phone.get_by_role("navigation").locator("a[href='tel:110']")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="快速离开")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="大字")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="找值班老师")).to_be_in_viewport()
    say(phone, "从小程序来的")
    assert conversation_of(phone)
    assert phone.context.cookies() == []
    assert phone.evaluate("document.cookie") == ""


def test_a_fresh_page_begins_with_who_is_speaking(phone: Page) -> None:
    expect(phone.locator("article").first).to_be_in_viewport()


def test_magnified_four_times_it_can_still_be_used(phone: Page) -> None:
    phone.set_viewport_size({"width": 320, "height": 256})
    say(phone, "放大了也能用")
    expect(replies(phone)).to_have_count(1)
    assert fits_its_screen(phone)
    assert phone.locator("#talk").evaluate("talk => talk.clientHeight") >= 140
