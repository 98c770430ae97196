"""Staff sign in with a one-time password, must change it, and get no further without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import DESK, NEW_PASSWORD, Watch, open_context, sign_in_first_time
from tests.e2e.process import ServiceProcess


@pytest.fixture
def visitor(service: ServiceProcess, browser: Browser, watch: Watch) -> Iterator[Page]:
    """A browser that is not signed in."""
    context = open_context(browser, base_url=service.base_url, viewport=DESK, touch=False)
    page = context.new_page()
    watch.follow(page)
    yield page
    context.close()


def sign_in(page: Page, *, name: str, password: str) -> None:
    """Fill in the form and send it."""
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize("path", ["/console", "/console/queues", "/console/password"])
def test_without_signing_in_there_is_only_the_form(visitor: Page, path: str) -> None:
    visitor.goto(path)
    expect(visitor.get_by_role("heading", name="登录值班台")).to_be_visible()


def test_a_wrong_password_is_told_without_saying_which(visitor: Page) -> None:
    visitor.goto("/console/sign-in")
    sign_in(visitor, name="nobody", password="not-the-password")
    expect(visitor.get_by_role("alert")).to_have_text("用户名或密码不对，请再试一次。")
    expect(visitor.get_by_label("用户名")).to_have_value("nobody")
    expect(visitor.get_by_label("密码")).to_have_value("")


def test_the_first_administrator_must_change_the_printed_password(
    visitor: Page, service: ServiceProcess
) -> None:
    visitor.goto("/console")
    sign_in(visitor, name="admin", password=service.administrator_password)
    expect(visitor.get_by_role("heading", name="先换一个自己的密码")).to_be_visible()
    visitor.goto("/console")
    expect(visitor.get_by_role("heading", name="先换一个自己的密码")).to_be_visible()
    sign_in_again = visitor.get_by_label("现在的密码")
    sign_in_again.fill(service.administrator_password)
    visitor.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    visitor.get_by_label("再输一次新密码").fill(NEW_PASSWORD + "x")
    visitor.get_by_role("button", name="保存，进入值班台").click()
    expect(visitor.get_by_role("alert")).to_contain_text("两次输入的新密码不一样")
    sign_in_again.fill(service.administrator_password)
    visitor.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    visitor.get_by_label("再输一次新密码").fill(NEW_PASSWORD)
    visitor.get_by_role("button", name="保存，进入值班台").click()
    expect(visitor.locator("#queues")).to_be_visible()


def test_signing_out_ends_the_session(visitor: Page, service: ServiceProcess) -> None:
    sign_in_first_time(visitor, name="leaving", password=service.create_account("leaving"))
    visitor.get_by_role("button", name="退出").click()
    expect(visitor.get_by_role("heading", name="登录值班台")).to_be_visible()
    visitor.goto("/console")
    expect(visitor.get_by_role("heading", name="登录值班台")).to_be_visible()


def test_a_form_from_elsewhere_is_refused(visitor: Page, service: ServiceProcess) -> None:
    sign_in_first_time(visitor, name="guarded", password=service.create_account("guarded"))
    visitor.locator("input[name=csrf_token]").evaluate("field => { field.value = 'made up' }")
    visitor.get_by_role("button", name="退出").click()
    expect(visitor.locator("body")).to_contain_text("csrf_failed")
    visitor.goto("/console")
    expect(visitor.locator("#queues")).to_be_visible()
