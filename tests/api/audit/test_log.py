"""Audit entries say who, what, when and in which request; an undone act leaves none."""

from functools import partial

import pytest
from sqlalchemy.orm import Session

from api.audit.log import Actor, AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal, Role
from api.db.tables import AuditEntryRow
from tests.api.running import START, RunningService

RECORD = partial(
    record_audit,
    action=AuditAction.TOKEN_CREATED,
    subject_kind=SubjectKind.TOKEN,
    subject_id="t-1",
    now=START,
)
COUNSELLOR = Principal(role=Role.COUNSELLOR, id="c-1")


@pytest.mark.parametrize(
    ("actor", "role", "actor_id"),
    [
        (COUNSELLOR, "counsellor", "c-1"),
        (Actor.OPERATOR, "operator", "operator"),
        (Actor.ANONYMOUS, "anonymous", "anonymous"),
    ],
    ids=["staff", "operator", "anonymous"],
)
async def test_entry_names_the_actor(
    service: RunningService, actor: Principal | Actor, role: str, actor_id: str
) -> None:
    await service.database.write(partial(RECORD, actor=actor))
    [entry] = await service.rows(AuditEntryRow)
    assert (entry.actor_role, entry.actor_id, entry.at) == (role, actor_id, START)
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("token_created", "token", "t-1")
    assert (entry.request_id, entry.details) == (None, {})


async def test_rolled_back_act_leaves_no_entry(service: RunningService) -> None:
    def act(session: Session) -> None:
        RECORD(session, actor=COUNSELLOR)
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await service.database.write(act)
    assert await service.count(AuditEntryRow) == 0
