"""Passwords: hashed, compared, made at random."""

from api.auth.passwords import MAX_LENGTH, hash_password, new_one_time_password, verify_password


async def test_password_is_known_again() -> None:
    stored = await hash_password("correct horse")
    assert await verify_password("correct horse", stored=stored)
    assert not await verify_password("correct hors", stored=stored)


async def test_nobody_has_no_password() -> None:
    assert not await verify_password("", stored=None)
    assert not await verify_password("anything", stored=None)


async def test_damaged_hash_and_endless_password_are_no_match() -> None:
    assert not await verify_password("x", stored="not a hash")
    assert not await verify_password("x" * (MAX_LENGTH + 1), stored=await hash_password("x"))
    assert not await verify_password("\ud800", stored=await hash_password("x"))


def test_one_time_passwords_differ_and_can_be_read_out() -> None:
    made = {new_one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 23 and not set(password) & set("0O1lI") for password in made)
