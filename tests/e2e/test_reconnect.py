"""The network or the service goes away under an open page: the page says so, and nothing is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browsing import DESK, PHONE, open_context, sign_in_first_time
from tests.e2e.chatting import answer_as_counsellor, expect_answered, open_as_counsellor, replies, say, write
from tests.e2e.process import ChatBackend, ServiceProcess

NOTICED_WITHIN_MS = 15_000
BACK_WITHIN_MS = 20_000


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that this module may kill."""
    process = ServiceProcess(tmp_path_factory.mktemp("cut"))
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def own_backend(own_service: ServiceProcess) -> ChatBackend:
    """A chat backend of that service."""
    return ChatBackend(own_service, name="cut")


@pytest.fixture(scope="module")
def own_context(own_service: ServiceProcess, browser: Browser) -> Iterator[BrowserContext]:
    """A counsellor signed in there."""
    context = open_context(browser, base_url=own_service.base_url, viewport=DESK, touch=False)
    sign_in_first_time(context.new_page(), name="watcher", password=own_service.create_account("watcher"))
    yield context
    context.close()


@pytest.fixture
def console(own_context: BrowserContext) -> Iterator[Page]:
    """The live console."""
    page = own_context.new_page()
    page.goto("/console")
    expect_stream(page, "live")
    page.evaluate("window.notReloaded = true")
    yield page
    assert page.evaluate("window.notReloaded")
    page.close()


def expect_stream(page: Page, state: str) -> None:
    """The page says how its connection is."""
    expect(page.locator("body")).to_have_attribute("data-stream", state, timeout=BACK_WITHIN_MS)


def test_a_network_cut_is_told_and_made_up_for(console: Page, own_backend: ChatBackend) -> None:
    console.context.set_offline(True)
    expect(console.get_by_text("连接已断开，正在重连")).to_be_visible(timeout=NOTICED_WITHIN_MS)
    missed = [own_backend.send(f"我不想活了，第{number}次说")["conversation_id"] for number in range(3)]
    console.context.set_offline(False)
    expect_stream(console, "live")
    for conversation in missed:
        expect(console.locator(f"[data-conversation='{conversation}']")).to_be_visible()


def test_a_restart_of_the_service_loses_nothing(
    console: Page, own_service: ServiceProcess, own_backend: ChatBackend
) -> None:
    before = own_backend.send("我不想活了，停电以前")["conversation_id"]
    expect(console.locator(f"[data-conversation='{before}']")).to_be_visible()
    asked: list[str | None] = []
    console.on(
        "request",
        lambda request: (
            asked.append(request.headers.get("last-event-id")) if "/console/events" in request.url else None
        ),
    )
    own_service.cut()
    expect(console.get_by_text("连接已断开，正在重连")).to_be_visible(timeout=NOTICED_WITHIN_MS)
    own_service.start()
    after = own_backend.send("我不想活了，来电以后")["conversation_id"]
    expect_stream(console, "live")
    for conversation in (before, after):
        expect(console.locator(f"[data-conversation='{conversation}']")).to_be_visible()
    # It came back with the cursor of the last event it had seen.
    assert asked[-1] is not None
    assert int(asked[-1]) > 0


def test_a_message_written_while_the_service_is_down_arrives_once(
    own_service: ServiceProcess, browser: Browser
) -> None:
    context = open_context(browser, base_url=own_service.base_url, viewport=PHONE, touch=True)
    phone = context.new_page()
    phone.goto("/")
    own_service.cut()
    phone.get_by_label("写给我们的话").fill("有人在吗，我想说说话")
    phone.get_by_role("button", name="发送").click()
    bubble = phone.locator(".from-youth", has_text="有人在吗")
    expect(bubble).to_have_attribute("data-state", "failed", timeout=NOTICED_WITHIN_MS)
    own_service.start()
    expect(bubble).to_have_attribute("data-state", "sent", timeout=2 * BACK_WITHIN_MS)
    phone.reload()
    expect(phone.locator(".from-youth", has_text="有人在吗")).to_have_count(1)
    context.close()


@pytest.fixture
def chat(own_service: ServiceProcess, browser: Browser) -> Iterator[Page]:
    """The chat page of that service on a small phone, in a conversation that goes on."""
    context = open_context(browser, base_url=own_service.base_url, viewport=PHONE, touch=True)
    page = context.new_page()
    page.goto("/")
    say(page, "我想说说学校的事")
    expect(replies(page)).to_have_count(1)
    page.evaluate("window.notReloaded = true")
    yield page
    context.close()


def test_the_chat_page_catches_up_after_a_kill(
    chat: Page, own_context: BrowserContext, own_service: ServiceProcess
) -> None:
    desk = own_context.new_page()
    answer_as_counsellor(desk, chat, "停电以前说的")
    expect_answered(chat, "停电以前说的")
    own_service.cut()
    write(chat, "停电时写的")
    notice = chat.get_by_role("alert").filter(has_text="暂时连不上")
    expect(notice).to_be_visible(timeout=NOTICED_WITHIN_MS)
    own_service.start()
    answer_as_counsellor(desk, chat, "来电以后说的")
    expect_answered(chat, "来电以后说的")
    bubble = chat.locator(".from-youth", has_text="停电时写的")
    expect(bubble).to_have_attribute("data-state", "sent", timeout=2 * BACK_WITHIN_MS)
    expect(notice).to_be_hidden()
    assert chat.evaluate("window.notReloaded")
    said = chat.locator("article .text")
    words = said.all_text_contents()
    assert len(set(words)) == len(words)
    chat.reload()
    expect(said).to_have_count(len(words))
    assert sorted(said.all_text_contents()) == sorted(words)
    desk.close()


def test_the_chat_page_says_that_it_is_cut_off_while_it_waits(
    chat: Page, own_context: BrowserContext, own_service: ServiceProcess
) -> None:
    desk = own_context.new_page()
    open_as_counsellor(desk, chat).press_sequentially("好")
    typing = chat.get_by_text("值班老师正在输入")
    expect(typing).to_be_visible(timeout=NOTICED_WITHIN_MS)
    own_service.cut()
    notice = chat.get_by_role("alert").filter(has_text="暂时连不上")
    expect(notice).to_be_visible(timeout=NOTICED_WITHIN_MS)
    expect(typing).to_be_hidden()
    own_service.start()
    expect(notice).to_be_hidden(timeout=2 * BACK_WITHIN_MS)
    desk.close()


def test_what_is_said_while_the_phone_is_cut_off_is_made_up_for(
    chat: Page, own_context: BrowserContext
) -> None:
    desk = own_context.new_page()
    chat.context.set_offline(True)
    expect(chat.get_by_role("alert").filter(has_text="暂时连不上")).to_be_visible()
    for words in ("第一句", "第二句"):
        answer_as_counsellor(desk, chat, words)
    expect(chat.locator(".from-counsellor")).to_have_count(0)
    chat.context.set_offline(False)
    expect(chat.locator(".from-counsellor .text")).to_have_text(["第一句", "第二句"], timeout=BACK_WITHIN_MS)
    desk.close()
