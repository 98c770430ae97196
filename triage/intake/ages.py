"""Read an age in a quote, in digits or Chinese numerals, and find its band."""

import re

from triage.intake.slots import AgeBand, Speaker

ADULT_AGE, PROTECTED_AGE = 18, 14
"""Years: 民法典 17 (of age), 个人信息保护法 28 and 31 (a child under 14 has stricter protection)."""
_YOUNGEST_WRITER, _OLDEST_CHILD = 6, 25
_DIGITS = re.compile(r"\d{1,3}")
_NUMERAL = re.compile("([一二三四五六七八九]?)(十|廿)?([一二三四五六七八九]?)")
_NUMERALS = "零一二三四五六七八九"


def age_band(quote: str, speaker: Speaker | None) -> AgeBand | None:
    """The band of the age that a quote names; nothing for an age that its person can hardly have.

    Who writes alone is six or more; a caregiver's child or pupil is not above 25, or the age is their own.
    """
    years = _years(quote)
    youngest = 0 if speaker is Speaker.CAREGIVER else _YOUNGEST_WRITER
    oldest = _OLDEST_CHILD if speaker is Speaker.CAREGIVER else 99
    if years is None or not youngest <= years <= oldest:
        return None
    if years < PROTECTED_AGE:
        return AgeBand.UNDER_14
    return AgeBand.FROM_14_TO_17 if years < ADULT_AGE else AgeBand.ADULT


def _years(quote: str) -> int | None:
    if digits := _DIGITS.search(quote):
        return int(digits[0])
    for found in _NUMERAL.finditer(quote):
        tens, ten, ones = found.groups()
        if ten == "廿":
            return 20 + _NUMERALS.find(ones or "零")
        if ten:
            return 10 * (_NUMERALS.find(tens) if tens else 1) + _NUMERALS.find(ones or "零")
        if tens or ones:
            return _NUMERALS.find(tens or ones)
    return None
