"""One call to a real host on loopback: what is taken as an answer, and what is refused."""

import gzip
import json
import socket
from dataclasses import replace

import pytest
from pydantic import SecretStr

from api.assist.client import MAX_ANSWER_BYTES, MAX_SUGGESTION_CHARACTERS, AssistHost, HostAnswer, ask_host
from api.errors import AssistFailed, AssistTimeout
from tests.api.assist.model_host import KEY, SUGGESTION, ModelHost


async def ask(host: ModelHost, *, limit_s: float = 30, key: str | None = KEY) -> HostAnswer:
    where = AssistHost(url=host.url, model="qwen", api_key=SecretStr(key) if key else None, timeout_s=limit_s)
    return await ask_host(where, instruction="指示", request="请求")


async def test_a_sound_answer(host: ModelHost) -> None:
    assert await ask(host) == HostAnswer(text=SUGGESTION, model="qwen-test")
    assert host.authorizations == [f"Bearer {KEY}"]
    assert [message["content"] for message in host.requests[0]["messages"]] == ["指示", "请求"]


async def test_without_a_key_none_is_sent(host: ModelHost) -> None:
    await ask(host, key=None)
    assert host.authorizations == [None]


async def test_no_proxy_of_the_environment_is_used(host: ModelHost, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await ask(host)).text == SUGGESTION


async def test_a_host_that_names_no_model_is_named_by_the_settings(host: ModelHost) -> None:
    host.say(SUGGESTION, model="")
    assert (await ask(host)).model == "qwen"


BROKEN = {
    "server error": (500, b"{}", {}),
    "refused": (401, b'{"error": "no"}', {}),
    "redirected": (302, b"", {"Location": "http://127.0.0.1:1/"}),
    "not JSON": (200, b"<html>", {}),
    "not UTF-8": (200, b'{"choices": "\xff"}', {}),
    "nothing": (200, b"", {}),
    "another shape": (200, b'{"answer": "hi"}', {}),
    "no choices": (200, b'{"choices": []}', {}),
    "no content": (200, b'{"choices": [{"message": {"content": null}}]}', {}),
    "blank": (200, json.dumps({"choices": [{"message": {"content": " \x00\u200b"}}]}).encode(), {}),
    "only thoughts": (200, json.dumps({"choices": [{"message": {"content": "<think>嗯"}}]}).encode(), {}),
    "huge": (200, b" " * (MAX_ANSWER_BYTES + 1), {}),
    "compressed": (200, gzip.compress(b"{}"), {"Content-Encoding": "gzip"}),
    "nested": (200, b"[" * 10_000, {}),
    "cut off": (200, b"{}", {"Content-Length": "99"}),
}


@pytest.mark.parametrize(("status", "body", "headers"), BROKEN.values(), ids=BROKEN)
async def test_what_is_no_answer_is_refused_once(
    host: ModelHost, status: int, body: bytes, headers: dict[str, str]
) -> None:
    host.status, host.body, host.headers = status, body, headers
    with pytest.raises(AssistFailed):
        await ask(host)
    assert len(host.requests) == 1


@pytest.mark.parametrize("how", ["hangs", "drips"])
async def test_a_slow_host_is_left_after_the_limit(host: ModelHost, how: str) -> None:
    setattr(host, how, True)
    with pytest.raises(AssistTimeout):
        await ask(host, limit_s=1)
    assert len(host.requests) <= 1


async def test_nobody_listens_there(host: ModelHost) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(AssistFailed):
        await ask(replace(host, url=f"http://127.0.0.1:{port}/v1"))


async def test_suggestions_are_plain_and_short(host: ModelHost) -> None:
    host.say(f"<think>内心</think>\x07好\u202e的\ud800\n{'长' * 5000}")
    text = (await ask(host)).text
    assert text.startswith("好的\n长")
    assert len(text) == MAX_SUGGESTION_CHARACTERS


async def test_an_answer_in_pieces_within_the_limit(host: ModelHost) -> None:
    host.headers = {"Connection": "close"}
    host.say("长" * 1000)
    assert (await ask(host)).text == "长" * 1000
