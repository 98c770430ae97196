"""Replies that are held back for a moment, and hours without counsellors: a service with settings of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from api.clock import CHINA
from tests.e2e.browsing import PHONE, Watch, open_context
from tests.e2e.chatting import expect_delivered, open_another_tab, replies, say, write
from tests.e2e.process import ServiceProcess

HOLD_MS = 4_000
SHOWN_WITHIN_MS = 3 * HOLD_MS
READING = "AI助手正在看你写的话"


def closed_now() -> str:
    """Hours that begin twelve hours from now, as the operator writes them."""
    opens = datetime.now(UTC).astimezone(CHINA) + timedelta(hours=12)
    return f"{opens:%H}:00-{opens:%H}:59"


@pytest.fixture(scope="module")
def slow_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that holds replies back, at a time when no counsellor works."""
    folder = tmp_path_factory.mktemp("slow")
    process = ServiceProcess(folder, REPLY_DELAY_MS=str(HOLD_MS), SERVICE_HOURS=closed_now())
    process.start()
    yield process
    process.stop()


@pytest.fixture
def page(slow_service: ServiceProcess, browser: Browser) -> Iterator[Page]:
    """The chat page of that service on a small phone."""
    context = open_context(browser, base_url=slow_service.base_url, viewport=PHONE, touch=True)
    watch = Watch(base_url=slow_service.base_url)
    opened = context.new_page()
    watch.follow(opened)
    opened.goto("/")
    yield opened
    context.close()
    watch.assert_clean()


def test_messages_in_a_row_get_one_answer(page: Page) -> None:
    for words in ("我有件事", "不知道怎么说", "是学校里的"):
        write(page, words)
    expect_delivered(page, "是学校里的")
    expect(replies(page)).to_have_count(1, timeout=SHOWN_WITHIN_MS)
    said = page.locator("article .text").all_text_contents()
    page.reload()
    expect(page.locator("article .text")).to_have_text(said)


def test_a_held_reply_is_shown_when_due_and_dropped_by_the_next_message(page: Page) -> None:
    say(page, "最近总是睡不着")
    expect(page.get_by_text(READING)).to_be_visible()
    expect(replies(page)).to_have_count(0)
    say(page, "上课也听不进去")
    expect(replies(page)).to_have_count(0)
    expect(replies(page)).to_have_count(1, timeout=SHOWN_WITHIN_MS)
    expect(page.get_by_text(READING)).to_be_hidden()
    own = page.locator(".from-youth", has_text="上课也听不进去")
    assert own.evaluate("own => own.nextElementSibling.classList.contains('from-assistant')")


def test_a_held_reply_is_shown_once_without_a_stream_too(page: Page) -> None:
    page.route("**/stream?*", lambda route: route.abort())
    say(page, "我想说说家里的事")
    expect(replies(page)).to_have_count(1, timeout=SHOWN_WITHIN_MS)
    said = page.locator("article .text").all_text_contents()
    with page.expect_response("**/updates?*"), page.expect_response("**/updates?*"):
        pass
    expect(page.locator("article .text")).to_have_text(said)


def test_a_held_reply_comes_after_a_reload(page: Page) -> None:
    say(page, "我想说说学习的事")
    page.reload()
    expect_delivered(page, "我想说说学习的事")
    expect(replies(page)).to_have_count(1, timeout=SHOWN_WITHIN_MS)


def test_a_message_of_another_tab_drops_the_held_reply(page: Page, slow_service: ServiceProcess) -> None:
    watch = Watch(base_url=slow_service.base_url)
    say(page, "先开个头")
    tab = open_another_tab(page, watch)
    expect_delivered(tab, "先开个头")
    say(page, "这边再写一句")
    say(tab, "那边接着写")
    expect(page.locator(".from-youth")).to_have_count(3)
    expect(replies(tab)).to_have_count(1, timeout=SHOWN_WITHIN_MS)
    expect(replies(page)).to_have_count(1)
    watch.assert_clean()


def test_out_of_hours_the_page_says_so(page: Page) -> None:
    say(page, "打工的钱没有给我")
    wait = page.locator("#wait")
    expect(wait).to_contain_text("现在不在值班时间")
    expect(wait).to_contain_text("12355")
    expect(wait).to_contain_text("110")
    # An update that follows does not forget it.
    expect(replies(page)).to_have_count(1, timeout=SHOWN_WITHIN_MS)
    expect(wait).to_contain_text("现在不在值班时间")
