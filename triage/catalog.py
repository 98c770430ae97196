"""The texts and resources under ``prompts/``, read once, checked, and served by key.

Nothing a young person reads is written in code: experts edit these files, a reviewer signs them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import ArtefactError, ContentError
from triage.replies import REPLY_KEYS

ROOT = Path(__file__).resolve().parent.parent
PROMPTS_PATH = ROOT / "prompts"
ARTEFACTS_PATH = ROOT / "models" / "artifacts"
MAX_REPLY_CHARACTERS = 80
"""Longest single message to a young person, in characters (DOMAIN 4.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reviewed answer: one or two short messages, and the quick replies offered with it."""

    key: str
    version: str
    messages: tuple[str, ...]
    quick_replies: tuple[str, ...]

    @property
    def text(self) -> str:
        """The messages as one text, a line each."""
        return "\n".join(self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A service that can be called (热线), by its number."""

    key: str
    number: str
    name: str


class Catalog:
    """Replies by key and resources by key."""

    def __init__(
        self, *, replies: Mapping[str, Sequence[Reply]], resources: Mapping[str, Resource], version: str
    ) -> None:
        self._replies = replies
        self.resources = resources
        self.version = version

    def reply(self, key: str, *, times_sent: int = 0) -> Reply:
        """The reply for a key; what was already said is not said in the same words again.

        ``times_sent`` counts how often this key was used in the conversation; the last variant
        stays in use from then on. Raises ``ContentError`` for an unknown key.
        """
        try:
            variants = self._replies[key]
        except KeyError as error:
            raise ContentError(f"no reply with key {key!r}") from error
        return variants[min(times_sent, len(variants) - 1)]


def load_catalog(path: Path = PROMPTS_PATH) -> Catalog:
    """Read all replies and resources; raises ``ContentError`` naming the file and the fault."""
    try:
        resources = {
            entry["key"]: Resource(key=entry["key"], number=str(entry["number"]), name=entry["name"])
            for entry in _read(path / "resources" / "hotlines.yaml")["resources"]
        }
    except (KeyError, TypeError) as error:
        raise ContentError(f"hotlines.yaml: an entry or the list itself is malformed ({error!r})") from error
    numbers = {key: resource.number for key, resource in resources.items()}
    source = path / "replies" / "first_answers.yaml"
    raw = _read(source)
    if not isinstance(raw.get("replies"), dict):
        raise ContentError(f"{source.name}: needs replies by key")
    replies = {
        key: [
            _parse_reply(key, variant, version=str(raw["version"]), numbers=numbers, source=source)
            for variant in variants
        ]
        for key, variants in raw["replies"].items()
    }
    missing = REPLY_KEYS - set(replies)
    if missing or not all(replies.values()):
        raise ContentError(f"{source.name}: no text for {sorted(missing)}")
    return Catalog(replies=replies, resources=resources, version=str(raw["version"]))


def default_artefact() -> Path:
    """The shipped classifier: the one that ``models/artifacts/CURRENT`` names."""
    pointer = ARTEFACTS_PATH / "CURRENT"
    try:
        return ARTEFACTS_PATH / pointer.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ArtefactError(f"no shipped model: {pointer.name} cannot be read ({error.strerror})") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    if not isinstance(content, dict) or not {"version", "reviewer", "audience"} <= content.keys():
        raise ContentError(f"{path.name}: needs version, reviewer and audience")
    return content


def _parse_reply(key: str, raw: Any, *, version: str, numbers: Mapping[str, str], source: Path) -> Reply:
    try:
        messages = tuple(str(message).format_map(numbers) for message in raw["messages"])
        quick = tuple(str(option) for option in raw.get("quick_replies", ()))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ContentError(f"{source.name}: reply {key!r} is malformed ({error!r})") from error
    too_long = [message for message in messages if len(message) > MAX_REPLY_CHARACTERS]
    if not 1 <= len(messages) <= 2 or too_long:
        raise ContentError(f"{source.name}: {key!r} needs 1 or 2 messages of {MAX_REPLY_CHARACTERS} or fewer")
    return Reply(key=key, version=version, messages=messages, quick_replies=quick)
