"""Passwords of staff: hashed by argon2, checked off the event loop, one-time ones made at random."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from api.errors import WeakPassword

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones are refused: hashing them is work that anybody could order."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 4
_GROUP_LENGTH = 5
_MIN_DIFFERENT = 5
_HASHER = PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    """Stands in for the hash of an account that does not exist, so that both cases take as long."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def new_one_time_password() -> str:
    """A password of about 99 random bits, easy to read out: four groups of five."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_strength(password: str, *, username: str) -> None:
    """Raise ``WeakPassword``, with the rule that is broken."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword(message=f"The new password needs {MIN_LENGTH} to {MAX_LENGTH} characters.")
    if username.casefold() in password.casefold() or len(set(password)) < _MIN_DIFFERENT:
        raise WeakPassword(message="The new password is too easy to guess.")


async def hash_password(password: str) -> str:
    """What is stored of a password."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def verify_password(password: str, *, stored: str | None) -> bool:
    """Whether a password is the one that was stored; takes as long when there is none."""
    if len(password) > MAX_LENGTH:
        return False
    return await asyncio.to_thread(_verify, password, stored) and stored is not None


def _verify(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(stored or _hash_of_nobody(), password)
    except (Argon2Error, InvalidHashError, UnicodeError):
        return False
