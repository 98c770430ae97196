"""A whole conversation in memory: what the service does with a database, as a pure value.

The simulator, the terminal and the tests talk through it; the service stores the same state by itself.
"""

from dataclasses import dataclass, replace

from triage.catalog import Catalog, load_catalog
from triage.intake.state import IntakeState
from triage.message import ContentType, ConversationState, Message
from triage.pipeline import TriagePipeline, load_pipeline
from triage.risk.assessment import TriageResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the young person is answered: one or two messages, at most one question, and quick replies."""

    messages: tuple[str, ...]
    quick_replies: tuple[str, ...]
    statement_key: str
    question_key: str | None
    result: TriageResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation up to now; ``say`` gives the next one and leaves this one as it is."""

    pipeline: TriagePipeline
    catalog: Catalog
    state: ConversationState

    @classmethod
    def begin(cls, *, pipeline: TriagePipeline, catalog: Catalog, opened: bool = False) -> "Conversation":
        """A new conversation; ``opened`` where a page has shown the notice about the AI assistant."""
        state = ConversationState(intake=IntakeState(opened=opened))
        return cls(pipeline=pipeline, catalog=catalog, state=state)

    def say(
        self, text: str, *, content_type: ContentType = ContentType.TEXT, continues: bool = False
    ) -> "tuple[Conversation, Answer]":
        """The conversation after one more message of the young person, and the answer to it.

        ``continues``: it follows so closely that both are answered as one turn; the last answer was not
        shown, and is taken back.
        """
        before = self.state.without_last_reply() if continues else self.state
        message = Message(text=text, content_type=content_type)
        result = self.pipeline.triage(message=message, state=before)
        reply = self.catalog.compose(result, said=before.replies_sent)
        after = self.pipeline.advance(message=message, state=before, result=result)
        answer = Answer(
            messages=reply.messages,
            quick_replies=reply.quick_replies,
            statement_key=reply.key,
            question_key=reply.question_key,
            result=result,
        )
        return replace(self, state=after), answer


def load_conversation(*, opened: bool = False) -> Conversation:
    """A new conversation with the shipped model, lexicon, policy, scripts and texts."""
    return Conversation.begin(pipeline=load_pipeline(), catalog=load_catalog(), opened=opened)
