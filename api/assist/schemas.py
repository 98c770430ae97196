"""What a counsellor who asks for a suggestion is answered."""

from api.conversations.schemas import Schema
from triage.personal.words import PersonalKind


class SuggestionView(Schema):
    """A suggestion, unverified, and the kinds of personal information that were masked before asking.

    ``marked`` must be shown beside it. Plain text: show it escaped. It is not stored.
    """

    suggestion: str
    model: str
    marked: str
    redacted: list[PersonalKind]
