"""``GET /``: the chat page. It holds no data; it opens its session and talks to ``/v1`` by itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth.guards import public
from api.chat.words import ChatWords, chat_words
from api.deps import AppCatalog, AppSettings
from api.headers import page_headers
from api.templating import page_templates

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(public())])
async def read_chat_page(
    request: Request,
    settings: AppSettings,
    catalog: AppCatalog,
    words: Annotated[ChatWords, Depends(chat_words)],
) -> Response:
    """The page for a young person; may stand in the frames that the operator names."""
    numbers = sorted({resource.number for resource in catalog.resources.values()})
    return page_templates().TemplateResponse(
        request,
        "chat/page.html",
        {"words": words, "numbers": numbers},
        headers=page_headers(frame_ancestors=settings.frame_ancestors),
    )
