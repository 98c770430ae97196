"""Static files: kept for good under a versioned address, and their absence stops the start."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from api import static_files
from api.static_files import StaticFilesMissing, mount_static, static_url
from tests.api.running import RunningService


async def test_a_versioned_address_may_be_kept_for_good(service: RunningService) -> None:
    async with service.client() as client:
        versioned = await client.get(static_url("chat/chat.css"))
        plain = await client.get("/static/chat/chat.css")
    assert versioned.status_code == plain.status_code == 200
    assert "immutable" in versioned.headers["cache-control"]
    assert plain.headers["cache-control"] == "no-cache"


async def test_nothing_outside_the_folder_is_served(service: RunningService) -> None:
    async with service.client() as client:
        response = await client.get("/static/..%2fsettings.py?v=1")
    assert response.status_code == 404
    assert "immutable" not in response.headers["cache-control"]


def test_the_address_changes_with_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "STATIC_PATH", tmp_path)
    (tmp_path / "a.css").write_text("a {}")
    before = static_url("a.css")
    (tmp_path / "a.css").write_text("b { color: red }")
    assert static_url("a.css") != before


def test_a_missing_file_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "STATIC_PATH", tmp_path)
    monkeypatch.setattr(static_files, "VENDOR_STAMP", tmp_path / "stamp.json")
    with pytest.raises(StaticFilesMissing, match=r"scripts/assets\.py"):
        static_url("nothing.js")
    with pytest.raises(StaticFilesMissing, match=r"scripts/assets\.py"):
        mount_static(FastAPI())
