"""One call to an OpenAI-compatible host: limited in time and size, never repeated, never redirected."""

import asyncio
import re
import unicodedata
from dataclasses import dataclass, field
from http import HTTPStatus

from httpx2 import AsyncClient, HTTPError, Response, TimeoutException
from pydantic import BaseModel, Field, SecretStr, ValidationError

from api.errors import AssistFailed, AssistTimeout, InvalidEncoding, InvalidJson
from api.strict_json import parse_json

MAX_ANSWER_BYTES = 256 * 1024
MAX_SUGGESTION_CHARACTERS = 1_200
MAX_MODEL_CHARACTERS = 128
MAX_TOKENS = 800
TEMPERATURE = 0.2
"""Low: a counsellor wants what follows from the talk, not ideas."""
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistHost:
    """The operator's own host, its model, and how long it may take."""

    url: str
    model: str
    api_key: SecretStr | None
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAnswer:
    """What the host suggests, as plain text, and the model that says so."""

    text: str = field(repr=False)
    model: str


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    model: str = ""
    choices: list[_Choice] = Field(min_length=1)


async def ask_host(host: AssistHost, *, instruction: str, request: str) -> HostAnswer:
    """The host's suggestion; raises ``AssistTimeout`` or ``AssistFailed``, with none of the words in them."""
    body = {
        "model": host.model,
        "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": request}],
        "max_tokens": MAX_TOKENS,
        "temperature": TEMPERATURE,
        "stream": False,
    }
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if host.api_key is not None:
        headers["Authorization"] = f"Bearer {host.api_key.get_secret_value()}"
    try:
        # No variable of the environment may put a proxy between us and the operator's own host.
        async with (
            asyncio.timeout(host.timeout_s),
            AsyncClient(trust_env=False, timeout=None, headers=headers) as client,
            client.stream("POST", f"{host.url}/chat/completions", json=body) as response,
        ):
            content = await _read_answer(response)
    except (TimeoutError, TimeoutException):
        raise AssistTimeout from None
    except HTTPError:
        raise AssistFailed from None
    return _parse_answer(content, model=host.model)


async def _read_answer(response: Response) -> bytes:
    encoded = response.headers.get("content-encoding", "identity") != "identity"
    if response.status_code != HTTPStatus.OK or encoded:
        raise AssistFailed
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise AssistFailed
    return bytes(content)


def _parse_answer(content: bytes, *, model: str) -> HostAnswer:
    try:
        completion = _Completion.model_validate(parse_json(content))
    except (InvalidEncoding, InvalidJson, ValidationError):
        raise AssistFailed from None
    text = clean_suggestion(completion.choices[0].message.content)
    if not text:
        raise AssistFailed
    named = clean_suggestion(completion.model)[:MAX_MODEL_CHARACTERS]
    return HostAnswer(text=text, model=named or model)


def clean_suggestion(text: str) -> str:
    """Plain text of bounded length: without a model's thoughts, control and invisible characters."""
    spoken = _THOUGHTS.sub("", text)
    visible = "".join(char for char in spoken if char == "\n" or unicodedata.category(char)[0] != "C")
    return visible.strip()[:MAX_SUGGESTION_CHARACTERS].rstrip()
