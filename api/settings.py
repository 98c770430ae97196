"""Settings, read once from ``QINGTING_*`` variables and ``.env``; unsafe ones are refused."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from api.assist.address import check_assist_key, check_assist_url, is_sealed
from api.errors import SettingsError
from api.hours import ServiceHours

PREFIX = "QINGTING_"
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_GUESSABLE_PASSWORDS = frozenset({"", "postgres", "password", "qingting", "changeme", "secret"})


class Environment(StrEnum):
    """Where the service runs; production refuses settings that are fit for a desk only."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def parse_database_url(text: str) -> URL:
    """A database address with its driver; ``ValueError`` unless SQLite or PostgreSQL."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("is not a database URL") from None
    backend = "postgresql" if url.drivername == "postgres" else url.get_backend_name()
    if backend not in _DRIVERS:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("must name a file: a database in memory loses every message at the end")
    return url.set(drivername=_DRIVERS[backend])


def _check_database_url(value: SecretStr) -> SecretStr:
    parse_database_url(value.get_secret_value())
    return value


def _check_public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://help.example.org")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must have no path: the service stands at the root of its address")
    return value.rstrip("/")


def _check_assist_key(value: SecretStr) -> SecretStr:
    check_assist_key(value.get_secret_value())
    return value


def _check_hours(value: str) -> str:
    ServiceHours.parse(value)
    return value


class Settings(BaseSettings):
    """All that an operator can set; times end in their unit."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    environment: Environment = Environment.DEVELOPMENT
    database_url: Annotated[SecretStr, AfterValidator(_check_database_url)] = SecretStr(
        "sqlite:///var/qingting.sqlite3"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8355, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_check_public_url)] | None = None
    trusted_proxies: str = ""
    """Comma-separated addresses whose X-Forwarded-* headers are believed; none by default."""
    frame_ancestors: str = Field(default="'none'", pattern=r"^[A-Za-z0-9:/.*'\- ]{1,1000}$")
    """Who may frame the chat page, as a source list of CSP: ``'none'``, ``'self'`` or https addresses."""
    artefact: Path | None = None
    classifier_timeout_ms: int = Field(default=300, ge=1, le=60_000)
    triage_timeout_ms: int = Field(default=10_000, ge=100, le=120_000)
    """Limit for the whole triage of a message; past it the message is stored unread, for a person."""
    service_hours: Annotated[str, AfterValidator(_check_hours)] = "00:00-24:00"
    """When counsellors work, in China's time; the high-risk desk is never closed."""
    reply_delay_ms: int = Field(default=1_500, ge=0, le=10_000)
    """How long a reply is held back, so that messages sent in a row are answered once."""
    silence_after_s: int = Field(default=300, ge=30, le=24 * 3600)
    """After a disclosure, silence of this length raises an alarm."""
    chat_session_hours: int = Field(default=24, ge=1, le=24 * 31)
    staff_session_hours: int = Field(default=12, ge=1, le=24)
    assist_url: Annotated[str, AfterValidator(check_assist_url)] | None = None
    """Base address of the operator's own OpenAI-compatible host for the counsellors; None: off."""
    assist_model: str = Field(default="", max_length=128)
    assist_api_key: Annotated[SecretStr, AfterValidator(_check_assist_key)] | None = None
    assist_timeout_s: float = Field(default=8.0, gt=0, le=30)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.assist_url is not None and not self.assist_model:
            raise ValueError(f"{PREFIX}ASSIST_MODEL must name the model of {PREFIX}ASSIST_URL")
        if self.environment is Environment.PRODUCTION:
            if self.assist_url is not None and not is_sealed(self.assist_url):
                raise ValueError(
                    f"{PREFIX}ASSIST_URL must begin with https:// or name a host on this machine or in a "
                    "private network: what young people wrote must not cross an open network in the clear"
                )
            if not (self.public_url or "").startswith("https://"):
                raise ValueError(
                    f"{PREFIX}PUBLIC_URL must begin with https:// in production: staff cookies need it"
                )
            url = self.database
            if url.get_backend_name() == "postgresql" and _is_guessable(url):
                raise ValueError(f"{PREFIX}DATABASE_URL needs a password that is not easily guessed")
        return self

    @property
    def database(self) -> URL:
        """The database's address, with its driver."""
        return parse_database_url(self.database_url.get_secret_value())

    @property
    def hours(self) -> ServiceHours:
        """When counsellors work."""
        return ServiceHours.parse(self.service_hours)

    @property
    def base_url(self) -> str:
        """Where browsers reach the service."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are marked Secure: exactly when browsers come by https."""
        return self.base_url.startswith("https://")


def _is_guessable(url: URL) -> bool:
    over_socket = not url.host or url.host.startswith("/")
    return not over_socket and (url.password or "") in _GUESSABLE_PASSWORDS


def load_settings() -> Settings:
    """Read the settings; ``SettingsError`` names each bad variable, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [_describe(item["loc"], item["msg"]) for item in error.errors(include_input=False)]
        raise SettingsError("; ".join(problems)) from None


def _describe(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message
