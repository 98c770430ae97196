"""Ask the operator's host for a suggestion: read, redact, put on record, call; nothing is stored of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from api.assist.client import AssistHost, ask_host
from api.assist.prompts import AssistPrompt, assist_prompt
from api.assist.schemas import SuggestionView
from api.audit.log import AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal
from api.conversations.repository import list_turns
from api.conversations.service import find_theirs, is_held_back
from api.db.session import Database
from api.errors import AssistOff
from api.settings import Settings
from triage.message import ContentType, Role, Turn
from triage.personal.words import PersonalKind
from triage.redact import redact_transcript

MAX_TURNS = 20
"""The newest turns that are sent."""
MAX_READ_CHARACTERS = 4_000
"""Of a longer turn only the beginning is redacted and sent, so that a call costs a bounded time."""
_CUT_MARGIN = 200
"""Dropped where a long turn is cut: half a number or name there would not be recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedTranscript:
    """The newest turns without personal information, and the kinds that were masked in them."""

    turns: tuple[Turn, ...]
    kinds: tuple[PersonalKind, ...]


def assist_host(settings: Settings) -> AssistHost:
    """The host that the operator set; raises ``AssistOff`` when there is none."""
    if settings.assist_url is None:
        raise AssistOff
    return AssistHost(
        url=settings.assist_url,
        model=settings.assist_model,
        api_key=settings.assist_api_key,
        timeout_s=settings.assist_timeout_s,
    )


async def suggest(
    database: Database, settings: Settings, *, conversation_id: UUID, counsellor: Principal, now: datetime
) -> SuggestionView:
    """A suggestion for a counsellor about a conversation; the conversation is not changed by it.

    Raises ``AssistOff``, ``NotFound``, ``AssistFailed`` or ``AssistTimeout``.
    """
    host = assist_host(settings)
    prompt = assist_prompt()
    read = partial(_read_turns, conversation_id=conversation_id, counsellor=counsellor, now=now)
    turns = await database.read(read)
    redacted = await asyncio.to_thread(redact_turns, turns)
    record = partial(
        _record, conversation_id=conversation_id, counsellor=counsellor, now=now, host=host, prompt=prompt
    )
    # On record before anything leaves: a call that fails has been made all the same.
    await database.write(record)
    answer = await ask_host(
        host, instruction=prompt.instruction, request=prompt.write_request(redacted.turns)
    )
    return SuggestionView(
        suggestion=answer.text, model=answer.model, marked=prompt.marked, redacted=list(redacted.kinds)
    )


def _read_turns(
    session: Session, *, conversation_id: UUID, counsellor: Principal, now: datetime
) -> list[Turn]:
    """The newest turns; what the young person took back, or was not shown yet, is left out."""
    find_theirs(session, conversation_id=conversation_id, viewer=counsellor)
    shown = [
        turn.message
        for turn in list_turns(session, conversation_id=conversation_id)
        if turn.message.recalled_at is None and not is_held_back(turn, now=now)
    ]
    return [
        Turn(role=Role(row.role), text=row.text if row.content_type == ContentType.TEXT else "")
        for row in shown[-MAX_TURNS:]
    ]


def redact_turns(turns: list[Turn]) -> RedactedTranscript:
    """The turns as they may leave the service."""
    redacted = redact_transcript([_shorten(turn.text) for turn in turns])
    kinds = {kind for each in redacted for kind in each.kinds}
    return RedactedTranscript(
        turns=tuple(Turn(role=turn.role, text=each.text) for turn, each in zip(turns, redacted, strict=True)),
        kinds=tuple(kind for kind in PersonalKind if kind in kinds),
    )


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_READ_CHARACTERS else text[: MAX_READ_CHARACTERS - _CUT_MARGIN]


def _record(
    session: Session,
    *,
    conversation_id: UUID,
    counsellor: Principal,
    now: datetime,
    host: AssistHost,
    prompt: AssistPrompt,
) -> None:
    """Who asked, when, with which prompt and model; never what was said."""
    record_audit(
        session,
        actor=counsellor,
        action=AuditAction.ASSIST_ASKED,
        subject_kind=SubjectKind.CONVERSATION,
        subject_id=str(conversation_id),
        now=now,
        details={"prompt": prompt.key, "prompt_version": prompt.version, "model": host.model},
    )
