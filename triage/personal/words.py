"""The kinds of personal information (个人信息), the shape of a rule, and the word lists of ``words.yaml``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from triage.resources import load_resources, read_header
from triage.signals.fields import Fields, read_fields

WORDS_PATH = Path(__file__).parent / "words.yaml"
_WORDS = (
    "compound_surnames", "titles", "not_names", "schools", "school_types", "not_schools", "estates",
    "not_estates",
)  # fmt: skip
_CHARACTERS = ("surnames", "doubtful_surnames", "not_in_names", "not_in_schools")


class PersonalKind(StrEnum):
    """One kind of personal information."""

    PHONE = "phone"
    IDENTITY_CARD = "identity_card"
    CERTIFICATE = "certificate"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    WECHAT = "wechat"
    QQ = "qq"
    ACCOUNT = "account"
    EMAIL = "email"
    URL = "url"
    SCHOOL = "school"
    CLASS = "class"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A pattern over folded text whose group ``it`` is personal where ``accepts`` holds of the match."""

    kind: PersonalKind
    pattern: re.Pattern[str]
    accepts: Callable[[re.Match[str]], bool] = bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalWords:
    """The word lists: ``words`` are lists of words, ``characters`` are sets written as one string.

    ``not_after`` holds, by surname, the characters after which it is part of another word.
    """

    version: str
    marks: Mapping[PersonalKind, str]
    protected: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    characters: Mapping[str, str]
    not_after: Mapping[str, str]


@lru_cache(maxsize=1)
def shipped_words() -> PersonalWords:
    """The shipped word lists, read at first use."""
    return load_words()


def load_words(path: Path = WORDS_PATH) -> PersonalWords:
    """Read the word lists; raises ``ContentError`` that names the file and the fault."""
    fields = read_fields(path)
    version = read_header(fields)
    marks = Fields(fields.take("marks"), f"{fields.where}: marks")
    not_after = Fields(fields.take("not_after"), f"{fields.where}: not_after")
    words = PersonalWords(
        version=version,
        marks={kind: marks.text(kind.value) for kind in PersonalKind},
        protected=fields.texts("protected"),
        words={key: fields.texts(key) for key in _WORDS},
        characters={key: fields.text(key) for key in _CHARACTERS},
        not_after={key: not_after.text(key) for key in not_after.names()},
    )
    marks.finish()
    fields.finish()
    return words


@lru_cache(maxsize=1)
def hotline_numbers() -> frozenset[str]:
    """The numbers that anybody may be told; they are nobody's personal information."""
    return frozenset(resource.number for resource in load_resources().values())


def one_of(words: tuple[str, ...]) -> str:
    """A pattern for any of the words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


def han_except(characters: str) -> str:
    """A pattern for one Chinese character that is none of these."""
    return f"(?:(?![{characters}])[\u4e00-\u9fff])"
