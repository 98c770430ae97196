"""Health, readiness, metrics and the OpenAPI document."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.auth.guards import public, require
from api.auth.permissions import Permission, Principal
from api.db.migrate import head_revision, read_revision
from api.deps import AppServices
from api.error_schema import error_responses
from api.errors import NotReady
from api.metrics import CONTENT_TYPE
from triage.drift import DriftReport

router = APIRouter(tags=["operation"])


@router.get("/healthz", dependencies=[Depends(public())])
async def check_health() -> dict[str, str]:
    """Whether the process is alive; says nothing about the database."""
    return {"status": "alive"}


@router.get("/readyz", dependencies=[Depends(public())], responses=error_responses(503))
async def check_readiness(services: AppServices) -> dict[str, str]:
    """Whether messages can be received: database reachable and migrated, pipeline loaded."""
    try:
        revision = await read_revision(services.database)
    except (SQLAlchemyError, OSError):
        raise NotReady(details=[{"field": "database", "problem": "unreachable"}]) from None
    if revision != head_revision():
        raise NotReady(details=[{"field": "database", "problem": "not_migrated"}])
    return {
        "status": "ready",
        "model_drift": _name_drift(services.runner.check_drift()),
        "model_version": services.pipeline.model_version,
        "lexicon_version": services.pipeline.lexicon_version,
        "policy_version": services.pipeline.policy_version,
    }


def _name_drift(report: DriftReport) -> str:
    if not report.enough:
        return "not_measured"
    return "drifted" if report.drifted else "none"


@router.get("/metrics", response_class=Response, responses=error_responses(401, 403))
async def read_metrics(
    services: AppServices, _: Annotated[Principal, Depends(require(Permission.READ_METRICS))]
) -> Response:
    """Metrics for Prometheus: from this machine itself, or with the token of a monitor."""
    services.runner.check_drift()
    return Response(services.metrics.render(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False, dependencies=[Depends(public())])
async def read_openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI document, the source of ``/docs``."""
    document: dict[str, Any] = request.app.openapi()
    return document
