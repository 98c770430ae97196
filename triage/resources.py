"""The services that can be called (热线), read from ``prompts/resources``: one source of every number."""

from dataclasses import dataclass
from pathlib import Path

from triage.signals.fields import Fields, read_fields

PROMPTS_PATH = Path(__file__).resolve().parent.parent / "prompts"
RESOURCES_FILE = Path("resources") / "hotlines.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A service that can be called, by its number."""

    key: str
    number: str
    name: str


def load_resources(prompts: Path = PROMPTS_PATH) -> dict[str, Resource]:
    """All services by key; raises ``ContentError`` naming file, entry and fault."""
    fields = read_fields(prompts / RESOURCES_FILE)
    read_header(fields)
    resources: dict[str, Resource] = {}
    for entry in fields.items("resources"):
        key = entry.text("key")
        if key in resources:
            raise entry.fail("a service with this key was there before")
        resources[key] = Resource(key=key, number=entry.text("number"), name=entry.text("name"))
        entry.finish()
    fields.finish()
    return resources


def read_header(fields: Fields) -> str:
    """The version of a file under ``prompts``, which must name its reviewer and audience, too."""
    fields.text("reviewer")
    fields.text("audience")
    return fields.text("version")
