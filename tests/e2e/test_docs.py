"""The documentation page works from our own files alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import DESK, Watch, open_context
from tests.e2e.process import ServiceProcess


@pytest.fixture
def reader(service: ServiceProcess, browser: Browser, watch: Watch) -> Iterator[Page]:
    """Anybody's browser."""
    context = open_context(browser, base_url=service.base_url, viewport=DESK, touch=False)
    page = context.new_page()
    watch.follow(page)
    yield page
    context.close()


def test_all_operations_are_listed_and_open(reader: Page) -> None:
    reader.goto("/docs")
    for path in ("/v1/sessions", "/v1/messages", "/v1/conversations/{conversation_id}", "/v1/queues"):
        expect(reader.locator(f".opblock-summary-path[data-path='{path}']")).to_be_visible(timeout=20_000)
    reader.locator(".opblock-summary-path[data-path='/v1/messages']").click()
    expect(reader.get_by_role("button", name="Try it out")).to_be_visible()
