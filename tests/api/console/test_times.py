"""Times are the helpline's, and waits are read at a glance."""

from datetime import UTC, datetime

import pytest

from api.console.times import clock_time, name_wait

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0秒"),
        (0, "0秒"),
        (59.9, "59秒"),
        (60, "1分00秒"),
        (185, "3分05秒"),
        (3599, "59分59秒"),
        (3600, "1小时00分"),
        (7620, "2小时07分"),
        (86_400, "1天"),
    ],
)
def test_name_wait(seconds: float, words: str) -> None:
    assert name_wait(seconds) == words


def test_today_is_the_helplines_today() -> None:
    assert clock_time(NOW, now=NOW) == "23:30"
    assert clock_time(NOW.replace(hour=16), now=NOW) == "11-25 00:30"
