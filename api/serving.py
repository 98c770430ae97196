"""Run the application under uvicorn: the socket first, then the greeting, then requests."""

import socket

import uvicorn
from fastapi import FastAPI

from api.auth.accounts import FIRST_ADMINISTRATOR, create_first_administrator
from api.deps import Services
from api.errors import StartRefused
from api.settings import PREFIX, Settings

KEEP_ALIVE_S = 75
SHUTDOWN_WITHIN_S = 10


async def serve(app: FastAPI, settings: Settings) -> None:
    """Start all parts, greet the operator on the terminal, and serve until told to stop.

    Raises ``StartRefused`` before anything listens.
    """
    async with app.router.lifespan_context(app):
        listener = listen(settings)
        services: Services = app.state.services
        password = await create_first_administrator(services.database, now=services.clock.now())
        greet(settings, listener, password)
        await build_server(app, settings).serve(sockets=[listener])


def build_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The HTTP server; the application's parts must be started already, and it logs through ours."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
        )
    )


def listen(settings: Settings) -> socket.socket:
    """The bound socket; ``StartRefused`` when the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise StartRefused(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            f"set {PREFIX}HOST or {PREFIX}PORT"
        ) from error
    return listener


def greet(settings: Settings, listener: socket.socket, password: str | None) -> None:
    """Say where the pages are; the one-time password goes to the terminal and into no log."""
    base = settings.base_url
    if settings.port == 0 and settings.public_url is None:
        base = f"{base.removesuffix(':0')}:{listener.getsockname()[1]}"
    print(f"chat page: {base}/")
    print(f"console:   {base}/console")
    if password is not None:
        print(f"first sign-in: {FIRST_ADMINISTRATOR}   one-time password: {password}")
    print("", end="", flush=True)
