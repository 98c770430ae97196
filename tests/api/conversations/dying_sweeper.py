"""``python -m tests.api.conversations.dying_sweeper URL``: raises the alarms, and dies before the commit."""

import asyncio
import os
import sys
from datetime import timedelta

from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from api.conversations.silence import raise_due_alarms
from api.db.session import Database
from tests.api.running import START
from triage.labels import RiskLevel


def raise_and_die(session: Session) -> None:
    """What a sweep does, up to the moment before it is kept."""
    raised = raise_due_alarms(session, now=START + timedelta(minutes=10), within_s={RiskLevel.HIGH: 60})
    print(len(raised), flush=True)
    os._exit(9)


if __name__ == "__main__":
    asyncio.run(Database(make_url(sys.argv[1])).write(raise_and_die))
