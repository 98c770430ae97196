"""The table itself: who may do what, written out once more by hand."""

import pytest

from api.auth.permissions import PERMISSIONS, STAFF_ROLES, Permission, Principal, Role

MAY = {
    Role.CHAT_BACKEND: {
        "send_message", "recall_message", "read_conversation", "tell_typing", "read_queues",
    },
    Role.MONITOR: {"read_metrics"},
    Role.CHAT_SESSION: {"send_message", "recall_message", "read_conversation", "tell_typing"},
    Role.COUNSELLOR: {
        "read_conversation", "answer_conversation", "tell_typing", "read_queues", "use_console", "use_assist",
        "read_handover", "change_own_password", "sign_out",
    },
    Role.ADMINISTRATOR: {
        "read_conversation", "answer_conversation", "tell_typing", "read_queues", "use_console", "use_assist",
        "read_handover", "change_own_password", "sign_out",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_table(role: Role, permission: Permission) -> None:
    assert Principal(role=role, id="x").may(permission) == (permission.value in MAY[role])


def test_table_is_complete_and_cannot_be_changed() -> None:
    assert set(PERMISSIONS) == set(Role)
    with pytest.raises(TypeError):
        PERMISSIONS[Role.MONITOR] = frozenset(Permission)  # type: ignore[index]


def test_staff_are_people() -> None:
    assert {role for role in Role if Principal(role=role, id="x").is_staff} == STAFF_ROLES
