"""Every test that takes ``database_url`` runs on SQLite and on PostgreSQL."""

import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from httpx2 import AsyncClient
from sqlalchemy.engine import URL

from api.auth.permissions import Role
from api.settings import Settings
from tests.api.databases import PostgresDatabases, SqliteDatabases, running_postgres
from tests.api.running import RunningService, build_settings, running_service
from tests.factories import build_pipeline
from triage.pipeline import TriagePipeline


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Whatever a test makes of the process's logging is undone after it."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.unraisablehook, structlog.get_config())
    yield
    root.handlers[:], level, sys.unraisablehook, configuration = before
    root.setLevel(level)
    structlog.configure(**configuration)
    logging.captureWarnings(False)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresDatabases]:
    """One PostgreSQL server for the whole run."""
    with running_postgres(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """A migrated SQLite file to copy from."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """A fresh database at this version's tables."""
    if request.param == "sqlite":
        files: SqliteDatabases = request.getfixturevalue("sqlite")
        yield files.migrated(tmp_path)
        return
    server: PostgresDatabases = request.getfixturevalue("postgres")
    yield server.migrated
    server.clear()


@pytest.fixture(scope="session")
def pipeline() -> TriagePipeline:
    """The real pipeline around the keyword classifier."""
    return build_pipeline()


@pytest.fixture
def settings(database_url: URL, clean_environment: None) -> Settings:
    """Settings for the test's database."""
    return build_settings(database_url)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variables of the machine and no ``.env`` file reach the settings."""

    for name in list(os.environ):
        if name.startswith("QINGTING_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def service(settings: Settings, pipeline: TriagePipeline) -> AsyncIterator[RunningService]:
    """The started service on a fresh database."""
    async with running_service(settings, pipeline=pipeline) as running:
        yield running


@pytest.fixture
async def backend(service: RunningService) -> AsyncIterator[AsyncClient]:
    """A chat backend that may send for every channel."""
    token = await service.create_token(Role.CHAT_BACKEND)
    async with service.client(token=token) as client:
        yield client
