"""Debian's chromium driven by Playwright, watched: what it asks for, what it complains of."""

import os
import shutil
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    StorageState,
    ViewportSize,
)

CHROMIUM = os.environ.get("QINGTING_CHROMIUM") or shutil.which("chromium")
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1366, "height": 768}
NEW_PASSWORD = "一句只有自己记得的话-2026"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LOCAL_SCHEMES = frozenset({"data", "blob", "about"})


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS), headless=True)


@dataclass(kw_only=True)
class Watch:
    """What happened in a context that must not happen; every test ends by looking here."""

    base_url: str
    allowed_origins: set[str] = field(default_factory=set)
    foreign_requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Watch one page."""
        page.on("request", lambda request: self._note_request(request.url))
        page.on("dialog", self._note_dialog)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def assert_clean(self) -> None:
        """No request to another host, no dialog, no script error, no broken security policy."""
        assert self.foreign_requests == []
        assert self.dialogs == []
        assert self.complaints == []

    def _note_request(self, url: str) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in _LOCAL_SCHEMES and origin not in {self.base_url, *self.allowed_origins}:
            self.foreign_requests.append(url)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_console(self, message: ConsoleMessage) -> None:
        # A request that failed while the network was cut is what such a test is about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


def open_context(
    browser: Browser,
    *,
    base_url: str,
    viewport: ViewportSize,
    touch: bool,
    state: StorageState | None = None,
) -> BrowserContext:
    """A fresh profile as in Guangdong, Chinese and on the helpline's clock; ``state`` brings cookies."""
    return browser.new_context(
        base_url=base_url,
        viewport=viewport,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=touch,
        is_mobile=touch,
        storage_state=state,
    )


def sign_in_first_time(page: Page, *, name: str, password: str) -> None:
    """Sign in with a one-time password and choose an own one."""
    page.goto("/console")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("再输一次新密码").fill(NEW_PASSWORD)
    page.get_by_role("button", name="保存，进入值班台").click()
    page.wait_for_url("**/console")
