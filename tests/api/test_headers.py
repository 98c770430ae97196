"""Every answer carries the security headers; only the chat page may be framed, by whom the operator names."""

import pytest
from httpx2 import Response
from sqlalchemy.engine import URL

from api.headers import NOBODY, content_security_policy, default_headers
from api.settings import Settings
from tests.api.running import RunningService, build_settings, running_service
from triage.pipeline import TriagePipeline

MINI_PROGRAM = "https://mini.example"


def parse_policy(response: Response) -> dict[str, str]:
    """The directives of an answer's policy."""
    parts = response.headers["content-security-policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize(
    "path", ["/", "/console/sign-in", "/docs", "/healthz", "/v1/queues", "/no/such/page"]
)
async def test_every_answer_is_guarded(service: RunningService, path: str) -> None:
    async with service.client() as client:
        response = await client.get(path)
    policy = parse_policy(response)
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == NOBODY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in response.headers


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


async def test_only_the_chat_page_may_be_framed(database_url: URL, pipeline: TriagePipeline) -> None:
    settings = build_settings(database_url, frame_ancestors=MINI_PROGRAM)
    async with running_service(settings, pipeline=pipeline) as service, service.client() as client:
        chat, console = await client.get("/"), await client.get("/console/sign-in")
    assert parse_policy(chat)["frame-ancestors"] == MINI_PROGRAM
    assert parse_policy(console)["frame-ancestors"] == NOBODY


def test_https_is_insisted_on_where_there_is_https(settings: Settings) -> None:
    assert not settings.secure_cookies
    assert "strict-transport-security" not in default_headers(https=False)
    assert default_headers(https=True)["strict-transport-security"].startswith("max-age=")
