"""``errors``: the worst misses and false alarms, what they have in common, and what was learned near them.

The only output of the evaluation that holds texts: it stays where the data is kept.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from eval.answers import RowAnswer
from eval.dataset import Dataset, Sample
from eval.output import open_output
from eval.report import TEMPLATES
from triage.labels import SIGNALS
from triage.normalize import normalize_text

WORST = 50
NEIGHBOURS = 3
LARGEST_GROUP = 12
"""Mistakes without a theme are put into clusters of about this size."""
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A training row near a mistake; ``similarity`` is the cosine of character n-grams, 0..1."""

    similarity: float
    escalate: bool | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One wrong alarm or missing alarm. ``score`` is None where the system gave no answer."""

    id: str | int
    missed: bool
    score: float | None
    theme: str
    signals: tuple[str, ...]
    level: int | None
    text: str
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """The worst of each kind, worst first, and how many there are in all."""

    misses: tuple[Mistake, ...]
    false_alarms: tuple[Mistake, ...]
    missed: int
    falsely_alarmed: int

    def themes(self, kind: Sequence[Mistake]) -> list[tuple[str, int]]:
        """Themes among mistakes, the commonest first."""
        return Counter(mistake.theme for mistake in kind).most_common()


def find_mistakes(
    dataset: Dataset,
    answers: Sequence[RowAnswer | None],
    *,
    train: Dataset | None = None,
    worst: int = WORST,
) -> Mistakes:
    """Misses by rising score and false alarms by falling score; no answer is the worst of either."""
    misses: list[tuple[float, Sample, RowAnswer | None]] = []
    alarms: list[tuple[float, Sample, RowAnswer | None]] = []
    for sample, answer in zip(dataset.samples, answers, strict=True):
        # No answer counts as wrong in every measure, as in ``judge_alarms``.
        raised = answer.final.escalate if answer else sample.labels.escalate is False
        score = answer.final.risk_score if answer else (2.0 if raised else -1.0)
        if sample.labels.escalate is True and not raised:
            misses.append((score, sample, answer))
        elif sample.labels.escalate is False and raised:
            alarms.append((-score, sample, answer))
    kept = [sorted(rows, key=lambda row: (row[0], str(row[1].row.id)))[:worst] for rows in (misses, alarms)]
    return Mistakes(
        misses=_describe(kept[0], missed=True, train=train),
        false_alarms=_describe(kept[1], missed=False, train=train),
        missed=len(misses),
        falsely_alarmed=len(alarms),
    )


def _describe(
    rows: Sequence[tuple[float, Sample, RowAnswer | None]], *, missed: bool, train: Dataset | None
) -> tuple[Mistake, ...]:
    texts = [sample.row.youth_text for _, sample, _ in rows]
    themes = _name_themes([sample for _, sample, _ in rows], texts)
    near = find_neighbours(texts, train) if train else [()] * len(texts)
    return tuple(
        Mistake(
            id=sample.row.id,
            missed=missed,
            score=answer.final.risk_score if answer else None,
            theme=theme,
            signals=tuple(s.value for s in SIGNALS if s in (sample.labels.signals or ())),
            level=int(sample.labels.level) if sample.labels.level is not None else None,
            text=text,
            neighbours=neighbours,
        )
        for (_, sample, answer), text, theme, neighbours in zip(rows, texts, themes, near, strict=True)
    )


def _name_themes(samples: Sequence[Sample], texts: Sequence[str]) -> list[str]:
    """The theme stated in the file, else the source with a cluster of like texts, named by its n-grams."""
    stated = [next(iter(sample.slices.get("theme", ())), "") for sample in samples]
    loose = [at for at, theme in enumerate(stated) if not theme]
    clusters = max(1, round(len(loose) / LARGEST_GROUP))
    if loose:
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=1)
        features = vectorizer.fit_transform([normalize_text(texts[at]).text or "-" for at in loose])
        found = KMeans(n_clusters=min(clusters, len(loose)), random_state=_SEED, n_init=3).fit(features)
        names = vectorizer.get_feature_names_out()
        for at, cluster in zip(loose, found.labels_, strict=True):
            source = next(iter(samples[at].slices.get("source", ())), "no theme")
            top = np.argsort(-found.cluster_centers_[cluster])[:3]
            stated[at] = f"{source}: {' '.join(names[i] for i in top)}"
    return stated


def find_neighbours(texts: Sequence[str], train: Dataset) -> list[tuple[Neighbour, ...]]:
    """For each text the nearest training rows by TF-IDF of characters, the nearest first."""
    if not texts:
        return []
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    known = vectorizer.fit_transform([normalize_text(s.row.youth_text).text or "-" for s in train.samples])
    asked = vectorizer.transform([normalize_text(text).text or "-" for text in texts])
    likeness = (asked @ known.T).toarray()
    nearest = np.argsort(-likeness, axis=1)[:, :NEIGHBOURS]
    return [
        tuple(
            Neighbour(
                similarity=round(float(likeness[row, at]), 3),
                escalate=train.samples[at].labels.escalate,
                text=train.samples[at].row.youth_text,
            )
            for at in columns
        )
        for row, columns in enumerate(nearest)
    ]


def write_mistakes(found: Mistakes, folder: Path, *, dataset: Dataset) -> None:
    """``errors.jsonl`` and ``errors.html`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(_plain(each), ensure_ascii=False) for each in (*found.misses, *found.false_alarms)]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("errors.html.j2").render(found=found, dataset=dataset)
    for name, content in (("errors.jsonl", "".join(line + "\n" for line in lines)), ("errors.html", page)):
        with open_output(str(folder / name)) as file:
            file.write(content.encode("utf-8", "replace"))


def _plain(mistake: Mistake) -> dict[str, Any]:
    return {"kind": "miss" if mistake.missed else "false_alarm", **asdict(mistake)}
