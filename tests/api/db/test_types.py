"""Times come back as they went in, in UTC; identifiers sort by time."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import StatementError

from api.db.identifiers import new_id
from api.db.tables import SignInAttemptRow
from tests.api.running import START, RunningService


@pytest.mark.parametrize(
    "moment",
    [
        START,
        START.replace(microsecond=123456),
        datetime(2026, 11, 24, 20, 0, tzinfo=timezone(timedelta(hours=8))),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
    ids=str,
)
async def test_time_comes_back_in_utc(service: RunningService, moment: datetime) -> None:
    await service.execute(insert(SignInAttemptRow).values(username_hash="h", peer="p", at=moment))
    [row] = await service.rows(SignInAttemptRow)
    assert row.at == moment
    assert row.at.tzinfo is UTC
    assert await service.count(SignInAttemptRow, SignInAttemptRow.at <= moment) == 1
    assert await service.count(SignInAttemptRow, SignInAttemptRow.at < moment) == 0


async def test_time_without_zone_is_refused(service: RunningService) -> None:
    attempt = {"username_hash": "h", "peer": "p", "at": datetime(2026, 11, 24)}
    with pytest.raises(StatementError, match="without a zone"):
        await service.execute(insert(SignInAttemptRow).values(attempt))


def test_identifiers_are_uuids_of_version_7_in_order() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {identifier.version for identifier in made} == {7}
    assert {identifier.variant for identifier in made} == {UUID(int=0x8 << 60).variant}
    milliseconds = [identifier.int >> 80 for identifier in made]
    assert milliseconds == sorted(milliseconds)
    age_s = datetime.now(UTC).timestamp() - milliseconds[-1] / 1000
    assert 0 <= age_s < 60
