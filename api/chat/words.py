"""The words of the chat page, read from ``prompts/chat.yaml`` and checked once."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import ContentError
from triage.resources import PROMPTS_PATH, load_resources
from triage.wording import load_wording

CHAT_PATH = PROMPTS_PATH / "chat.yaml"
_NOT_READ_BY_YOUTH = frozenset({"version", "reviewer", "audience", "key", "number", "url", "offline_numbers"})
_DAYS = {"clock": "08:15", "month": "11", "day": "24"}
_PLACES = {"ahead": "3", "time": "11月24日 08:15"}
"""What the page fills in, the longest that it may be: the texts are checked as they are read."""


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)


class EmergencyNumber(_Words):
    """A number that is always in reach; ``key`` names the service in the resources file."""

    key: str
    label: str
    number: str = ""


class ComposerWords(_Words):
    """The words around the text field."""

    label: str
    placeholder: str
    send: str
    too_long: str


class HumanWords(_Words):
    """The button that asks for a person (转人工), and the message it sends."""

    label: str
    message: str


class ExitWords(_Words):
    """The way out (快速离开) and the harmless page it leads to."""

    label: str
    hint: str
    url: str = Field(pattern="^https://")


class TextSizeWords(_Words):
    """The switch to large letters (大字)."""

    label: str


class StateWords(_Words):
    """What a message's state is called."""

    waiting: str
    sending: str
    sent: str
    failed: str
    retry: str
    refused: str
    reading: str
    restored: str
    typing: str
    newer: str


class RecallWords(_Words):
    """Taking a message back (撤回), and writing it anew."""

    label: str
    what: str
    done: str
    edit: str
    failed: str


class QueueWords(_Words):
    """What is said about the wait; ``closed`` is for hours without counsellors.

    The page fills in ``{time}`` and ``{ahead}``; a time of another day is written as ``tomorrow`` or
    ``another_day``.
    """

    first: str
    waiting: str
    late: str
    closed: str
    tomorrow: str
    another_day: str

    def filled(self, values: Mapping[str, str]) -> "QueueWords":
        """The same with what is known filled in; ``KeyError`` or ``ValueError`` where a key is unknown."""
        names = {*_PLACES, *_DAYS}
        kept = {name: f"{{{name}}}" for name in names} | dict(values)
        return QueueWords(**{name: text.format_map(kept) for name, text in self.model_dump().items()})


class ChatWords(_Words):
    """All words of the chat page."""

    version: str
    reviewer: str
    audience: str
    service_name: str
    service_line: str
    assistant_name: str
    youth_name: str
    counsellor_name: str
    opening: tuple[str, ...] = Field(min_length=1)
    quick_replies: tuple[str, ...]
    emergency_title: str
    emergency: tuple[EmergencyNumber, ...] = Field(min_length=1)
    offline_numbers: tuple[str, ...] = Field(min_length=1)
    offline: str
    noscript: str
    composer: ComposerWords
    human: HumanWords
    exit: ExitWords
    text_size: TextSizeWords
    state: StateWords
    recall: RecallWords
    queue: QueueWords

    @property
    def offline_emergency(self) -> tuple[EmergencyNumber, ...]:
        """The numbers that the offline notice shows."""
        return tuple(each for each in self.emergency if each.key in self.offline_numbers)


def load_chat_words(*, prompts: Path = PROMPTS_PATH) -> ChatWords:
    """Read the words and fill in the numbers; raises ``ContentError`` that names the fault."""
    source = prompts / CHAT_PATH.name
    numbers = {key: resource.number for key, resource in load_resources(prompts).items()}
    try:
        words = ChatWords.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))
        emergency = tuple(each.model_copy(update={"number": numbers[each.key]}) for each in words.emergency)
        queue = words.queue.filled(numbers)
    except (OSError, yaml.YAMLError, ValidationError, KeyError, ValueError) as error:
        raise ContentError(f"{source.name}: {error}") from error
    unknown = set(words.offline_numbers) - {each.key for each in emergency}
    if unknown:
        raise ContentError(f"{source.name}: offline_numbers names {sorted(unknown)}, not among emergency")
    filled = words.model_copy(update={"emergency": emergency, "queue": queue})
    _check_wording(filled, prompts=prompts)
    return filled


def _check_wording(words: ChatWords, *, prompts: Path) -> None:
    rules = load_wording(prompts)
    shown = words.model_copy(update={"queue": words.queue.filled(_PLACES | _DAYS)})
    for text in _list_read_texts(shown):
        if faults := rules.check(text, crisis=False):
            raise ContentError(f"{CHAT_PATH.name}: {text}: {faults[0].rule} ({faults[0].detail})")


def _list_read_texts(value: object) -> Iterator[str]:
    """All texts that a young person reads, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in sorted(type(value).model_fields.keys() - _NOT_READ_BY_YOUTH):
            yield from _list_read_texts(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _list_read_texts(each)


@lru_cache(maxsize=1)
def chat_words() -> ChatWords:
    """The shipped words; read at first use."""
    return load_chat_words()
