"""``python -m tests.faults.server``: the service as it is served, around the keyword classifier.

It differs from ``python -m api serve`` in the classifier only, so that it starts quickly.
"""

import asyncio

import uvloop

from api.main import create_app
from api.observability import configure_logging
from api.serving import serve
from api.settings import load_settings
from tests.factories import build_pipeline

if __name__ == "__main__":
    settings = load_settings()
    configure_logging(level="ERROR")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(create_app(settings, pipeline=build_pipeline()), settings))
