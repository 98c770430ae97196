"""A young person writes on a small phone; whatever the network does, nothing typed is lost."""

import json
import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.browsing import Watch
from tests.e2e.chatting import ANSWER_WITHIN_MS, expect_delivered, fits_its_screen, replies, write


def test_says_what_it_is_and_keeps_help_in_reach(phone: Page) -> None:
    opening = phone.get_by_role("log")
    expect(opening).to_contain_text("AI助手")
    expect(opening).to_contain_text("值班老师")
    expect(opening).to_contain_text("免费")
    for number in ("110", "120", "12355", "12356"):
        expect(phone.get_by_role("navigation").locator(f"a[href='tel:{number}']")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="快速离开")).to_be_in_viewport()
    expect(phone.get_by_role("button", name="找值班老师")).to_be_in_viewport()
    assert fits_its_screen(phone)


def test_a_conversation(phone: Page) -> None:
    write(phone, "最近总是睡不着，上课也听不进去")
    expect_delivered(phone, "最近总是睡不着")
    answer = phone.locator(".from-assistant", has=phone.locator("time")).first
    expect(answer).to_contain_text("AI助手")
    expect(phone.get_by_label("写给我们的话")).to_have_value("")
    expect(phone.locator("#wait")).to_contain_text(re.compile(r"老师会在 \d\d:\d\d 前来看你的消息"))
    assert fits_its_screen(phone)


def test_a_quick_reply_is_one_tap(phone: Page) -> None:
    phone.get_by_role("group", name="可以点一句来回答").get_by_role("button", name="只是想说说话").tap()
    expect_delivered(phone, "只是想说说话")
    expect(phone.locator("#choices").get_by_text("只是想说说话")).to_have_count(0)


def test_a_person_can_be_asked_for(phone: Page) -> None:
    phone.get_by_role("button", name="找值班老师").tap()
    expect_delivered(phone, "转人工")
    expect(phone.locator(".from-assistant").last).to_contain_text("老师", timeout=ANSWER_WITHIN_MS)


def test_danger_is_answered_with_numbers_that_dial(phone: Page) -> None:
    write(phone, "我不想活了，现在就在楼顶")
    expect(phone.locator(".from-assistant .text a[href='tel:110']")).to_be_visible(timeout=ANSWER_WITHIN_MS)


def test_a_reload_keeps_what_was_said(phone: Page) -> None:
    write(phone, "刚搬来新学校，没有朋友")
    expect_delivered(phone, "没有朋友")
    expect(replies(phone)).to_have_count(1)
    said = phone.locator("article .text").all_text_contents()
    phone.reload()
    expect_delivered(phone, "没有朋友")
    expect(phone.locator("article .text")).to_have_text(said)


def test_a_draft_survives_a_reload(phone: Page) -> None:
    phone.get_by_label("写给我们的话").fill("还没想好怎么说")
    phone.reload()
    expect(phone.get_by_label("写给我们的话")).to_have_value("还没想好怎么说")


def test_without_network_it_waits_and_shows_whom_to_call(phone: Page) -> None:
    phone.context.set_offline(True)
    write(phone, "我在地铁里，信号不好")
    bubble = phone.locator(".from-youth", has_text="信号不好")
    expect(bubble).to_have_attribute("data-state", "failed", timeout=ANSWER_WITHIN_MS)
    expect(bubble.get_by_role("button", name="现在再试")).to_be_visible()
    notice = phone.get_by_role("alert").filter(has_text="暂时连不上")
    for number in ("110", "12355", "12356"):
        expect(notice.locator(f"a[href='tel:{number}']")).to_be_visible()
    phone.context.set_offline(False)
    expect_delivered(phone, "信号不好")
    expect(notice).to_be_hidden()


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_id(phone: Page) -> None:
    sent: list[str] = []

    def lose_first_answer(route: Route, request: Request) -> None:
        sent.append(json.loads(request.post_data or "")["external_id"])
        answer = route.fetch()
        if len(sent) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    phone.route("**/v1/messages", lose_first_answer)
    write(phone, "这一条只应该存一次")
    expect_delivered(phone, "只应该存一次")
    assert len(sent) == 2
    assert len(set(sent)) == 1
    phone.unroute("**/v1/messages")
    phone.reload()
    expect(phone.locator(".from-youth", has_text="只应该存一次")).to_have_count(1)


