"""Can a machine read this message at all? Whatever it cannot read goes to a person."""

import unicodedata

from triage.message import ContentType, Message
from triage.normalize import NormalizedText
from triage.risk.assessment import DegradedReason

MAX_CHARACTERS = 4_000
"""Longest message, in code points, that is read whole; longer ones are read in part (``reading``)."""
MIN_KNOWN_SHARE = 0.5
"""Share of letters in Han or Latin script below which the language counts as unknown."""


def _is_known_script(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith(("CJK", "LATIN"))


def check_readable(message: Message, text: NormalizedText) -> tuple[DegradedReason, ...]:
    """Reasons why the classifier's word alone must not be trusted for this message; empty if none."""
    reasons: list[DegradedReason] = []
    if message.content_type is not ContentType.TEXT:
        reasons.append(DegradedReason.UNSUPPORTED_CONTENT)
    letters = [char for char in text.text if char.isalnum()]
    if not letters:
        reasons.append(DegradedReason.UNREADABLE)
    elif sum(map(_is_known_script, letters)) < MIN_KNOWN_SHARE * len(letters):
        reasons.append(DegradedReason.UNKNOWN_LANGUAGE)
    if len(message.text) > MAX_CHARACTERS:
        reasons.append(DegradedReason.TOO_LONG)
    return tuple(reasons)
