"""The databases and the service of ``tests/api``, for rules that hold over the whole application."""

from tests.api.conftest import (  # noqa: F401
    clean_environment,
    database_url,
    pipeline,
    postgres,
    restored_logging,
    service,
    settings,
    sqlite,
)
