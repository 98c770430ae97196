"""The table of who may do what; every route names one permission of it, or says it is public."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Role(StrEnum):
    """What a caller is: a machine with a token, a young person's chat page, or staff."""

    CHAT_BACKEND = "chat_backend"
    MONITOR = "monitor"
    CHAT_SESSION = "chat_session"
    COUNSELLOR = "counsellor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that can be done through a route."""

    SEND_MESSAGE = "send_message"
    RECALL_MESSAGE = "recall_message"
    READ_CONVERSATION = "read_conversation"
    ANSWER_CONVERSATION = "answer_conversation"
    READ_HANDOVER = "read_handover"
    TELL_TYPING = "tell_typing"
    READ_QUEUES = "read_queues"
    READ_METRICS = "read_metrics"
    USE_CONSOLE = "use_console"
    USE_ASSIST = "use_assist"
    CHANGE_OWN_PASSWORD = "change_own_password"
    SIGN_OUT = "sign_out"


_STAFF = frozenset(
    {
        Permission.READ_CONVERSATION,
        Permission.ANSWER_CONVERSATION,
        Permission.READ_HANDOVER,
        Permission.TELL_TYPING,
        Permission.READ_QUEUES,
        Permission.USE_CONSOLE,
        Permission.USE_ASSIST,
        Permission.CHANGE_OWN_PASSWORD,
        Permission.SIGN_OUT,
    }
)

_CHAT = frozenset(
    {
        Permission.SEND_MESSAGE,
        Permission.RECALL_MESSAGE,
        Permission.READ_CONVERSATION,
        Permission.TELL_TYPING,
    }
)

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.CHAT_BACKEND: _CHAT | {Permission.READ_QUEUES},
        Role.MONITOR: frozenset({Permission.READ_METRICS}),
        Role.CHAT_SESSION: _CHAT,
        Role.COUNSELLOR: _STAFF,
        Role.ADMINISTRATOR: _STAFF,
    }
)

STAFF_ROLES = frozenset({Role.COUNSELLOR, Role.ADMINISTRATOR})
TOKEN_ROLES = frozenset({Role.CHAT_BACKEND, Role.MONITOR})

ALLOWED_WITH_ONE_TIME_PASSWORD = frozenset({Permission.CHANGE_OWN_PASSWORD, Permission.SIGN_OUT})
"""All that an account may do until its one-time password is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls, as established by a token or a session.

    ``channel`` limits a chat backend or chat session to its channel (None: every channel);
    ``user`` is set for a chat session only; ``session_id`` and ``csrf_token`` for staff only.
    """

    role: Role
    id: str
    name: str = ""
    channel: str | None = None
    user: str | None = None
    session_id: UUID | None = None
    csrf_token: str | None = None
    must_change_password: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether a member of staff calls, who may see evidence and scores."""
        return self.role in STAFF_ROLES

    def may(self, permission: Permission) -> bool:
        """Whether the role's row of the table holds the permission."""
        return permission in PERMISSIONS[self.role]
