"""Can a machine read this message at all? Whatever it cannot read goes to a person."""

import unicodedata
from collections.abc import Sequence

from triage.message import ContentType, Message
from triage.normalize import NormalizedText
from triage.risk.assessment import DegradedReason

MAX_CHARACTERS = 4_000
"""Longest message, in code points, that is read whole; longer ones are read in part (``reading``)."""
MIN_KNOWN_SHARE = 0.5
"""Share of letters in Han or Latin script below which the language counts as unknown."""

MAX_MARKED_SHARE = 0.1
"""Share of letters with marks (Vietnamese, say) above which Latin script counts as unknown."""


def _is_known_script(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith(("CJK", "LATIN"))


def _is_other_latin(letters: Sequence[str]) -> bool:
    """Latin script that is neither English nor pinyin without tones: many letters with marks, no Han."""
    marked = sum(not char.isascii() for char in letters)
    han = any(unicodedata.name(char, "").startswith("CJK") for char in letters)
    return not han and marked > MAX_MARKED_SHARE * len(letters)


def check_readable(message: Message, text: NormalizedText) -> tuple[DegradedReason, ...]:
    """Reasons why the classifier's word alone must not be trusted for this message; empty if none."""
    reasons: list[DegradedReason] = []
    if message.content_type is not ContentType.TEXT:
        reasons.append(DegradedReason.UNSUPPORTED_CONTENT)
    letters = [char for char in text.text if char.isalpha()]
    if not any(char.isalnum() for char in text.text):
        reasons.append(DegradedReason.UNREADABLE)
    elif sum(map(_is_known_script, letters)) < MIN_KNOWN_SHARE * len(letters) or _is_other_latin(letters):
        reasons.append(DegradedReason.UNKNOWN_LANGUAGE)
    if len(message.text) > MAX_CHARACTERS:
        reasons.append(DegradedReason.TOO_LONG)
    return tuple(reasons)
