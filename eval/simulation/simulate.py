"""``simulate``: scripted users talk with the pipeline, and a report says what became of them."""

import sys

from tqdm import tqdm

from eval.provenance import Provenance, SourceFile, python_version, read_code_state, utc_now
from eval.simulation.measures import measure, measure_by_persona, measure_by_slot
from eval.simulation.persona import PersonaFolder
from eval.simulation.play import SEED, Course, play_all
from eval.simulation.report import Simulation
from eval.simulation.talk import Stage, Versions
from eval.simulation.verdict import judge


def run_simulation(
    folder: PersonaFolder, *, stage: Stage, runs: int, command: str
) -> tuple[Simulation, tuple[Course, ...]]:
    """Play ``runs`` conversations of every persona: the findings, and the conversations themselves."""
    planned = play_all(folder.personas, begin=stage.begin, runs=runs)
    total = len(folder.personas) * runs
    courses = tuple(tqdm(planned, total=total, unit=" conversations", disable=None, file=sys.stderr))
    verdicts = tuple(judge(course) for course in courses)
    simulation = Simulation(
        provenance=_describe(folder, versions=stage.versions, command=command),
        scripts_version=stage.versions.scripts,
        texts_version=stage.versions.texts,
        runs=runs,
        total=measure(verdicts),
        by_persona=measure_by_persona(verdicts),
        by_slot=measure_by_slot(verdicts),
        verdicts=verdicts,
    )
    return simulation, courses


def _describe(folder: PersonaFolder, *, versions: Versions, command: str) -> Provenance:
    return Provenance(
        dataset=SourceFile(name=folder.name, sha256=folder.sha256, rows=len(folder.personas)),
        train=None,
        predictions=None,
        shared_with_train=None,
        model_version=versions.model,
        lexicon_version=versions.lexicon,
        policy_version=versions.policy,
        code=read_code_state(),
        command=command,
        made_at=utc_now(),
        python=python_version(),
        seed=SEED,
        resamples=0,
    )
