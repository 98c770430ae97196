"""The databases of ``tests/api``."""

from tests.api.conftest import database_url, postgres, sqlite  # noqa: F401
