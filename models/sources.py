"""Readers of the training sets: each turns its own format into ``Example``s.

Public sets stay outside the repository (``--data``); our own sentences are in ``eval/datasets``.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.example import NO_SIGNAL, Example, full_labels
from triage.labels import Category, RiskLevel, Signal, Subject
from triage.normalize import normalize_text
from triage.signals.extract import SignalExtractor
from triage.signals.hit import Strength
from triage.window import join_turns

_SUICIDE = {"自杀未遂": 3, "自杀准备行为": 3, "自杀计划": 3, "主动自杀意图": 2, "被动自杀意图": 2}
_SELF_HARM = {"自伤行为", "自伤意图"}
_UNRELATED = "与自杀/自伤/攻击行为无关"
_NEGATIVES: tuple[tuple[str, str, Category | None, int], ...] = (
    ("lihkg", "text", Category.OTHER, 1500),
    ("openrice", "text", Category.OTHER, 400),
    ("lccc", "turns", Category.OTHER, 1400),
    ("kdconv", "turns", Category.OTHER, 500),
    ("crosswoz", "turns", Category.OTHER, 400),
    ("hkcancor", "turns", Category.OTHER, 58),
    ("chatterbot_zh", "text", Category.OTHER, 900),
    ("lawbench_consult", "text", Category.LEGAL, 500),
    ("cold", "text", None, 1500),
    ("swsr", "text", None, 500),
)
NEGATIVE_SOURCES = frozenset(name for name, *_ in _NEGATIVES)
"""Public sets of ordinary talk, none of it labelled by a reader."""
_FAMILY_SUFFIX = re.compile(r"-?\d+$")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _listed(cell: str) -> list[str]:
    return [] if cell in {"", "-"} else cell.split(",")


def _read_labels(row: Mapping[str, str]) -> dict[str, Any]:
    return full_labels(
        map(Signal, _listed(row["signals"])), RiskLevel(int(row["level"])), Subject(row["subject"])
    )


def read_authored(folder: Path) -> Iterator[Example]:
    """Our own sentences: every TSV file in ``folder``; grouped by phrase family."""
    for path in sorted(folder.glob("*.tsv")):
        for number, row in enumerate(_table(path)):
            yield Example(
                id=f"{path.stem}-{number}",
                text=row["text"],
                source="authored",
                group=_FAMILY_SUFFIX.sub("", row["family"]),
                theme=row["theme"],
                tags=tuple(_listed(row["tags"])),
                category=Category(row["category"]),
                also=tuple(map(Category, _listed(row["also"]))),
                **_read_labels(row),
            )


def read_labelled(path: Path) -> Iterator[Example]:
    """Forum posts labelled for this project (TSV with id, category, signals, level, text)."""
    for row in _table(path):
        yield Example(
            id=row["id"],
            text=row["text"],
            source=path.stem,
            group=row["id"],
            category=Category(row["category"]),
            also=tuple(map(Category, _listed(row["also"]))),
            **_read_labels(row),
        )


def read_conversations(folder: Path) -> Iterator[Example]:
    """Our own conversations: the window after each youth turn, with the labels reached by then."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            said: list[str] = []
            last = max(index for index, turn in enumerate(row["turns"]) if turn["role"] == "youth")
            for index, turn in enumerate(row["turns"]):
                if turn["role"] != "youth":
                    continue
                said.append(turn["text"])
                labels = full_labels(
                    map(Signal, turn["signals"]), RiskLevel(turn["level"]), Subject(row["subject"])
                )
                yield Example(
                    id=f"{path.stem}-{row['id']}-{index}",
                    text=join_turns(said),
                    source="conversations",
                    group=f"{path.stem}-{row['id']}",
                    category=Category(row["category"]) if index == last else None,
                    weight=0.5,
                    **labels,
                )


def read_psyguard(path: Path) -> Iterator[Example]:
    """PsyGUARD (Qiu et al., EMNLP 2024): suicide, self-harm and aggression labels on real chat.

    Its labels say nothing of bullying, sexual abuse or violence at home, nor of category; texts
    that only explore the topic or tell of others' aggression carry no escalate label here.
    """
    for row in _rows(path):
        labels = set(row["labels"])
        signals = {
            Signal.SUICIDE: bool(labels & (set(_SUICIDE) | {"关于自杀的探索"})),
            Signal.SELF_HARM: bool(labels & _SELF_HARM),
            Signal.HARM_TO_OTHERS: "用户攻击行为" in labels,
        }
        danger = bool(labels & (set(_SUICIDE) | _SELF_HARM))
        least = max([_SUICIDE.get(label, 2) for label in labels & (set(_SUICIDE) | _SELF_HARM)], default=0)
        escalate = True if danger else (False if labels == {_UNRELATED} else None)
        yield Example(
            id=row["id"],
            text=row["text"],
            source=f"psyguard_{row['source']}",
            group=row["id"],
            signals=signals,
            level=RiskLevel.NONE if escalate is False else None,
            least_level=RiskLevel(least),
            escalate=escalate,
        )


def read_negatives(folder: Path) -> Iterator[Example]:
    """Ordinary talk from public sets: no signal, and a category where the source implies one."""
    for name, field, category, limit in _NEGATIVES:
        for row, _ in zip(_rows(folder / f"{name}.jsonl.gz"), range(limit), strict=False):
            text = row["text"] if field == "text" else _few_turns(row["turns"], row["id"])
            labels = NO_SIGNAL if category is not None else {**NO_SIGNAL, "level": None}
            yield Example(
                id=row["id"],
                text=text[:600],
                source=name,
                group=row["id"],
                category=category,
                weight=0.7,
                **labels,
            )


def leave_open_what_sounds_dangerous(examples: Iterable[Example]) -> list[Example]:
    """Public talk in which the lexicon finds danger in earnest, without its danger labels.

    Nobody read these sets whole. For learning only: what is measured must not depend on the lexicon.
    """
    extractor = SignalExtractor()
    return [
        replace(each, signals={}, level=None, escalate=None, subject=None)
        if each.source in NEGATIVE_SOURCES and _sounds_dangerous(extractor, each.text)
        else each
        for each in examples
    ]


def _sounds_dangerous(extractor: SignalExtractor, text: str) -> bool:
    hits = extractor.extract(normalize_text(text))
    return any(hit.strength is not Strength.HINT and not hit.weakened for hit in hits)


def _few_turns(turns: list[dict[str, str]], key: str) -> str:
    """One to three turns of a dialogue; how many follows from its id, so that it never changes."""
    count = 1 + sum(map(ord, key)) % 3
    return "\n".join(turn["text"] for turn in turns[:count])


def join_labels(labels: Path, texts: Path) -> Iterator[Example]:
    """Labels of ours, by id, for a public set whose texts stay outside the repository."""
    wanted = {row["id"]: row for row in _table(labels)}
    for row in _rows(texts):
        label = wanted.get(row["id"])
        if label is not None:
            yield Example(
                id=row["id"],
                text=row["text"],
                source="forum",
                group=row["id"],
                category=Category(label["category"]),
                **_read_labels(label),
            )
