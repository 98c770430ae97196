"""The command line: ``python -m api serve | migrate | create-token | create-account | reset-password``."""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from functools import partial

import uvloop

from api.auth.accounts import create_account, reset_password
from api.auth.permissions import STAFF_ROLES, TOKEN_ROLES, Role
from api.auth.tokens import create_api_token
from api.clock import SystemClock
from api.db.migrate import migrate
from api.errors import QingtingError
from api.main import create_app, open_database
from api.observability import configure_logging
from api.serving import serve
from api.settings import Settings, load_settings
from triage.errors import TriageError

EXIT_REFUSED = 2
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,31}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the process's exit status."""
    options = _parse(arguments)
    try:
        settings = load_settings()
        configure_logging(level=settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_COMMANDS[options.command](settings, options))
    except (QingtingError, TriageError) as error:
        print(f"qingting: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m api", description="Run 青听 Qingting.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="migrate an SQLite database, then serve")
    commands.add_parser("migrate", help="bring the database to this version's tables")
    token = commands.add_parser("create-token", help="make a bearer token; it is printed once")
    token.add_argument("--name", required=True, type=_name)
    token.add_argument("--role", required=True, choices=sorted(TOKEN_ROLES))
    token.add_argument("--channel", type=_channel, help="the only channel it may send for")
    account = commands.add_parser("create-account", help="add a member of staff")
    account.add_argument("user", type=_name)
    account.add_argument("--role", required=True, choices=sorted(STAFF_ROLES))
    reset = commands.add_parser("reset-password", help="replace a password by a one-time one")
    reset.add_argument("user")
    return parser.parse_args(arguments)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("use letters, digits, dots, dashes and underscores")
    return text


def _channel(text: str) -> str:
    if not _CHANNEL.fullmatch(text):
        raise argparse.ArgumentTypeError("use lower-case letters, digits and underscores")
    return text


async def _serve(settings: Settings, _options: argparse.Namespace) -> int:
    await serve(create_app(settings), settings)
    return 0


async def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    await migrate(settings.database)
    print("the database is at this version's tables")
    return 0


async def _create_token(settings: Settings, options: argparse.Namespace) -> int:
    database = await open_database(settings)
    create = partial(
        create_api_token,
        name=options.name,
        role=Role(options.role),
        channel=options.channel,
        now=SystemClock().now(),
    )
    token = await database.write(create)
    await database.close()
    print(token)
    return 0


async def _create_account(settings: Settings, options: argparse.Namespace) -> int:
    database = await open_database(settings)
    password = await create_account(
        database, username=options.user, role=Role(options.role), now=SystemClock().now()
    )
    await database.close()
    print(f"one-time password: {password}")
    return 0


async def _reset_password(settings: Settings, options: argparse.Namespace) -> int:
    database = await open_database(settings)
    password = await reset_password(database, username=options.user, now=SystemClock().now())
    await database.close()
    print(f"one-time password: {password}")
    return 0


_COMMANDS = {
    "serve": _serve,
    "migrate": _migrate,
    "create-token": _create_token,
    "create-account": _create_account,
    "reset-password": _reset_password,
}

if __name__ == "__main__":
    sys.exit(main())
