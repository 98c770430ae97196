"""The application, and the one place where its parts are put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from api.assist.endpoints import router as assist
from api.chat.pages import router as chat_pages
from api.clock import Clock, SystemClock
from api.console.pages import router as console_pages
from api.conversations.endpoints import router as conversations
from api.conversations.silence import watching_silence
from api.db.migrate import check_migrated, migrate
from api.db.session import Database
from api.deps import Services
from api.docs.pages import router as docs_pages
from api.error_answers import install_error_answers
from api.errors import StartRefused
from api.headers import install_security_headers
from api.health import router as health
from api.messages.endpoints import router as messages
from api.messages.keyed_locks import KeyedLocks
from api.messages.storing import Promises
from api.messages.triage_runner import TriageRunner
from api.metrics import Metrics
from api.middleware import RequestMiddleware
from api.observability import get_logger
from api.settings import Settings
from api.static_files import mount_static
from triage.catalog import Catalog, load_catalog
from triage.errors import TriageError
from triage.pipeline import TriagePipeline, load_pipeline
from triage.risk.policy import load_policy

VERSION = "0.1.0"
DESCRIPTION = (
    "青听 Qingting triages the messages of a youth helpline: it stores each message, puts danger before a "
    "person at once and the rest into the right counsellor queue. All errors have one shape; a call that "
    "failed with 503 may be sent again as it is."
)
Part = TypeVar("Part")
_S_PER_MS = 1 / 1000
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""The framework's own telemetry would carry requests away, by one variable in the environment."""

_log = get_logger(__name__)


def create_app(
    settings: Settings,
    *,
    pipeline: TriagePipeline | None = None,
    catalog: Catalog | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """The service as an ASGI application; parts that are not given are loaded when it starts.

    Starting raises ``StartRefused``, with a message for the operator, when it cannot run safely.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = compose(settings, metrics=metrics, pipeline=pipeline, catalog=catalog, clock=clock)
        async with parts as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="青听 Qingting",
        version=VERSION,
        description=DESCRIPTION,
        openapi_url=None,
        lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
        redirect_slashes=False,
    )
    for router in (messages, conversations, assist, health, docs_pages, console_pages, chat_pages):
        app.include_router(router)
    mount_static(app)
    install_error_answers(app)
    app.add_middleware(RequestMiddleware, metrics=metrics)
    install_security_headers(app, settings)
    return app


@asynccontextmanager
async def compose(
    settings: Settings,
    *,
    metrics: Metrics,
    pipeline: TriagePipeline | None,
    catalog: Catalog | None,
    clock: Clock | None,
) -> AsyncIterator[Services]:
    """Build all parts, in the order in which they can refuse the start, and close them again."""
    pipeline = pipeline or _load(lambda: _load_pipeline(settings))
    catalog = catalog or _load(load_catalog)
    async with AsyncExitStack() as stack:
        database = await open_database(settings)
        stack.push_async_callback(database.close)
        clock = clock or SystemClock()
        promised = load_policy().escalation_within_s
        await stack.enter_async_context(watching_silence(database, clock=clock, within_s=promised))
        runner = TriageRunner(
            pipeline=pipeline, limit_s=settings.triage_timeout_ms * _S_PER_MS, metrics=metrics
        )
        stack.callback(runner.close)
        _tell_versions(settings, pipeline, metrics)
        yield Services(
            settings=settings,
            database=database,
            pipeline=pipeline,
            catalog=catalog,
            clock=clock,
            metrics=metrics,
            runner=runner,
            locks=KeyedLocks(),
            promises=Promises(
                hours=settings.hours,
                hold_reply=timedelta(milliseconds=settings.reply_delay_ms),
                silence_after=timedelta(seconds=settings.silence_after_s),
            ),
        )
    _log.info("service_stopped")


def _tell_versions(settings: Settings, pipeline: TriagePipeline, metrics: Metrics) -> None:
    model, lexicon, policy = pipeline.model_version, pipeline.lexicon_version, pipeline.policy_version
    metrics.versions.labels(model=model, lexicon=lexicon, policy=policy).set(1)
    _log.info(
        "service_started",
        environment=settings.environment.value,
        model_version=model,
        lexicon_version=lexicon,
        policy_version=policy,
    )


def _load_pipeline(settings: Settings) -> TriagePipeline:
    return load_pipeline(artefact=settings.artefact, time_limit_s=settings.classifier_timeout_ms * _S_PER_MS)


def _load(load: Callable[[], Part]) -> Part:
    try:
        return load()
    except TriageError as error:
        raise StartRefused(str(error)) from error


async def open_database(settings: Settings) -> Database:
    """The database, at this version's tables: SQLite is migrated here, PostgreSQL must have been."""
    url = settings.database
    if url.get_backend_name() == "sqlite":
        await migrate(url)
    database = Database(url)
    try:
        await check_migrated(database)
    except BaseException:
        await database.close()
        raise
    return database
