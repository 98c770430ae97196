"""A counsellor watches the queues: what is sent over HTTP stands there, live, with its evidence."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.e2e.browsing import DESK, open_context
from tests.e2e.process import ChatBackend, ServiceProcess

LIVE_WITHIN_MS = 1_000
CONNECT_WITHIN_MS = 10_000


def open_console(page: Page) -> None:
    """Open the queues and wait until they are live."""
    page.goto("/console")
    expect(page.locator("body")).to_have_attribute("data-stream", "live", timeout=CONNECT_WITHIN_MS)


def entry_of(page: Page, conversation_id: str, *, queue: str) -> Locator:
    """The entry of a conversation in a queue."""
    return page.locator(f"#queue-{queue} [data-conversation='{conversation_id}']")


@pytest.mark.parametrize(
    ("text", "queue"),
    [
        pytest.param("我不想活了，现在就在楼顶", "high_risk", id="danger"),
        pytest.param("最近很难过，晚上睡不着，想找人聊聊", "psychology", id="psychology"),
        pytest.param("暑假打工老板拖欠工资，不给怎么办", "legal", id="legal"),
        pytest.param("家里交不起学费，想申请助学金", "aid", id="aid"),
    ],
)
def test_a_message_stands_in_the_right_queue(desk: Page, backend: ChatBackend, text: str, queue: str) -> None:
    answer = backend.send(text)
    assert answer["queue"]["name"] == queue
    open_console(desk)
    expect(entry_of(desk, answer["conversation_id"], queue=queue)).to_be_visible()


def test_a_new_message_appears_without_a_reload_within_a_second(desk: Page, backend: ChatBackend) -> None:
    open_console(desk)
    desk.evaluate("window.notReloaded = true")
    answer = backend.send("他们天天堵我打我，我不敢去学校了")
    entry = entry_of(desk, answer["conversation_id"], queue="high_risk")
    expect(entry).to_be_visible(timeout=LIVE_WITHIN_MS)
    assert desk.evaluate("window.notReloaded")
    expect(desk.locator("#announce")).to_contain_text("新的高危来访")


@pytest.mark.parametrize("late", ["vendor/hx-sse.min.js", "console/console.js"])
def test_a_script_that_comes_late_does_not_leave_the_page_without_its_stream(desk: Page, late: str) -> None:
    def hold_back(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    desk.route(f"**/{late}*", hold_back)
    open_console(desk)


def test_an_entry_tells_all_that_a_counsellor_needs(desk: Page, backend: ChatBackend) -> None:
    answer = backend.send("我没有开玩笑，我不想活了，现在就在楼顶")
    open_console(desk)
    entry = entry_of(desk, answer["conversation_id"], queue="high_risk")
    expect(entry.locator(".badge")).to_contain_text(re.compile("危急|高"))
    expect(entry.locator(".badge svg")).to_be_visible()
    expect(entry.locator(".chip.signal")).to_contain_text("轻生")
    expect(entry.locator(".channel")).to_have_text("小程序")
    expect(entry.locator("blockquote p").first).to_contain_text("我没有开玩笑")
    expect(entry.locator("mark").first).to_be_visible()
    expect(entry.locator(".promise")).to_contain_text(re.compile(r"承诺 \d\d:\d\d 前"))


@pytest.fixture
def own_clock(signed_in: BrowserContext, browser: Browser, service: ServiceProcess) -> Iterator[Page]:
    """A counsellor's page in a profile of its own, whose clock the test may move."""
    context = open_context(
        browser, base_url=service.base_url, viewport=DESK, touch=False, state=signed_in.storage_state()
    )
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def test_the_wait_ticks_and_a_missed_promise_is_marked(own_clock: Page, backend: ChatBackend) -> None:
    answer = backend.send("我不想活了，现在就在楼顶，没有人知道")
    open_console(own_clock)
    entry = entry_of(own_clock, answer["conversation_id"], queue="high_risk")
    wait = entry.locator("[data-wait-since]")
    before = wait.inner_text()
    expect(entry).not_to_have_class(re.compile("overdue"))
    own_clock.clock.fast_forward(120_000)
    expect(entry).to_have_class(re.compile("overdue"))
    expect(entry.locator(".left")).to_contain_text("已超时")
    assert wait.inner_text() != before


def test_high_risk_comes_first_and_is_counted_in_the_title(desk: Page, backend: ChatBackend) -> None:
    backend.send("我不想活了，今晚就走")
    open_console(desk)
    waiting = desk.locator("#queues").get_attribute("data-urgent")
    assert int(waiting or 0) > 0
    assert desk.title() == f"({waiting}) 高危 · 青听值班台"
    expect(desk.locator("section.queue").first).to_have_id("queue-high_risk")


def test_what_no_machine_could_read_says_so(desk: Page, backend: ChatBackend) -> None:
    answer = backend.send("", content_type="voice")
    open_console(desk)
    entry = entry_of(desk, answer["conversation_id"], queue=answer["queue"]["name"])
    expect(entry.locator(".badge")).to_contain_text("未能判断")
    expect(entry.locator(".degraded")).to_contain_text("非文字内容")


def test_evidence_is_marked_in_place_beyond_the_basic_plane(desk: Page, backend: ChatBackend) -> None:
    text = "😢👨‍👩‍👧𠝹咗手\n我不想活了🥀，对不起"
    answer = backend.send(text)
    quoted = {each["text"] for each in answer["triage"]["evidence"]}
    assert quoted
    desk.goto(f"/console/conversations/{answer['conversation_id']}")
    bubble = desk.locator(".from-youth .text")
    marks = bubble.evaluate("p => [...p.querySelectorAll('mark')].map(m => m.firstChild.textContent)")
    assert "".join(marks) in "".join(sorted(quoted, key=text.index))
    assert set(marks) <= quoted
    shown = bubble.evaluate(
        "p => { p.querySelectorAll('mark small').forEach(s => s.remove()); return p.textContent }"
    )
    assert shown == text


def test_the_queues_can_be_walked_by_keyboard(desk: Page, backend: ChatBackend) -> None:
    answer = backend.send("我不想活了，就在桥上")
    open_console(desk)
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.className") == "skip"
    link = entry_of(desk, answer["conversation_id"], queue="high_risk").locator("a.open")
    for _ in range(200):
        desk.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/console/conversations/{answer['conversation_id']}")


def test_focus_stays_where_it_was_when_the_list_changes(desk: Page, backend: ChatBackend) -> None:
    first = backend.send("我不想活了，谁都别管我")
    open_console(desk)
    link = entry_of(desk, first["conversation_id"], queue="high_risk").locator("a.open")
    link.focus()
    second = backend.send("我不想活了，已经在楼顶了")
    expect(entry_of(desk, second["conversation_id"], queue="high_risk")).to_be_visible()
    expect(link).to_be_focused()


def test_what_the_chat_page_sends_stands_on_the_console(phone: Page, desk: Page) -> None:
    open_console(desk)
    phone.get_by_label("写给我们的话").fill("我不想活了，谁来帮帮我")
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator(".from-youth")).to_have_attribute("data-state", "sent")
    session = json.loads(phone.evaluate("sessionStorage.getItem('qingting.session')"))
    entry = entry_of(desk, session["conversation_id"], queue="high_risk")
    expect(entry).to_be_visible(timeout=LIVE_WITHIN_MS)
    expect(entry.locator(".channel")).to_have_text("网页")
