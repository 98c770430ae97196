"""Our own static files: addresses that carry the content's hash, so that browsers may keep them for good."""

import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.errors import StartRefused

STATIC_PATH = Path(__file__).resolve().parent / "static"
STATIC_URL = "/static"
VENDOR_STAMP = STATIC_PATH / "vendor" / "stamp.json"

_KEEP = "public, max-age=31536000, immutable"
_ASK = "no-cache"


class StaticFilesMissing(StartRefused):
    """A browser file is not there; ``python scripts/assets.py`` brings the vendored ones."""


@lru_cache(maxsize=256)
def _content_hash(path: Path, _changed_ns: int) -> str:
    # The time of change is part of the cache's key, so that a changed file is read anew.
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file below ``api/static``, with its content's hash.

    Raises StaticFilesMissing when there is no such file.
    """
    path = STATIC_PATH / name
    try:
        return f"{STATIC_URL}/{name}?v={_content_hash(path, path.stat().st_mtime_ns)}"
    except OSError as error:
        raise StaticFilesMissing(f"{name} is missing; run: python scripts/assets.py") from error


class VersionedStaticFiles(StaticFiles):
    """Static files that are kept for a year under a versioned address and asked for anew without one."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with the caching its address allows."""
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = _KEEP if versioned and response.status_code == 200 else _ASK
        return response


def mount_static(app: FastAPI) -> None:
    """Serve ``api/static``; raises StaticFilesMissing when the vendored files were never fetched."""
    if not VENDOR_STAMP.is_file():
        raise StaticFilesMissing("the browser assets are missing; run: python scripts/assets.py")
    app.mount(STATIC_URL, VersionedStaticFiles(directory=STATIC_PATH), name="static")
