"""What the console calls labels and reasons, from ``labels.yaml``, which must name them all."""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path

import yaml

from triage.errors import ContentError
from triage.intake.slots import AgeBand, Company, Help, Slot, SlotValue, Speaker, YesNo
from triage.intake.state import YES_NO_SLOTS
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ContentType, Role
from triage.risk.assessment import DegradedReason, EvidenceSource
from triage.signals.hit import ContextFlag

LABELS_PATH = Path(__file__).with_name("labels.yaml")

_KINDS: Mapping[str, type[Enum]] = {
    "level": RiskLevel,
    "signal": Signal,
    "category": Category,
    "queue": Queue,
    "degraded": DegradedReason,
    "flag": ContextFlag,
    "source": EvidenceSource,
    "role": Role,
    "content_type": ContentType,
    "slot": Slot,
    "speaker": Speaker,
    "age": AgeBand,
    "company": Company,
    "help": Help,
    "answer": YesNo,
}

_SLOT_KINDS = {Slot.AGE: "age", Slot.COMPANY: "company", Slot.HELP: "help"}


def _key(member: Enum) -> str:
    return member.name.lower() if isinstance(member, RiskLevel) else str(member.value)


class ConsoleLabels:
    """The Chinese name of a value of the label scheme; channels without a name keep their own."""

    def __init__(self, names: Mapping[str, Mapping[str, str]]) -> None:
        self._names = names

    def name(self, kind: str, value: Enum | str) -> str:
        """The name of a value of a kind, such as ``("signal", Signal.SUICIDE)``."""
        return self._names[kind][_key(value) if isinstance(value, Enum) else value]

    def slot_value(self, told: SlotValue) -> str:
        """The name of a filled slot's value; "" where the quotation says all."""
        kind = _SLOT_KINDS.get(told.slot, "answer" if told.slot in YES_NO_SLOTS else "")
        return self._names.get(kind, {}).get(told.value, "")

    def channel(self, channel: str) -> str:
        """The name of a channel; operators may add channels that this file does not know."""
        return self._names["channel"].get(channel, channel)


def load_labels(path: Path = LABELS_PATH) -> ConsoleLabels:
    """Read the names; ``ContentError`` when one is missing or the file is malformed."""
    try:
        names = {
            kind: {str(key): str(name) for key, name in entries.items()}
            for kind, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        }
    except (OSError, yaml.YAMLError, AttributeError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    wanted = {(kind, _key(member)) for kind, members in _KINDS.items() for member in members}
    missing = {(kind, key) for kind, key in wanted if not names.get(kind, {}).get(key)}
    if missing or "channel" not in names:
        raise ContentError(f"{path.name}: no name for {sorted(missing) or 'channel'}")
    return ConsoleLabels(names)


@lru_cache(maxsize=1)
def console_labels() -> ConsoleLabels:
    """The shipped names; read at first use."""
    return load_labels()
