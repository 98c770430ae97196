from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.clock import CHINA
from api.hours import ServiceHours

DAY = ServiceHours.parse("08:00-22:00")
NIGHT = ServiceHours.parse("20:00-02:00")
ALWAYS = ServiceHours.parse("00:00-24:00")
WITHIN = timedelta(minutes=30)


def at(clock: str, *, day: int = 24) -> datetime:
    """A moment by the clock in China, in UTC as the service has it."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=CHINA).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        pytest.param("08:00-22:00", 480, 1320, id="a day"),
        pytest.param("08:30-17:45", 510, 1065, id="minutes"),
        pytest.param("00:00-24:00", 0, 1440, id="day and night"),
        pytest.param("20:00-02:00", 1200, 120, id="past midnight"),
        pytest.param("08:00-00:00", 480, 0, id="until midnight"),
        pytest.param("08:00-24:00", 480, 1440, id="until midnight, as 24"),
    ],
)
def test_hours_are_read(text: str, opens: int, closes: int) -> None:
    assert ServiceHours.parse(text) == ServiceHours(opens=opens, closes=closes)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("8:00-22:00", id="one digit"),
        pytest.param("08:00–22:00", id="another dash"),
        pytest.param("08:00 - 22:00", id="blanks"),
        pytest.param("08:00-22:00\n", id="a line's end"),
        pytest.param("08:00-22:60", id="no such minute"),
        pytest.param("08:00-25:00", id="no such hour"),
        pytest.param("08:00-24:01", id="beyond the day"),
        pytest.param("24:00-08:00", id="opens when the day ends"),
        pytest.param("08:00-08:00", id="no stretch"),
        pytest.param("00:00-00:00", id="no stretch at midnight"),
        pytest.param("24:00-24:00", id="no stretch at the day's end"),
        pytest.param("08:00-12:00,14:00-18:00", id="two stretches"),
    ],
)
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        ServiceHours.parse(text)


@pytest.mark.parametrize(
    ("hours", "clock", "expected"),
    [
        pytest.param(DAY, "07:59:59", False, id="just before it opens"),
        pytest.param(DAY, "08:00:00", True, id="as it opens"),
        pytest.param(DAY, "21:59:59", True, id="just before it closes"),
        pytest.param(DAY, "22:00:00", False, id="as it closes"),
        pytest.param(NIGHT, "19:59:59", False, id="before the night"),
        pytest.param(NIGHT, "20:00:00", True, id="as the night opens"),
        pytest.param(NIGHT, "00:00:00", True, id="midnight"),
        pytest.param(NIGHT, "01:59:59", True, id="after midnight"),
        pytest.param(NIGHT, "02:00:00", False, id="as the night closes"),
        pytest.param(ALWAYS, "00:00:00", True, id="always, midnight"),
        pytest.param(ALWAYS, "23:59:59", True, id="always, the last second"),
    ],
)
def test_when_counsellors_work(hours: ServiceHours, clock: str, expected: bool) -> None:
    assert hours.are_open(at(clock)) is expected


@pytest.mark.parametrize(
    ("hours", "now", "opening"),
    [
        pytest.param(DAY, at("07:00"), at("08:00"), id="this morning"),
        pytest.param(DAY, at("07:59:59"), at("08:00"), id="in a second"),
        pytest.param(DAY, at("22:00"), at("08:00", day=25), id="tomorrow"),
        pytest.param(DAY, at("00:30"), at("08:00"), id="after midnight"),
        pytest.param(NIGHT, at("02:00"), at("20:00"), id="this evening"),
    ],
)
def test_a_promise_counts_from_the_next_opening(
    hours: ServiceHours, now: datetime, opening: datetime
) -> None:
    assert hours.promise(now, within=WITHIN, urgent=False) == opening + WITHIN


MINUTES = st.integers(0, 24 * 60 - 1)
HOURS = (
    st.builds(lambda opens, closes: (opens, closes), MINUTES, st.integers(0, 24 * 60))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: ServiceHours(opens=pair[0], closes=pair[1]))
)
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.sampled_from([UTC, CHINA])
)
SPANS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=3))


@given(HOURS, MOMENTS, SPANS)
def test_what_is_urgent_never_waits(hours: ServiceHours, now: datetime, within: timedelta) -> None:
    assert hours.promise(now, within=within, urgent=True) == now + within


@given(HOURS, MOMENTS, SPANS)
def test_while_open_a_promise_counts_from_now(hours: ServiceHours, now: datetime, within: timedelta) -> None:
    assume(hours.are_open(now))
    assert hours.promise(now, within=within, urgent=False) == now + within


@given(HOURS, MOMENTS, SPANS)
def test_laws_of_a_promise(hours: ServiceHours, now: datetime, within: timedelta) -> None:
    """Never earlier than from now, in the caller's zone; it starts while open, at an edge, within 24 hours."""
    promised = hours.promise(now, within=within, urgent=False)
    assert promised >= now + within
    assert promised.tzinfo is now.tzinfo
    start = promised - within
    assert start - now <= timedelta(hours=24)
    assert hours.are_open(start)
    if not hours.are_open(now):
        assert not hours.are_open(start - timedelta(microseconds=1))


@given(HOURS, MOMENTS)
def test_a_day_later_is_the_same_hour(hours: ServiceHours, now: datetime) -> None:
    assert hours.are_open(now) is hours.are_open(now + timedelta(days=1))
