"""One service and one browser for all browser tests; left out, loudly, where there is no chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts.assets import ROOT, is_current
from tests.e2e.browsing import CHROMIUM, DESK, PHONE, Watch, launch, open_context, sign_in_first_time
from tests.e2e.process import ChatBackend, ServiceProcess

MISSING_CHROMIUM = "BROWSER TESTS LEFT OUT: no chromium (install it, or set QINGTING_CHROMIUM)"

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end that browser tests did not run, so that nobody takes green for all."""
    if not CHROMIUM:
        terminalreporter.section("browser tests", sep="!", red=True, bold=True)
        terminalreporter.line(MISSING_CHROMIUM)


if not CHROMIUM and os.environ.get("CI"):
    raise pytest.UsageError(MISSING_CHROMIUM + "; in CI they must run")


@pytest.fixture(scope="session", autouse=True)
def browser_assets() -> None:
    """The pages' files must have been fetched; tests themselves never use the network."""
    current = is_current(
        assets=ROOT / "assets", vendor=ROOT / "api" / "static" / "vendor", with_test_assets=True
    )
    assert current, "run first: python scripts/assets.py --with-test-assets"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The running service."""
    process = ServiceProcess(tmp_path_factory.mktemp("service"))
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def backend(service: ServiceProcess) -> ChatBackend:
    """A chat backend of the running service."""
    return ChatBackend(service, name="e2e")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; of one module only, since Playwright's loop must not meet that of other tests."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def watch(service: ServiceProcess) -> Iterator[Watch]:
    """What the test's pages did; checked at the end of every test that opens one."""
    seen = Watch(base_url=service.base_url)
    yield seen
    seen.assert_clean()


@pytest.fixture
def phone(service: ServiceProcess, browser: Browser, watch: Watch) -> Iterator[Page]:
    """The chat page on a small phone."""
    context = open_context(browser, base_url=service.base_url, viewport=PHONE, touch=True)
    page = context.new_page()
    watch.follow(page)
    page.goto("/")
    yield page
    context.close()


@pytest.fixture(scope="module")
def signed_in(
    service: ServiceProcess, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """A counsellor's profile, signed in through the pages."""
    name = Path(str(request.path)).stem.replace("_", "-")
    context = open_context(browser, base_url=service.base_url, viewport=DESK, touch=False)
    sign_in_first_time(context.new_page(), name=name, password=service.create_account(name))
    yield context
    context.close()


@pytest.fixture
def desk(signed_in: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page of a signed-in counsellor, not yet gone anywhere."""
    page = signed_in.new_page()
    watch.follow(page)
    yield page
    page.close()
