"""Identifiers that sort by time of making: UUID version 7 (RFC 9562, section 5.7)."""

import secrets
import time
from uuid import UUID

_NS_PER_MS = 1_000_000
_RANDOM_A_BITS = 12
_RANDOM_B_BITS = 62


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // _NS_PER_MS
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(_RANDOM_A_BITS) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(_RANDOM_B_BITS)
    return UUID(int=value)
