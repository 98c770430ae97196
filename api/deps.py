"""What endpoints are given: the parts built at start, and the moment of the request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.clock import Clock
from api.db.session import Database
from api.messages.keyed_locks import KeyedLocks
from api.messages.storing import Promises
from api.messages.triage_runner import TriageRunner
from api.metrics import Metrics
from api.settings import Settings
from triage.catalog import Catalog
from triage.pipeline import TriagePipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that lives as long as the service; built in one place, ``api.main.compose``."""

    settings: Settings
    database: Database
    pipeline: TriagePipeline
    catalog: Catalog
    clock: Clock
    metrics: Metrics
    runner: TriageRunner
    locks: KeyedLocks
    promises: Promises


def services_of(request: Request) -> Services:
    """The parts built at start, for those who hold a request and are no endpoint."""
    services: Services = request.app.state.services
    return services


# All of these are coroutines: a plain function would be run in a thread, at each request.


async def get_services(request: Request) -> Services:
    """The parts built at start."""
    return services_of(request)


async def get_settings(services: Annotated[Services, Depends(get_services)]) -> Settings:
    """The settings read at start."""
    return services.settings


async def get_database(services: Annotated[Services, Depends(get_services)]) -> Database:
    """The database; what a request changes, it commits before the answer leaves."""
    return services.database


async def get_pipeline(services: Annotated[Services, Depends(get_services)]) -> TriagePipeline:
    """The loaded pipeline."""
    return services.pipeline


async def get_catalog(services: Annotated[Services, Depends(get_services)]) -> Catalog:
    """The loaded texts and resources."""
    return services.catalog


async def get_clock(services: Annotated[Services, Depends(get_services)]) -> Clock:
    """The clock; never call ``datetime.now`` in an endpoint or a service."""
    return services.clock


async def get_now(clock: Annotated[Clock, Depends(get_clock)]) -> datetime:
    """The moment of the request, UTC."""
    return clock.now()


AppServices = Annotated[Services, Depends(get_services)]
AppSettings = Annotated[Settings, Depends(get_settings)]
AppDatabase = Annotated[Database, Depends(get_database)]
AppCatalog = Annotated[Catalog, Depends(get_catalog)]
Now = Annotated[datetime, Depends(get_now)]