def test_an_answer_lost_before_a_reload_is_not_shown_twice(phone: Page) -> None:
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    write(phone, "先打个招呼")
    expect_delivered(phone, "先打个招呼")
    phone.route("**/v1/messages", lose_answer)
    write(phone, "这句存好了但没收到回答")
    expect(phone.locator(".from-youth").last).to_have_attribute("data-state", "failed")
    phone.unroute("**/v1/messages")
    phone.reload()
    expect_delivered(phone, "没收到回答")
    expect(phone.locator(".from-youth")).to_have_count(2)


def test_what_waits_survives_a_reload(phone: Page) -> None:
    phone.route("**/v1/messages", lambda route: route.abort())
    write(phone, "先写下来")
    write(phone, "再写一句")
    expect(phone.locator(".from-youth").first).to_have_attribute("data-state", "failed")
    phone.unroute("**/v1/messages")
    phone.reload()
    expect_delivered(phone, "先写下来")
    expect_delivered(phone, "再写一句")
    expect(phone.locator(".from-youth .text")).to_have_text(["先写下来", "再写一句"])


def test_a_message_that_is_too_long_stays_in_the_field(phone: Page) -> None:
    words = "长" * 20_001
    write(phone, words)
    expect(phone.get_by_role("alert").filter(has_text="分成几条")).to_be_visible()
    expect(phone.get_by_label("写给我们的话")).to_have_value(words)
    expect(phone.locator(".from-youth")).to_have_count(0)


def test_enter_that_picks_a_chinese_word_does_not_send(phone: Page) -> None:
    field = phone.get_by_label("写给我们的话")
    field.fill("ni hao")
    field.evaluate(
        "field => field.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(phone.locator(".from-youth")).to_have_count(0)
    field.press("Enter")
    expect_delivered(phone, "ni hao")


@pytest.mark.parametrize("clock", ["1970-01-01T00:00:00Z", "2099-06-01T00:00:00Z"])
def test_a_wrong_clock_keeps_nobody_from_writing(phone: Page, clock: str) -> None:
    phone.clock.install(time=clock)
    phone.reload()
    for words in ("手机时间不对", "还能发吗"):
        write(phone, words)
        expect_delivered(phone, words)
    phone.reload()
    expect(phone.locator(".from-youth .text")).to_have_text(["手机时间不对", "还能发吗"])


def test_half_a_character_does_not_stop_the_rest(phone: Page) -> None:
    phone.get_by_label("写给我们的话").evaluate("field => { field.value = '好的\\ud83d' }")
    phone.get_by_role("button", name="发送").click()
    expect_delivered(phone, "好的")


def test_large_letters_are_kept_and_still_fit(phone: Page) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('.text')).fontSize)"
    before = phone.evaluate(size)
    phone.get_by_role("button", name="大字").tap()
    phone.reload()
    expect(phone.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    assert phone.evaluate(size) >= before * 1.2
    assert fits_its_screen(phone)


def test_leaving_quickly_leaves_nothing(phone: Page, watch: Watch) -> None:
    write(phone, "有人进来了")
    expect_delivered(phone, "有人进来了")
    target = phone.locator("#quick-exit").get_attribute("data-url") or ""
    watch.allowed_origins.add(target.rstrip("/"))
    phone.route(
        f"{target}**", lambda route: route.fulfill(body="<title>天气</title>", content_type="text/html")
    )
    phone.get_by_role("button", name="快速离开").tap()
    phone.wait_for_url(f"{target}**")
    phone.goto(f"{watch.base_url}/")
    assert phone.evaluate("sessionStorage.getItem('qingting.session')") is None
    expect(phone.get_by_text("有人进来了")).to_have_count(0)


def test_an_answer_that_comes_after_leaving_brings_nothing_back(phone: Page) -> None:
    kept = phone.evaluate(
        """async () => {
            const { storage } = await import('/static/chat/session.js');
            storage.forgetAll();
            storage.keepSession({ token: 'late' });
            return sessionStorage.length;
        }"""
    )
    assert kept == 0
