"""An artefact on disk, checked file by file before anything in it is used."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import ArtefactError
from triage.labels import CATEGORIES, LEVELS, SIGNALS, SUBJECTS

FILES = ("model.onnx", "tokenizer.json", "ngrams.npz", "labels.json", "calibration.json")
LABEL_SCHEME = {
    "scheme": "v1",
    "categories": [category.value for category in CATEGORIES],
    "signals": [signal.value for signal in SIGNALS],
    "levels": [level.name for level in LEVELS],
    "subjects": [subject.value for subject in SUBJECTS],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A checked artefact: where it lies, its name and version, and the network's longest input."""

    path: Path
    name: str
    version: str
    max_tokens: int

    @property
    def label(self) -> str:
        """Name and version in one, as results carry it."""
        return f"{self.name}/{self.version}"


def open_artefact(path: Path) -> Artefact:
    """Check an artefact's manifest, hashes and label scheme; raises ``ArtefactError`` in words."""
    manifest = _read_json(path / "manifest.json")
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtefactError(f"model artefact {path.name}: the manifest lists no files")
    hashes = manifest["files"]
    for name in FILES:
        if not (path / name).is_file():
            raise ArtefactError(f"model artefact {path.name}: {name} is missing")
        found = hashlib.sha256((path / name).read_bytes()).hexdigest()
        if found != hashes.get(name):
            raise ArtefactError(f"model artefact {path.name}: {name} does not match its hash in the manifest")
    labels = _read_json(path / "labels.json")
    if labels != LABEL_SCHEME:
        raise ArtefactError(f"model artefact {path.name} was made for another label scheme")
    try:
        return Artefact(
            path=path,
            name=str(manifest["name"]),
            version=str(manifest["version"]),
            max_tokens=int(manifest["max_tokens"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(f"model artefact {path.name}: manifest lacks {error}") from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtefactError(
            f"model artefact {path.parent.name}: no {path.name} ({error.strerror})"
        ) from error
    except ValueError as error:
        raise ArtefactError(f"model artefact {path.parent.name}: {path.name} is not JSON") from error
