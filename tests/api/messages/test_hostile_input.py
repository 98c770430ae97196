"""Bad input gets a clear 4xx, or is accepted and put before a person; never a 500, never lost, never low."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncClient

from api.db.tables import ConversationRow, MessageRow
from tests.api.running import RunningService, error_code, message_body

JSON = {"Content-Type": "application/json"}
MAX_BODY = 256 * 1024


def raw(**changes: Any) -> bytes:
    return json.dumps(message_body(**changes)).encode()


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "empty body": (b"", 422, "validation_failed"),
    "empty text": (raw(text=""), 422, "empty_text"),
    "blank text": (raw(text=" \t\r\n　"), 422, "empty_text"),
    "text of NUL only": (raw(text="\x00\x00"), 422, "empty_text"),
    "text left out": (raw(text=None), 422, "empty_text"),
    "text too long": (raw(text="长" * 20_001), 422, "text_too_long"),
    "100 kB": (raw(text="a" * 100_000), 422, "text_too_long"),
    "body too large": (raw(text="a" * MAX_BODY), 413, "body_too_large"),
    "not UTF-8": (b'{"text": "\xff\xfe"}', 400, "invalid_encoding"),
    "GB18030": (json.dumps(message_body(), ensure_ascii=False).encode("gb18030"), 400, "invalid_encoding"),
    "UTF-16": (json.dumps(message_body()).encode("utf-16"), 400, "invalid_encoding"),
    "cut within a character": (raw().replace(b"m-1", "青".encode()[:2]), 400, "invalid_encoding"),
    "lone high surrogate": (raw(text="a\ud800b"), 422, "invalid_text"),
    "lone low surrogate": (raw(text="\udc00"), 422, "invalid_text"),
    "surrogate in the id": (raw(external_id="\ud800"), 422, "invalid_text"),
    "surrogate in the user": (raw(user="\udfff"), 422, "invalid_text"),
    "not JSON": (b"text=hello", 400, "invalid_json"),
    "cut off": (raw()[:-1], 400, "invalid_json"),
    "two documents": (raw() + raw(), 400, "invalid_json"),
    "nested 10,000 deep": (b"[" * 10_000 + b"]" * 10_000, 400, "invalid_json"),
    "nested 100 deep": (b'{"text":' + b"[" * 100 + b"]" * 100 + b"}", 400, "invalid_json"),
    "objects 100,000 deep": (b'{"a":' * 40_000, 400, "invalid_json"),
    "NaN": (b'{"text": NaN}', 400, "invalid_json"),
    "Infinity": (b'{"text": -Infinity}', 400, "invalid_json"),
    "number of 5,000 digits": (b'{"text": ' + b"9" * 5_000 + b"}", 400, "invalid_json"),
    "duplicate key": (b'{"text": "a", "text": "b"}', 400, "invalid_json"),
    "array": (b"[]", 422, "validation_failed"),
    "string": (b'"hello"', 422, "validation_failed"),
    "null": (b"null", 422, "validation_failed"),
    "unknown field": (raw(level=0), 422, "validation_failed"),
    "text is a number": (raw(text=5), 422, "validation_failed"),
    "text is a list": (raw(text=["a"]), 422, "validation_failed"),
    "text is an object": (raw(text={"a": 1}), 422, "validation_failed"),
    "text is true": (raw(text=True), 422, "validation_failed"),
    "external_id missing": (raw(external_id=None), 422, "validation_failed"),
    "external_id empty": (raw(external_id=""), 422, "validation_failed"),
    "external_id blank": (raw(external_id="   "), 422, "validation_failed"),
    "external_id a number": (raw(external_id=7), 422, "validation_failed"),
    "external_id too long": (raw(external_id="x" * 129), 422, "validation_failed"),
    "external_id with a line break": (raw(external_id="a\nb"), 422, "validation_failed"),
    "external_id with NUL": (raw(external_id="a\x00b"), 422, "validation_failed"),
    "user missing": (raw(user=None), 422, "validation_failed"),
    "user too long": (raw(user="x" * 129), 422, "validation_failed"),
    "user with NUL": (raw(user="\x00"), 422, "validation_failed"),
    "channel missing": (raw(channel=None), 422, "validation_failed"),
    "channel malformed": (raw(channel="Mini Program"), 422, "validation_failed"),
    "channel a path": (raw(channel="../etc"), 422, "validation_failed"),
    "content_type unknown": (raw(content_type="hologram"), 422, "validation_failed"),
    "content_type a number": (raw(content_type=1), 422, "validation_failed"),
    "sent_at a number": (raw(sent_at=1_764_000_000), 422, "validation_failed"),
    "sent_at without zone": (raw(sent_at="2026-11-24T12:00:00"), 422, "validation_failed"),
    "sent_at not a time": (raw(sent_at="yesterday"), 422, "validation_failed"),
    "sent_at 30 February": (raw(sent_at="2026-02-30T12:00:00Z"), 422, "validation_failed"),
    "sent_at in year 1": (raw(sent_at="0001-01-01T00:00:00+14:00"), 422, "validation_failed"),
    "sent_at in year 9999": (raw(sent_at="9999-12-31T23:59:59-14:00"), 422, "validation_failed"),
}


@pytest.mark.parametrize(("body", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_bad_input_is_refused_clearly(
    service: RunningService, backend: AsyncClient, body: bytes, status: int, code: str
) -> None:
    answer = await backend.post("/v1/messages", content=body, headers=JSON)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert await service.count(MessageRow) == 0
    assert (await backend.post("/v1/messages", json=message_body())).status_code == 200


READ: dict[str, dict[str, Any]] = {
    "HTML": {"text": "<script>alert(1)</script><b>我有点难过</b>"},
    "template braces": {"text": "{{7*7}} ${x} %s {0} 我有点难过"},
    "SQL": {"text": "'); DROP TABLE messages; -- 我有点难过"},
    "beyond the BMP": {"text": "𠝹手 👨‍👩‍👧‍👦 我有点难过"},
    "control characters": {"text": "\x07我有\x1b[31m点难过\x7f\r\n"},
    "right-to-left override": {"text": "\u202e我有点难过\u202c"},
    "byte order mark": {"text": "\ufeff我有点难过"},
    "noncharacters": {"text": "\ufffe\uffff我有点难过"},
    "10,000 combining marks": {"text": "难过" + "\u0301" * 10_000},
    "id with emoji": {"external_id": "消息-1-🙂", "text": "我有点难过"},
    "longest id": {"external_id": "x" * 128, "user": "y" * 128, "text": "我有点难过"},
    "time with a fraction": {"sent_at": "2026-11-24T12:00:00.123456789Z", "text": "我有点难过"},
}


@pytest.mark.parametrize("changes", READ.values(), ids=READ)
async def test_odd_text_is_stored_as_it_is(
    service: RunningService, backend: AsyncClient, changes: dict[str, Any]
) -> None:
    answer = await backend.post("/v1/messages", json=message_body(**changes))
    assert answer.status_code == 200
    [message] = await service.rows(MessageRow, MessageRow.role == "youth")
    assert message.text == changes["text"]


LEFT_TO_A_PERSON: dict[str, dict[str, Any]] = {
    "only emoji": {"text": "😭😭🔪"},
    "only invisible characters": {"text": "\u200b\u200d\u2060"},
    "longest text": {"text": "今天天气很好。" * 2_857 + "完"},
    "picture": {"text": "", "content_type": "image"},
    "voice without text field": {"text": None, "content_type": "voice"},
    "picture with caption": {"text": "看看这个", "content_type": "image"},
    "video": {"text": "", "content_type": "video"},
    "file": {"text": "", "content_type": "file"},
    "location": {"text": "", "content_type": "location"},
    "other": {"text": "", "content_type": "other"},
}


@pytest.mark.parametrize("changes", LEFT_TO_A_PERSON.values(), ids=LEFT_TO_A_PERSON)
async def test_what_no_machine_can_read_goes_to_a_person(
    service: RunningService, backend: AsyncClient, changes: dict[str, Any]
) -> None:
    answer = await backend.post("/v1/messages", json=message_body(**changes))
    assert answer.status_code == 200
    triage = answer.json()["triage"]
    assert triage["degraded"]
    assert triage["level_name"] != "low"
    assert triage["risk_score"] > 0
    [conversation] = await service.rows(ConversationRow)
    assert set(conversation.degraded) == set(triage["degraded"])
    assert conversation.waiting_since is not None


async def test_nul_is_taken_out_and_offsets_still_fit(service: RunningService, backend: AsyncClient) -> None:
    answer = await backend.post("/v1/messages", json=message_body(text="我\x00真的\x00不想活了\x00"))
    [message] = await service.rows(MessageRow, MessageRow.role == "youth")
    assert message.text == "我真的不想活了"
    evidence = answer.json()["triage"]["evidence"]
    assert evidence
    for each in evidence:
        assert message.text[each["start"] : each["end"]] == each["text"]


async def test_chunked_body_is_counted_as_it_comes(service: RunningService, backend: AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_BODY:
            sent += 65_536
            yield b" " * 65_536

    answer = await backend.post("/v1/messages", content=endless(), headers=JSON)
    assert (answer.status_code, error_code(answer)) == (413, "body_too_large")
    assert await service.count(MessageRow) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": ""},
        {**JSON, "Content-Encoding": "gzip"},
    ],
    ids=["text", "form", "multipart", "empty", "gzip"],
)
async def test_other_media_types_are_refused(backend: AsyncClient, headers: dict[str, str]) -> None:
    answer = await backend.post("/v1/messages", content=raw(), headers=headers)
    assert (answer.status_code, error_code(answer)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("length", ["-1", "abc", "99999999999999999999", "1e3"])
async def test_strange_content_length_is_refused(backend: AsyncClient, length: str) -> None:
    answer = await backend.post("/v1/messages", content=b"{}", headers={**JSON, "Content-Length": length})
    assert answer.status_code == 413


async def test_refusal_names_the_limit_and_never_the_content(backend: AsyncClient) -> None:
    long = await backend.post("/v1/messages", json=message_body(text="秘" * 20_001))
    assert "20000" in long.text
    assert "秘" not in long.text
    odd = await backend.post("/v1/messages", json=message_body(text=["秘密"], 我的秘密="秘密"))
    assert odd.status_code == 422
    assert "秘密" not in odd.text
    fields = [detail["field"] for detail in odd.json()["error"]["details"]]
    assert "body.text" in fields
    assert "body.(unnamed)" in fields
