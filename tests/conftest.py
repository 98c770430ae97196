"""Settings for all tests."""

import os

from hypothesis import settings

# Speed is a matter for benchmarks; in CI the same examples are drawn each time.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
