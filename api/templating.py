"""The one Jinja environment: everything is escaped, and a misspelt name is an error, not a blank."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from api.static_files import static_url

TEMPLATES_PATH = Path(__file__).resolve().parent / "templates"


@lru_cache(maxsize=1)
def page_templates() -> Jinja2Templates:
    """The templates of all pages; built at first use."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_PATH),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = static_url
    return Jinja2Templates(env=environment)
