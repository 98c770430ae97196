"""What the assist's host is asked: read from ``prompts/assist``, checked once."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import ContentError
from triage.message import Role, Turn
from triage.resources import PROMPTS_PATH

NEXT_STEPS_PATH = PROMPTS_PATH / "assist" / "next_steps.yaml"
MAX_TURN_CHARACTERS = 1_000
"""Characters of one turn that are sent; what is cut off is shown as cut off."""
_TRANSCRIPT = "{transcript}"
_CUT = "…"


class AssistPrompt(BaseModel):
    """One reviewed prompt; ``marked`` is what stands beside every suggestion."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    key: str
    version: str
    reviewer: str
    audience: str = Field(pattern="^counsellor$")
    marked: str
    roles: dict[Role, str]
    not_text: str
    instruction: str
    request: str = Field(pattern=r"\{transcript\}")

    def write_request(self, turns: Sequence[Turn]) -> str:
        """The request with a line for each turn; an empty text stands for what is no text."""
        lines = "\n".join(f"{self.roles[turn.role]}：{self._write_line(turn.text)}" for turn in turns)
        return self.request.replace(_TRANSCRIPT, lines)

    def _write_line(self, text: str) -> str:
        # One line each: so a turn cannot pass for another's words.
        line = " ".join(text.split())
        if not line:
            return self.not_text
        return line if len(line) <= MAX_TURN_CHARACTERS else line[:MAX_TURN_CHARACTERS] + _CUT


def load_assist_prompt(path: Path = NEXT_STEPS_PATH) -> AssistPrompt:
    """Read a prompt; raises ``ContentError`` that names the file and the fault."""
    try:
        prompt = AssistPrompt.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    if set(prompt.roles) != set(Role):
        raise ContentError(f"{path.name}: roles must name each of {', '.join(Role)}")
    return prompt


@lru_cache(maxsize=1)
def assist_prompt() -> AssistPrompt:
    """The shipped prompt, read at first use: most installations never do."""
    return load_assist_prompt()
