"""The assist is off unless set up, and where it may stand."""

import pytest

from api.assist.address import is_sealed
from api.errors import SettingsError
from api.settings import load_settings

pytestmark = pytest.mark.usefixtures("clean_environment")
URL = "QINGTING_ASSIST_URL"
MODEL = {"QINGTING_ASSIST_MODEL": "qwen"}
PRODUCTION = {"QINGTING_ENVIRONMENT": "production", "QINGTING_PUBLIC_URL": "https://help.example.org"}


def set_all(patch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)


def test_off_by_default() -> None:
    settings = load_settings()
    assert (settings.assist_url, settings.assist_api_key, settings.assist_timeout_s) == (None, None, 8.0)


def test_a_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, {URL: "http://10.1.2.3:8000/v1/", **MODEL, "QINGTING_ASSIST_API_KEY": "geheim"})
    settings = load_settings()
    assert settings.assist_url == "http://10.1.2.3:8000/v1"
    assert "geheim" not in repr(settings)


BAD = {
    "no scheme": ({URL: "llm:8000", **MODEL}, "must be an address"),
    "other scheme": ({URL: "ftp://llm/v1", **MODEL}, "must be an address"),
    "no host": ({URL: "http:///v1", **MODEL}, "must be an address"),
    "port": ({URL: "http://llm:99999/v1", **MODEL}, "must be an address"),
    "password within": ({URL: "http://u:geheim@llm/v1", **MODEL}, "no user name"),
    "query": ({URL: "http://llm/v1?key=geheim", **MODEL}, "no user name, query"),
    "blank within": ({URL: "http://llm/v 1", **MODEL}, "ASCII without blanks"),
    "no model": ({URL: "http://llm/v1"}, "QINGTING_ASSIST_MODEL must name"),
    "key with a line": (
        {URL: "http://llm/v1", **MODEL, "QINGTING_ASSIST_API_KEY": "geheim\nX: y"},
        "QINGTING_ASSIST_API_KEY: must be visible ASCII",
    ),
    "no time": ({"QINGTING_ASSIST_TIMEOUT_S": "0"}, "QINGTING_ASSIST_TIMEOUT_S"),
    "too much time": ({"QINGTING_ASSIST_TIMEOUT_S": "31"}, "QINGTING_ASSIST_TIMEOUT_S"),
    "open network in production": (
        {URL: "http://llm.example.org/v1", **MODEL, **PRODUCTION},
        "must not cross an open network in the clear",
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


@pytest.mark.parametrize(
    ("url", "sealed"),
    [
        ("https://llm.example.org/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000", True),
        ("http://192.168.3.4/v1", True),
        ("http://172.31.0.9/v1", True),
        ("http://llm:8000/v1", True),
        ("http://[fd00::1]/v1", True),
        ("http://172.32.0.9/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://169.254.169.254/v1", False),
        ("http://llm.example.org/v1", False),
        ("http://[2001:db8::1]/v1", False),
        ("http://0.0.0.0:8000/v1", False),
    ],
)
def test_where_the_host_may_stand_in_production(
    monkeypatch: pytest.MonkeyPatch, url: str, sealed: bool
) -> None:
    assert is_sealed(url) is sealed
    set_all(monkeypatch, {URL: url, **MODEL, **PRODUCTION})
    if sealed:
        assert load_settings().assist_url == url
    else:
        with pytest.raises(SettingsError):
            load_settings()
