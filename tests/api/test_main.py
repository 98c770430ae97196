"""Starting: everything is there, or the start is refused with a message that says what to do."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.db.migrate import head_revision, read_revision
from api.db.session import Database
from api.errors import DatabaseNotMigrated, StartRefused
from api.main import create_app
from api.settings import Settings
from tests.api.databases import PostgresDatabases, SqliteDatabases
from tests.api.running import build_settings, running_service
from triage.catalog import default_artefact
from triage.pipeline import TriagePipeline


async def test_start_and_stop(settings: Settings, pipeline: TriagePipeline) -> None:
    async with running_service(settings, pipeline=pipeline) as service:
        assert service.services.pipeline is pipeline
        assert service.services.catalog.statement("human_review")


async def test_sqlite_migrates_itself(
    sqlite: SqliteDatabases, pipeline: TriagePipeline, tmp_path: Path
) -> None:
    settings = build_settings(sqlite.empty(tmp_path / "new folder"))
    async with running_service(settings, pipeline=pipeline) as service:
        assert await read_revision(service.database) == head_revision()


async def test_postgresql_is_left_to_the_operator(
    postgres: PostgresDatabases, pipeline: TriagePipeline
) -> None:
    url = postgres.empty()
    app = create_app(build_settings(url), pipeline=pipeline)
    with pytest.raises(DatabaseNotMigrated, match="run `python -m api migrate`"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started on a database without tables")
    database = Database(url)
    assert await read_revision(database) is None
    await database.close()
    postgres.drop(url)


def remove_all(folder: Path) -> None:
    shutil.rmtree(folder)


def remove_model(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def truncate_model(folder: Path) -> None:
    with (folder / "model.onnx").open("r+b") as model:
        model.truncate(1000)


def flip_a_byte(folder: Path) -> None:
    model = folder / "model.onnx"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 0xFF
    model.write_bytes(content)


def break_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def rename_a_signal(folder: Path) -> None:
    """Another label scheme, with hashes that are right for it."""
    labels = folder / "labels.json"
    labels.write_text(labels.read_text().replace("bullying", "teasing"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["labels.json"] = hashlib.sha256(labels.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (remove_all, "manifest.json"),
    "model missing": (remove_model, r"model\.onnx is missing"),
    "model truncated": (truncate_model, r"model\.onnx does not match its hash"),
    "model altered": (flip_a_byte, r"model\.onnx does not match its hash"),
    "manifest broken": (break_manifest, r"manifest\.json is not JSON"),
    "other label scheme": (rename_a_signal, "another label scheme"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGE.values(), ids=DAMAGE)
async def test_damaged_artefact_stops_the_start(
    sqlite: SqliteDatabases, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    artefact = tmp_path / "artefact"
    shutil.copytree(default_artefact(), artefact)
    damage(artefact)
    app = create_app(build_settings(sqlite.migrated(tmp_path), artefact=artefact))
    with pytest.raises(StartRefused, match=told):
        async with app.router.lifespan_context(app):
            pytest.fail("it started with a damaged artefact")
