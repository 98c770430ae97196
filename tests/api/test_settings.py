"""Settings: read from variables and ``.env``, refused when malformed or unsafe, never echoed."""

from pathlib import Path

import pytest

from api.errors import SettingsError
from api.settings import Environment, load_settings

pytestmark = pytest.mark.usefixtures("clean_environment")
HTTPS = {"QINGTING_ENVIRONMENT": "production", "QINGTING_PUBLIC_URL": "https://help.example.org"}


def set_all(patch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)


def test_defaults_run_on_a_desk() -> None:
    settings = load_settings()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.base_url == "http://127.0.0.1:8355"
    assert settings.database.drivername == "sqlite"
    assert settings.database.database == "var/qingting.sqlite3"
    assert not settings.secure_cookies


def test_variables_outrank_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("QINGTING_PORT=9001\nQINGTING_HOST=0.0.0.0\nOTHER=1\nQINGTING_ARTEFACT=\n")
    monkeypatch.setenv("QINGTING_PORT", "9002")
    settings = load_settings()
    assert (settings.host, settings.port, settings.artefact) == ("0.0.0.0", 9002, None)


@pytest.mark.parametrize(
    ("url", "drivername"),
    [
        ("sqlite:///a.sqlite3", "sqlite"),
        ("sqlite+pysqlite:////srv/a.sqlite3", "sqlite"),
        ("postgresql://u:p@db/q", "postgresql+psycopg"),
        ("postgres://u:p@db/q", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@db/q", "postgresql+psycopg"),
    ],
)
def test_database_addresses_get_our_drivers(
    monkeypatch: pytest.MonkeyPatch, url: str, drivername: str
) -> None:
    monkeypatch.setenv("QINGTING_DATABASE_URL", url)
    assert load_settings().database.drivername == drivername


BAD = {
    "port not a number": ({"QINGTING_PORT": "eighty"}, "QINGTING_PORT"),
    "port too high": ({"QINGTING_PORT": "70000"}, "QINGTING_PORT"),
    "unknown environment": ({"QINGTING_ENVIRONMENT": "staging"}, "QINGTING_ENVIRONMENT"),
    "no time for the classifier": ({"QINGTING_CLASSIFIER_TIMEOUT_MS": "0"}, "CLASSIFIER_TIMEOUT_MS"),
    "database of another kind": ({"QINGTING_DATABASE_URL": "mysql://u:geheim@h/d"}, "DATABASE_URL"),
    "no address": ({"QINGTING_DATABASE_URL": "geheim"}, "QINGTING_DATABASE_URL"),
    "database in memory": ({"QINGTING_DATABASE_URL": "sqlite://"}, "in memory"),
    "public address without scheme": ({"QINGTING_PUBLIC_URL": "help.example.org"}, "PUBLIC_URL"),
    "public address with a path": ({"QINGTING_PUBLIC_URL": "https://example.org/help"}, "no path"),
    "log level": ({"QINGTING_LOG_LEVEL": "LOUD"}, "QINGTING_LOG_LEVEL"),
    "frames with a directive": ({"QINGTING_FRAME_ANCESTORS": "*; script-src *"}, "FRAME_ANCESTORS"),
    "production without address": ({"QINGTING_ENVIRONMENT": "production"}, "PUBLIC_URL must begin"),
    "production over http": (
        {"QINGTING_ENVIRONMENT": "production", "QINGTING_PUBLIC_URL": "http://help.example.org"},
        "PUBLIC_URL must begin with https://",
    ),
    "production without password": (
        {**HTTPS, "QINGTING_DATABASE_URL": "postgresql://qingting@db/q"},
        "not easily guessed",
    ),
    "production with a default password": (
        {**HTTPS, "QINGTING_DATABASE_URL": "postgresql://u:postgres@db/q"},
        "not easily guessed",
    ),
}


@pytest.mark.parametrize(("variables", "named"), BAD.values(), ids=BAD)
def test_bad_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    set_all(monkeypatch, variables)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert named in str(refusal.value)
    assert "geheim" not in str(refusal.value)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {"QINGTING_PORT": "x", "QINGTING_LOG_LEVEL": "y"})
    with pytest.raises(SettingsError, match=r"QINGTING_PORT.*; QINGTING_LOG_LEVEL"):
        load_settings()


@pytest.mark.parametrize(
    "database",
    ["sqlite:///a.sqlite3", "postgresql://u:tR4nquil-9@db/q", "postgresql://u@/q?host=/run/postgresql"],
    ids=["file", "password", "socket"],
)
def test_production_runs_over_https(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    set_all(monkeypatch, {**HTTPS, "QINGTING_DATABASE_URL": database})
    settings = load_settings()
    assert settings.secure_cookies
    assert settings.base_url == "https://help.example.org"


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_DATABASE_URL", "postgresql://u:geheim@db/q")
    assert "geheim" not in repr(load_settings())


def test_address_of_a_version_6_host_is_bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_HOST", "::1")
    assert load_settings().base_url == "http://[::1]:8355"
