"""Whatever anyone writes is shown as text: nothing runs, nothing is fetched, nothing breaks out."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.process import ChatBackend

DANGER = "我不想活了"
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "foreign-image": "<img src='//evil.example/x.png'>",
    "svg": "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "iframe": "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "style": "<style>@import url(//evil.example/a.css)</style>",
    "attribute": '" autofocus onfocus="alert(1)" x="',
    "closing": "</p></blockquote></li></ol></section></main><h1>值班台</h1>",
    "htmx": "<a hx-get='/healthz' hx-trigger='load' data-hx-get='/healthz' data-hx-trigger='load'>x</a>",
    "htmx-tag": "<hx-partial hx-target='body'>x</hx-partial><template hx type='partial'></template>",
    "jinja": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "javascript-link": "javascript:alert(1)//[x](javascript:alert(1))",
    "entities": "&lt;script&gt;&#x3c;&amp;nbsp;",
    "bidi": "abc\u202e\u2066gnp.exe\u2069\u202c反过来",
    "zalgo": "好" + "\u0301\u0353\u0489" * 500,
    "zero-width": "想\u200b\u200d\ufeff" * 200,
    "backslash": "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e`${alert(1)}`",
    "newlines": "一行\r\n两行\n\n\n四行\u2028五行",
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_hostile_text_is_text_on_the_console(desk: Page, backend: ChatBackend, payload: str) -> None:
    text = f"{DANGER} {payload}"
    answer = backend.send(text)
    desk.goto("/console")
    entry = desk.locator(f"[data-conversation='{answer['conversation_id']}']")
    expect(entry).to_be_visible()
    desk.goto(f"/console/conversations/{answer['conversation_id']}")
    bubble = desk.locator(".from-youth .text")
    expect(bubble).to_have_count(1)
    shown = bubble.evaluate(
        "p => { p.querySelectorAll('mark small').forEach(s => s.remove()); return p.textContent }"
    )
    assert shown == text.replace("\r\n", "\n")
    assert bubble.evaluate("p => [...p.querySelectorAll('*')].every(e => e.localName === 'mark')")
    assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_text_arrives_live_as_text(desk: Page, backend: ChatBackend) -> None:
    desk.goto("/console")
    expect(desk.locator("body")).to_have_attribute("data-stream", "live")
    answer = backend.send(f"{PAYLOADS['htmx']}{PAYLOADS['image']}{DANGER}")
    entry = desk.locator(f"[data-conversation='{answer['conversation_id']}']")
    expect(entry).to_be_visible()
    assert entry.evaluate("e => e.querySelectorAll('img, a[hx-get], a[data-hx-get]').length") == 0


def test_hostile_text_is_text_on_the_chat_page(phone: Page) -> None:
    field = phone.get_by_label("写给我们的话")
    typed = []
    for payload in PAYLOADS.values():
        field.fill(payload)
        typed.append(field.evaluate("field => field.value.trim()"))
        phone.get_by_role("button", name="发送").click()
    bubbles = phone.locator(".from-youth")
    expect(phone.locator(".from-youth[data-state='sent']")).to_have_count(len(PAYLOADS), timeout=30_000)
    shown = bubbles.locator(".text").evaluate_all("all => all.map(p => [p.textContent, p.children.length])")
    assert shown == [[text, 0] for text in typed]
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_longest_text_is_contained(desk: Page, phone: Page, backend: ChatBackend) -> None:
    text = DANGER + "长" * (20_000 - len(DANGER))
    answer = backend.send(text)
    desk.goto(f"/console/conversations/{answer['conversation_id']}")
    bubble = desk.locator(".from-youth .text")
    assert bubble.evaluate("p => p.textContent.length") >= len(text)
    assert bubble.evaluate("p => p.clientHeight < window.innerHeight && p.tabIndex === 0")
    desk.goto("/console")
    entry = desk.locator(f"[data-conversation='{answer['conversation_id']}']")
    assert entry.evaluate("e => e.clientHeight < window.innerHeight")
    phone.get_by_label("写给我们的话").fill("长" * 20_000)
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator(".from-youth")).to_have_attribute("data-state", "sent", timeout=20_000)
    assert phone.locator(".from-youth .text").evaluate("p => p.clientHeight < window.innerHeight")
