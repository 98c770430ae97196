"""The report of a simulation."""

import json
from dataclasses import replace

from eval.simulation.persona import PersonaFolder
from eval.simulation.report import Simulation, render_json, render_table, transcript_fields
from eval.simulation.simulate import run_simulation
from tests.eval.simulation.stages import CALM, SmallStage, opening
from triage.labels import RiskLevel

DANGEROUS = replace(
    CALM, key="dangerous", level=RiskLevel.MODERATE, openings=(opening("我不想活了", discloses=0),)
)
FOLDER = PersonaFolder(name="folder", sha256="ab" * 32, personas=(CALM, DANGEROUS))


def simulated(*, fault: str = "") -> Simulation:
    return run_simulation(FOLDER, stage=SmallStage(fault=fault), runs=3, command="python -m eval simulate")[0]


def test_table() -> None:
    table = render_table(simulated())
    assert "2 personas, 6 conversations, 36 messages" in table
    assert "model m/1, lexicon 2, policy 3" in table
    assert "scripts 4, texts 5, seed 12355" in table
    assert "right queue at the end                    1.000" in table
    assert "slot values right                         not measured (no rows to measure it on)" in table
    assert "questions asked twice                     0" in table
    assert "told and filled: age                      1.000" in table
    assert "BROKEN" not in table


def test_broken_rules_stand_in_the_table() -> None:
    broken = simulated(fault="asked twice")
    assert len(broken.broken) == 6
    assert "BROKEN calm, opening 1: asked twice" in render_table(broken)


def test_json_says_where_the_numbers_come_from() -> None:
    found = json.loads(render_json(simulated()))
    made = found["provenance"]
    assert made["dataset"] == {"name": "folder", "sha256": "ab" * 32, "rows": 2}
    assert (made["model_version"], made["seed"], made["command"]) == ("m/1", 12355, "python -m eval simulate")
    assert (found["scripts_version"], found["texts_version"], found["runs"]) == ("4", "5", 3)
    assert found["total"]["right_queue"]["n"] == 6
    assert set(found["personas"]) == {"calm", "dangerous"}
    assert found["broken"] == []


def test_json_holds_no_words_of_the_talk() -> None:
    assert "不想活" not in render_json(simulated())


def test_transcripts_hold_the_shown_turns() -> None:
    hasty = replace(CALM, openings=(opening("老师", "在吗"),))
    folder = replace(FOLDER, personas=(hasty,))
    simulation, [course] = run_simulation(folder, stage=SmallStage(), runs=1, command="")
    fields = transcript_fields(course, simulation.verdicts[0])
    assert fields["id"] == "calm/0"
    assert [turn["role"] for turn in fields["turns"]][:4] == ["youth", "youth", "assistant", "youth"]
    assert fields["turns"][2]["question"] == "small.event"
    assert json.loads(json.dumps(fields))["verdict"]["right_queue"] is True
