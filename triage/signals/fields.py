"""Strict reading of YAML content: every mistake names its file and entry."""

from collections.abc import Hashable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from triage.errors import ContentError
from triage.signals.pattern import Pattern, PatternError, WordList, compile_pattern

_Choice = TypeVar("_Choice", bound=Enum)
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]  # the C loader is there only where libyaml is
    """A safe loader that refuses a key given twice; YAML's own rule would drop the first one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"key {key!r} is given twice, line {node.start_mark.line + 1}")
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


class Fields:
    """The fields of one YAML mapping; each is read once, and ``finish`` refuses what is left over."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
            raise ContentError(f"{where}: must be a mapping with text keys")
        self._content = dict(content)
        self.where = where

    def fail(self, problem: str) -> ContentError:
        """The error for a problem in this mapping."""
        return ContentError(f"{self.where}: {problem}")

    def take(self, name: str, default: object = None) -> object:
        """A raw value; a field without a default must be there."""
        if name not in self._content and default is None:
            raise self.fail(f"{name} is missing")
        return self._content.pop(name, default)

    def names(self) -> tuple[str, ...]:
        """The names of the fields that were not read yet."""
        return tuple(self._content)

    def text(self, name: str) -> str:
        """A text that is not blank."""
        found = self.take(name)
        if not isinstance(found, str) or not found.strip():
            raise self.fail(f"{name} must be a text")
        return found

    def number(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """A whole number within ``low..high``."""
        found = self.take(name, default)
        if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
            raise self.fail(f"{name} must be a whole number from {low} to {high}")
        return found

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of texts; it may be missing or empty only when optional."""
        found = self.take(name, [] if optional else None)
        if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
            raise self.fail(f"{name} must be a list of texts (quote what YAML reads as another type)")
        if not found and not optional:
            raise self.fail(f"{name} is empty")
        if len(set(found)) != len(found):
            raise self.fail(f"{name} holds the same text twice")
        return tuple(found)

    def choice(self, name: str, kind: type[_Choice], default: _Choice | None = None) -> _Choice:
        """One of an enumeration's values."""
        found = self.take(name, default)
        try:
            return kind(found)
        except ValueError:
            raise self.fail(f"{name} must be one of {', '.join(str(each.value) for each in kind)}") from None

    def choices(self, name: str, kind: type[_Choice], *, optional: bool = False) -> frozenset[_Choice]:
        """Some of an enumeration's values."""
        try:
            return frozenset(kind(each) for each in self.texts(name, optional=optional))
        except ValueError:
            allowed = ", ".join(str(each.value) for each in kind)
            raise self.fail(f"{name} may hold only {allowed}") from None

    def patterns(
        self, name: str, words: Mapping[str, WordList], *, optional: bool = False
    ) -> tuple[Pattern, ...]:
        """A list of patterns, compiled."""
        compiled = []
        for source in self.texts(name, optional=optional):
            try:
                compiled.append(compile_pattern(source, words))
            except PatternError as error:
                raise self.fail(f"pattern {source!r}: {error}") from None
        return tuple(compiled)

    def items(self, name: str, *, optional: bool = False) -> list["Fields"]:
        """A list of mappings, each named by its key or its place."""
        found = self.take(name, [] if optional else None)
        if not isinstance(found, list):
            raise self.fail(f"{name} must be a list")
        return [Fields(each, f"{self.where}: {_name(each, at)}") for at, each in enumerate(found, 1)]

    def finish(self) -> None:
        """Refuse fields that nobody read: a misspelt name must not go unnoticed."""
        if self._content:
            raise self.fail(f"unknown field {', '.join(sorted(self._content))}")


def _name(content: object, at: int) -> str:
    key = content.get("key") if isinstance(content, Mapping) else None
    return f"entry {key!r}" if isinstance(key, str) else f"entry number {at}"


def read_fields(path: Path) -> Fields:
    """Read a YAML file that holds one mapping.

    Raises ``ContentError`` when it is missing, not UTF-8, not YAML, or not a mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: cannot be read ({error.__class__.__name__})") from error
    except yaml.YAMLError as error:
        raise ContentError(f"{path.name}: is not YAML: {error}") from error
    return Fields(content, path.name)
