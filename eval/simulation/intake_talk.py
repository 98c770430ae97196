"""The real intake conversation, as a scripted user talks to it."""

from dataclasses import dataclass, replace

from eval.simulation.talk import Reaction, Versions
from triage.catalog import Catalog, load_catalog
from triage.conversation import Answer, Conversation
from triage.intake.script import Scripts
from triage.intake.script_files import load_scripts
from triage.intake.state import Stage
from triage.pipeline import TriagePipeline
from triage.risk.assessment import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeTalk:
    """A conversation with the pipeline, the shipped scripts and the shipped texts."""

    conversation: Conversation
    scripts: Scripts

    def say(self, text: str, *, hurried: bool) -> "tuple[IntakeTalk, Reaction]":
        """The conversation after a message and its answer, see ``Talk``."""
        conversation, answer = self.conversation.say(text, continues=hurried)
        return replace(self, conversation=conversation), self._react(conversation, answer)

    def _react(self, conversation: Conversation, answer: Answer) -> Reaction:
        state = conversation.state
        question = self.scripts.find(answer.question_key)
        return Reaction(
            messages=answer.messages,
            quick_replies=answer.quick_replies,
            question_key=answer.question_key,
            asks=question.slot if question else None,
            level=state.level,
            queue=state.queue,
            escalated=state.escalated,
            with_person=answer.result.decision.disposition is not Disposition.ENQUEUE,
            is_ready=state.intake.stage is Stage.READY,
            values=state.intake.values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeStage:
    """Where simulated conversations are held: one pipeline, one set of scripts and texts."""

    pipeline: TriagePipeline
    catalog: Catalog
    scripts: Scripts

    def begin(self) -> IntakeTalk:
        """A new conversation."""
        conversation = Conversation.begin(pipeline=self.pipeline, catalog=self.catalog)
        return IntakeTalk(conversation=conversation, scripts=self.scripts)

    @property
    def versions(self) -> Versions:
        """The versions of all that answers."""
        return Versions(
            model=self.pipeline.model_version,
            lexicon=self.pipeline.lexicon_version,
            policy=self.pipeline.policy_version,
            scripts=self.scripts.version,
            texts=self.catalog.version,
        )


def load_stage(pipeline: TriagePipeline) -> IntakeStage:
    """The shipped scripts and texts; raises ``ContentError`` when one of them is not fit to be said."""
    return IntakeStage(pipeline=pipeline, catalog=load_catalog(), scripts=load_scripts())
