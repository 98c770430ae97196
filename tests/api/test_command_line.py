"""The command line: what is printed, once, and with which exit status it refuses."""

import re
import socket
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from api.__main__ import EXIT_REFUSED, main
from tests.api.databases import PostgresDatabases, SqliteDatabases

pytestmark = pytest.mark.usefixtures("clean_environment")


def use(patch: pytest.MonkeyPatch, url: URL) -> None:
    patch.setenv("QINGTING_DATABASE_URL", url.render_as_string(hide_password=False))


@pytest.fixture
def on_database(database_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line works on a migrated database."""
    use(monkeypatch, database_url)


@pytest.mark.usefixtures("on_database")
def test_token_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["create-token", "--name", "mini", "--role", "chat_backend", "--channel", "miniprogram"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert re.fullmatch(r"qt_api_[\w-]{43}\n", printed.out)
    assert printed.out.strip() not in printed.err
    assert main(arguments) == EXIT_REFUSED
    again = capsys.readouterr()
    assert again.out == ""
    assert "there is a token named 'mini'" in again.err


@pytest.mark.usefixtures("on_database")
def test_account_and_reset_print_one_time_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create-account", "li", "--role", "counsellor"]) == 0
    first = capsys.readouterr().out
    assert main(["reset-password", "li"]) == 0
    second = capsys.readouterr().out
    for printed in (first, second):
        assert re.fullmatch(r"one-time password: [a-z2-9]{5}(-[a-z2-9]{5}){3}\n", printed)
    assert first != second
    assert main(["create-account", "li", "--role", "counsellor"]) == EXIT_REFUSED
    assert main(["reset-password", "nobody"]) == EXIT_REFUSED
    assert "there is no account named 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["create-token", "--name", "a", "--role", "administrator"],
        ["create-token", "--name", "a b", "--role", "monitor"],
        ["create-token", "--name", "a", "--role", "chat_backend", "--channel", "Mini Program"],
        ["create-account", "li", "--role", "chat_backend"],
        ["create-account", "李 华", "--role", "counsellor"],
    ],
)
def test_wrong_arguments_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
    assert capsys.readouterr().err


def test_bad_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QINGTING_PORT", "eighty")
    assert main(["serve"]) == EXIT_REFUSED
    assert capsys.readouterr().err.startswith("qingting: QINGTING_PORT: ")


def test_missing_artefact_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("QINGTING_ARTEFACT", str(tmp_path / "nothing"))
    assert main(["serve"]) == EXIT_REFUSED
    printed = capsys.readouterr()
    assert "qingting: model artefact nothing: no manifest.json" in printed.err
    assert printed.out == ""


def test_unmigrated_postgresql_is_refused_then_migrated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgres: PostgresDatabases
) -> None:
    url = postgres.empty()
    use(monkeypatch, url)
    for arguments in (["serve"], ["create-token", "--name", "a", "--role", "monitor"]):
        assert main(arguments) == EXIT_REFUSED
        assert "run `python -m api migrate`" in capsys.readouterr().err
    assert main(["migrate"]) == 0
    assert main(["create-token", "--name", "a", "--role", "monitor"]) == 0
    assert "qt_api_" in capsys.readouterr().out
    postgres.drop(url)


def test_unreachable_database_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QINGTING_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/q")
    for arguments in (["migrate"], ["serve"], ["reset-password", "admin"]):
        assert main(arguments) == EXIT_REFUSED
        printed = capsys.readouterr().err
        assert "127.0.0.1:1" in printed
        assert "geheim" not in printed


def test_used_port_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sqlite: SqliteDatabases,
    tmp_path: Path,
) -> None:
    use(monkeypatch, sqlite.migrated(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("QINGTING_PORT", str(taken.getsockname()[1]))
        assert main(["serve"]) == EXIT_REFUSED
    printed = capsys.readouterr()
    assert "cannot listen on 127.0.0.1" in printed.err
    assert "one-time password" not in printed.out
