"""Every text a young person can be sent, pinned by its hash, so that none changes unnoticed."""

import hashlib
import json
from pathlib import Path

from tests.factories import shipped_catalog, shipped_intake
from triage.intake.slots import Dialect
from triage.replies import OPENING_KEYS, REPLY_KEYS

SNAPSHOT = Path(__file__).with_name("texts.json")
MOST_VARIANTS = 8


def render_texts() -> dict[str, str]:
    """Each text's place and hash; the words themselves stand under ``prompts`` only."""
    catalog, texts = shipped_catalog(), {}
    for dialect in Dialect:
        for key in sorted(REPLY_KEYS):
            said = [catalog.statement(key, times_sent=n, dialect=dialect) for n in range(MOST_VARIANTS)]
            if key in OPENING_KEYS:
                said.append(catalog.statement(key, opens=True, dialect=dialect))
            texts[f"{dialect.value}/{key}"] = "\n".join(dict.fromkeys(said))
        for question in shipped_intake().scripts.questions.values():
            asked = (question.texts[dialect], *question.quick_replies[dialect])
            texts[f"{dialect.value}/{question.key}"] = "\n".join(asked)
    return {place: hashlib.sha256(text.encode()).hexdigest()[:16] for place, text in texts.items()}


def test_texts_are_those_that_were_looked_at() -> None:
    """After a change was read: ``python -m tests.triage.test_texts`` writes the snapshot anew."""
    known: dict[str, str] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    found = render_texts()
    changed = {place for place in known.keys() | found.keys() if known.get(place) != found.get(place)}
    assert not changed


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(render_texts(), indent=0, sort_keys=True) + "\n", encoding="utf-8")
