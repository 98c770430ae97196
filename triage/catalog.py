"""The texts under ``prompts/``, read once, checked, and put together to an answer.

Nothing a young person reads is written in code: experts edit these files, a reviewer signs them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ArtefactError, ContentError
from triage.intake.script import Scripts
from triage.intake.script_files import fill_numbers, load_scripts
from triage.intake.slots import Dialect
from triage.replies import CRISIS_KEYS, OPENING_KEYS, REPLY_KEYS
from triage.resources import PROMPTS_PATH, Resource, load_resources, read_header
from triage.risk.assessment import TriageResult
from triage.signals.fields import Fields, read_fields
from triage.wording import WordingRules, load_wording

ARTEFACTS_PATH = PROMPTS_PATH.parent / "models" / "artifacts"
REPLY_FILES = {Dialect.MANDARIN: "mandarin.yaml", Dialect.CANTONESE: "cantonese.yaml"}
_QUESTION_MARKS = ("？", "?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: a statement, perhaps a question after it, and the quick replies to that question."""

    key: str
    version: str
    messages: tuple[str, ...]
    quick_replies: tuple[str, ...] = ()
    question_key: str | None = None

    @property
    def text(self) -> str:
        """The messages as one text, a line each."""
        return "\n".join(self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The texts of one reply in one language: ``first`` where the opening notice is due, then by turn."""

    texts: tuple[str, ...]
    first: str | None = None

    def choose(self, *, times_sent: int, opens: bool) -> str:
        """The text for this time; when all were said, those after the first come round again."""
        if opens and self.first is not None:
            return self.first
        if times_sent < len(self.texts):
            return self.texts[times_sent]
        again = self.texts[1:] or self.texts
        return again[(times_sent - len(self.texts)) % len(again)]


class Catalog:
    """Statements by language and key, the intake's questions, and resources by key."""

    def __init__(
        self,
        *,
        statements: Mapping[Dialect, Mapping[str, Statement]],
        scripts: Scripts,
        resources: Mapping[str, Resource],
        version: str,
    ) -> None:
        self._statements = statements
        self._scripts = scripts
        self.resources = resources
        self.version = version

    def compose(self, result: TriageResult, *, said: Sequence[str]) -> Reply:
        """The answer to a triaged message; ``said`` are the keys of what was said before.

        Raises ``ContentError`` when there is no text for the decision's key.
        """
        key, intake = result.decision.reply_key, result.intake
        statement = self.statement(
            key, times_sent=said.count(key), opens=result.opens, dialect=intake.dialect
        )
        question = self._scripts.find(intake.pending)
        if question is None:
            return Reply(key=key, version=self.version, messages=(statement,))
        return Reply(
            key=key,
            version=self.version,
            messages=(statement, question.texts[intake.dialect]),
            quick_replies=question.quick_replies[intake.dialect],
            question_key=question.key,
        )

    def statement(
        self,
        key: str,
        *,
        times_sent: int = 0,
        opens: bool = False,
        dialect: Dialect = Dialect.MANDARIN,
    ) -> str:
        """The text of a reply; what was already said is not said in the same words while others are left."""
        try:
            statement = self._statements[dialect][key]
        except KeyError as error:
            raise ContentError(f"no reply with key {key!r}") from error
        return statement.choose(times_sent=times_sent, opens=opens)


def load_catalog(path: Path = PROMPTS_PATH) -> Catalog:
    """Read all texts and resources; raises ``ContentError`` naming the file and the fault."""
    resources = load_resources(path)
    wording = load_wording(path)
    versions, statements = {}, {}
    for dialect, name in REPLY_FILES.items():
        fields = read_fields(path / "replies" / name)
        versions[dialect] = read_header(fields)
        statements[dialect] = _parse_statements(fields, resources, wording)
    lengths = [{key: len(each.texts) for key, each in found.items()} for found in statements.values()]
    if lengths.count(lengths[0]) != len(lengths):
        raise ContentError("replies: the languages differ in their keys or in the number of texts")
    return Catalog(
        statements=statements,
        scripts=load_scripts(path),
        resources=resources,
        version="+".join(dict.fromkeys(versions.values())),
    )


def _parse_statements(
    fields: Fields, resources: Mapping[str, Resource], wording: WordingRules
) -> dict[str, Statement]:
    replies = Fields(fields.take("replies"), f"{fields.where}: replies")
    fields.finish()
    numbers = {key: resource.number for key, resource in resources.items()}
    found = {}
    for key in replies.names():
        entry = Fields(replies.take(key), f"{fields.where}: reply {key!r}")
        first = (entry.text("first"),) if "first" in entry.names() else ()
        texts = tuple(fill_numbers(text, numbers, entry) for text in (*first, *entry.texts("texts")))
        entry.finish()
        _check_statement(key, texts, entry, wording)
        opening = texts[0] if first else None
        found[key] = Statement(first=opening, texts=texts[1:] if first else texts)
    missing, unknown = REPLY_KEYS - found.keys(), found.keys() - REPLY_KEYS
    if missing or unknown:
        raise replies.fail(f"no text for {sorted(missing)}, no use for {sorted(unknown)}")
    without = {key for key in OPENING_KEYS if found[key].first is None}
    if without:
        raise replies.fail(f"no first text for {sorted(without)}")
    return found


def _check_statement(key: str, texts: Sequence[str], entry: Fields, wording: WordingRules) -> None:
    for text in texts:
        if any(mark in text for mark in _QUESTION_MARKS):
            raise entry.fail("asks: questions stand in prompts/intake, so that an answer never has two")
        for fault in wording.check(text, crisis=key in CRISIS_KEYS):
            raise entry.fail(f"breaks the rule {fault.rule} ({fault.detail})")


def default_artefact() -> Path:
    """The shipped classifier: the one that ``models/artifacts/CURRENT`` names."""
    pointer = ARTEFACTS_PATH / "CURRENT"
    try:
        return ARTEFACTS_PATH / pointer.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ArtefactError(f"no shipped model: {pointer.name} cannot be read ({error.strerror})") from error
