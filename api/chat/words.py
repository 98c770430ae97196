"""The words of the chat page, read from ``prompts/chat.yaml`` and checked once."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.catalog import PROMPTS_PATH, load_catalog
from triage.errors import ContentError

CHAT_PATH = PROMPTS_PATH / "chat.yaml"


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


class QueueWords(_Words):
    """What is said about the wait; ``{time}`` and ``{ahead}`` are filled in by the page."""

    first: str
    waiting: str
    late: str


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
    queue: QueueWords

    @property
    def offline_emergency(self) -> tuple[EmergencyNumber, ...]:
        """The numbers that the offline notice shows."""
        return tuple(each for each in self.emergency if each.key in self.offline_numbers)


def load_chat_words(*, prompts: Path = PROMPTS_PATH) -> ChatWords:
    """Read the words and fill in the numbers; raises ``ContentError`` that names the fault."""
    source = prompts / CHAT_PATH.name
    resources = load_catalog(prompts).resources
    numbers = {key: resource.number for key, resource in resources.items()}
    try:
        words = ChatWords.model_validate(yaml.safe_load(source.read_text(encoding="utf-8")))
        emergency = tuple(each.model_copy(update={"number": numbers[each.key]}) for each in words.emergency)
        late = words.queue.late.format_map(numbers)
    except (OSError, yaml.YAMLError, ValidationError, KeyError, ValueError) as error:
        raise ContentError(f"{source.name}: {error}") from error
    unknown = set(words.offline_numbers) - {each.key for each in emergency}
    if unknown:
        raise ContentError(f"{source.name}: offline_numbers names {sorted(unknown)}, not among emergency")
    queue = words.queue.model_copy(update={"late": late})
    return words.model_copy(update={"emergency": emergency, "queue": queue})


@lru_cache(maxsize=1)
def chat_words() -> ChatWords:
    """The shipped words; read at first use."""
    return load_chat_words()
