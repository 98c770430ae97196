"""WCAG 2.2 AA as far as a machine can tell (axe-core), in light and dark, and with the letters made large."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.assets import ROOT, TEST_ONLY
from tests.e2e.browsing import PHONE, open_context
from tests.e2e.chatting import (
    answer_as_counsellor,
    expect_answered,
    fits_its_screen,
    open_as_counsellor,
    replies,
    say,
)
from tests.e2e.process import ChatBackend, ServiceProcess

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = ROOT / "assets" / "node_modules" / TEST_ONLY[0]


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds: rule, and the elements that break it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        {"rule": each["id"], "elements": [node["html"][:160] for node in each["nodes"]]}
        for each in found["violations"]
    ]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """The colour scheme the person's device asks for."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def visitor(service: ServiceProcess, browser: Browser) -> Iterator[Page]:
    """A phone that is not signed in."""
    context = open_context(browser, base_url=service.base_url, viewport=PHONE, touch=True)
    yield context.new_page()
    context.close()


def test_chat_page(visitor: Page, scheme: Any) -> None:
    visitor.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visitor.goto("/")
    visitor.get_by_role("button", name="大字").click()
    visitor.get_by_label("写给我们的话").fill("我不想活了")
    visitor.get_by_role("button", name="发送").click()
    expect(visitor.locator(".from-youth")).to_have_attribute("data-state", "sent", timeout=10_000)
    assert violations(visitor) == []


@pytest.mark.parametrize("size", ["ordinary", "large"])
def test_a_talk_with_a_counsellor(visitor: Page, desk: Page, scheme: Any, size: str) -> None:
    visitor.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visitor.goto("/")
    assert violations(visitor) == []
    if size == "large":
        visitor.get_by_role("button", name="大字").click()
    say(visitor, "这句写错了")
    expect(replies(visitor)).to_have_count(1)
    visitor.locator(".from-youth .text").tap()
    assert violations(visitor) == []
    visitor.get_by_role("button", name="撤回").tap()
    expect(visitor.locator(".recalled")).to_be_visible()
    answer_as_counsellor(desk, visitor, "我是值班老师，急的话可以打12355")
    expect_answered(visitor, "我是值班老师")
    say(visitor, "我不想活了")
    open_as_counsellor(desk, visitor).press_sequentially("好")
    expect(visitor.locator("#typing")).to_be_visible(timeout=10_000)
    assert violations(visitor) == []
    assert fits_its_screen(visitor)


def test_chat_page_without_network(visitor: Page, scheme: Any) -> None:
    visitor.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    visitor.goto("/")
    visitor.context.set_offline(True)
    visitor.get_by_label("写给我们的话").fill("有人吗")
    visitor.get_by_role("button", name="发送").click()
    expect(visitor.locator(".from-youth")).to_have_attribute("data-state", "failed")
    assert violations(visitor) == []


def test_sign_in_page(visitor: Page, scheme: Any) -> None:
    visitor.emulate_media(color_scheme=scheme)
    visitor.goto("/console/sign-in")
    assert violations(visitor) == []


def test_console_pages(desk: Page, backend: ChatBackend, scheme: Any) -> None:
    desk.emulate_media(color_scheme=scheme)
    answer = backend.send("我没有开玩笑，我不想活了")
    backend.send("", content_type="image")
    backend.send("打工被骗了五百块")
    desk.goto("/console")
    expect(desk.locator("body")).to_have_attribute("data-stream", "live")
    assert violations(desk) == []
    desk.goto(f"/console/conversations/{answer['conversation_id']}")
    assert violations(desk) == []
    desk.goto("/console/password")
    assert violations(desk) == []
