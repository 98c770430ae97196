"""``chat``: talk with the intake in the terminal, and ask why it answered as it did."""

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from triage.conversation import Answer, Conversation
from triage.intake.slots import SlotSource
from triage.resources import Resource

NUMBERS_SHOWN = ("police", "ambulance", "youth_line", "psych_line")
COMMANDS = "/why shows what is behind the last answer, /reset begins anew, /quit or Ctrl-D ends"
_PROMPT = "> "


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Where a talk in the terminal stands."""

    conversation: Conversation
    answer: Answer | None = None


def chat(begin: Callable[[], Conversation], *, tell: Callable[[str], None] = print) -> None:
    """Read lines from standard input until it ends or ``/quit``, and answer each; nothing is stored."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    sitting = Sitting(conversation=begin())
    for line in render_banner(sitting.conversation.catalog.resources):
        tell(line)
    for typed in _read_lines():
        match typed.split():
            case []:
                continue
            case ["/quit"]:
                break
            case ["/reset"]:
                sitting = Sitting(conversation=begin())
                tell("A new conversation.")
            case ["/why"]:
                for line in _explain(sitting):
                    tell(line)
            case [command, *_] if command.startswith("/"):
                tell(f"There is no command {command}; {COMMANDS}.")
            case _:
                sitting = _say(sitting, typed)
                for line in _render_answer(sitting.answer):
                    tell(line)
    tell("The talk has ended; nothing was stored.")


def render_banner(resources: Mapping[str, Resource]) -> list[str]:
    """What must be known before the first line: nothing is stored, nobody is called, who can be."""
    numbers = ", ".join(f"{resources[key].name} {resources[key].number}" for key in NUMBERS_SHOWN)
    return [
        "This is a test in your terminal: nothing is stored, and no person is called or reads along.",
        f"In real danger, call: {numbers}.",
        f"Commands: {COMMANDS}; a number sends the quick reply beside it.",
        "",
    ]


def _read_lines() -> Iterator[str]:
    while True:
        try:
            yield input(_PROMPT)
        except EOFError:
            print()
            return


def _say(sitting: Sitting, typed: str) -> Sitting:
    offered = sitting.answer.quick_replies if sitting.answer else ()
    choice = typed.strip()
    if choice.isascii() and choice.isdigit() and 1 <= int(choice) <= len(offered):
        typed = offered[int(choice) - 1]
    conversation, answer = sitting.conversation.say(typed)
    return Sitting(conversation=conversation, answer=answer)


def _render_answer(answer: Answer | None) -> list[str]:
    if answer is None:
        return []
    lines = [f"  {message}" for message in answer.messages]
    if answer.quick_replies:
        lines.append("  " + "  ".join(f"[{at}] {text}" for at, text in enumerate(answer.quick_replies, 1)))
    return lines


def _explain(sitting: Sitting) -> list[str]:
    """What stands behind the last answer."""
    if sitting.answer is None:
        return ["Nothing was said yet."]
    answer, intake = sitting.answer, sitting.conversation.state.intake
    assessment, decision = answer.result.assessment, answer.result.decision
    signals = ", ".join(
        f"{each} {assessment.signal_scores.get(each, 0.0):.2f}" for each in assessment.signals
    )
    shown = {
        "category": f"{assessment.category} {assessment.category_scores.get(assessment.category, 0.0):.2f}",
        "signals": signals or "none",
        "level": f"{assessment.level.name} (this message alone: {assessment.message_level.name})",
        "score": f"{assessment.risk_score:.3f} (this message alone: {assessment.message_risk_score:.3f})",
        "not read": ", ".join(assessment.degraded),
        "evidence": "; ".join(f"{each.text} ({each.signal}, {each.source})" for each in assessment.evidence),
        "decision": f"{decision.disposition}: {decision.reason}",
        "queue": f"{decision.queue}, a person within {decision.respond_within_s} s",
        "statement": answer.statement_key,
        "question": answer.question_key or "none",
        "intake": f"{intake.stage}, {len(intake.asked)} questions asked, language {intake.dialect}",
    }
    lines = [f"  {name:<11}{text}" for name, text in shown.items() if text]
    for value in intake.values:
        told = "declined" if value.source is SlotSource.DECLINED else f"{value.value or '-'} ({value.quote})"
        lines.append(f"  {'slot':<11}{value.slot} {told}")
    return lines
