"""One at a time for a key, all at once for different keys, nothing left behind."""

import asyncio

import pytest

from api.messages.keyed_locks import KeyedLocks


async def test_holders_of_one_key_wait_in_line() -> None:
    locks = KeyedLocks()
    order: list[str] = []

    async def work(name: str) -> None:
        async with locks.hold("a"):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(work("1"), work("2"), work("3"))
    assert order == ["1 in", "1 out", "2 in", "2 out", "3 in", "3 out"]


async def test_other_keys_do_not_wait() -> None:
    locks = KeyedLocks()
    async with asyncio.timeout(1), locks.hold("a"), locks.hold("b"):
        assert len(locks) == 2


async def test_nothing_is_left_behind_after_errors_and_cancellation() -> None:
    locks = KeyedLocks()
    with pytest.raises(ValueError, match="inside"):
        async with locks.hold("a"):
            raise ValueError("inside")
    async with locks.hold("a"):
        waiting = asyncio.create_task(locks.hold("a").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert len(locks) == 0
