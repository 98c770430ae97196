"""Replies are shown at once here; a test that is about holding them back says so itself."""

import pytest
from sqlalchemy.engine import URL

from api.settings import Settings
from tests.api.running import build_settings


@pytest.fixture
def settings(database_url: URL, clean_environment: None) -> Settings:
    """Settings for the test's database, without the pause before a reply."""
    return build_settings(database_url, reply_delay_ms=0)
