"""``GET /docs``: the interface's documentation by Swagger UI, from our own files, without inline script."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth.guards import public
from api.templating import page_templates

OPENAPI_URL = "/openapi.json"

router = APIRouter(include_in_schema=False)


@router.get("/docs", dependencies=[Depends(public())])
async def read_docs_page(request: Request) -> Response:
    """The page; it reads ``/openapi.json`` and asks no other host for anything."""
    return page_templates().TemplateResponse(request, "docs/page.html", {"openapi_url": OPENAPI_URL})
