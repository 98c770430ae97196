"""A talk on the chat page, and a counsellor who takes part in it through the console."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watch

ANSWER_WITHIN_MS = 10_000
LIVE_WITHIN_MS = 10_000


def write(page: Page, words: str) -> None:
    """Type and press the big button."""
    page.get_by_label("写给我们的话").fill(words)
    page.get_by_role("button", name="发送").click()


def expect_delivered(page: Page, words: str) -> None:
    """The bubble says that the message has arrived."""
    expect(page.locator(".from-youth", has_text=words)).to_have_attribute(
        "data-state", "sent", timeout=ANSWER_WITHIN_MS
    )


def say(page: Page, words: str) -> None:
    """Write and wait until it has arrived."""
    write(page, words)
    expect_delivered(page, words)


def replies(page: Page) -> Locator:
    """The assistant's answers, one element each; the opening is none of them."""
    return page.locator(".from-assistant .who", has=page.locator("time"))


def conversation_of(page: Page) -> str:
    """The conversation's id, as the page keeps it."""
    found: str = page.evaluate("JSON.parse(sessionStorage.getItem('qingting.session')).conversation_id")
    return found


def open_as_counsellor(desk: Page, page: Page) -> Locator:
    """Open the page's conversation at the console; gives the field for the reply."""
    desk.goto(f"/console/conversations/{conversation_of(page)}")
    return desk.get_by_label("回复")


def answer_as_counsellor(desk: Page, page: Page, words: str) -> None:
    """Answer the page's conversation at the console."""
    open_as_counsellor(desk, page).fill(words)
    with desk.expect_navigation():
        desk.get_by_role("button", name="发送").click()


def expect_answered(page: Page, words: str) -> None:
    """The counsellor's words stand on the page, once."""
    expect(page.locator(".from-counsellor .text", has_text=words)).to_have_count(1, timeout=LIVE_WITHIN_MS)


def open_another_tab(page: Page, watch: Watch) -> Page:
    """The page's tab, duplicated: with the same session in its storage."""
    stored = page.evaluate("JSON.stringify(sessionStorage)")
    tab = page.context.new_page()
    watch.follow(tab)
    tab.goto(page.url)
    tab.evaluate(
        "stored => Object.entries(JSON.parse(stored)).forEach(e => sessionStorage.setItem(...e))", stored
    )
    tab.reload()
    return tab


def fits_its_screen(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
