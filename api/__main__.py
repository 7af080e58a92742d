"""The command line: `llmref migrate` brings the database to the newest schema, `llmref serve` answers over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence

import uvicorn

from api.app import create_app
from api.settings import TABLE, Settings, WrongSetting, from_env
from db.embedded import DatabaseUnavailable, EmbeddedPostgres
from db.engine import write_engine
from db.migrate import current, migrate


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, else the package's own, running for as long as it is needed."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(settings.data_dir / "postgres") as url:
        yield url


async def _migrate(url: str) -> str | None:
    engine = write_engine(url)
    try:
        await migrate(engine)
        return await current(engine)
    finally:
        await engine.dispose()


def _parser() -> argparse.ArgumentParser:
    table = "\n".join(f"  {setting.name:22}{setting.help} Default: {setting.default or 'empty'}" for setting in TABLE)
    parser = argparse.ArgumentParser(
        prog="llmref",
        description="LLM Reference: models, providers and prices, every fact with its source.",
        epilog=f"settings, read from the environment:\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the newest schema")
    commands.add_parser("serve", help="migrate, then answer over HTTP until Ctrl-C")
    return parser


def _serve(settings: Settings, url: str) -> None:
    base = f"http://{settings.host}:{settings.port}"
    print(f"GraphiQL:  {base}/graphiql")
    print(
        f"""Try:       curl -s {base}/graphql -H 'content-type: application/json' -d '{{"query":"{{ catalog {{ number }} }}"}}'"""
    )
    print("Stop:      Ctrl-C", flush=True)
    uvicorn.run(
        create_app(settings, url),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )


def _refuse_taken_port(settings: Settings) -> None:
    """Before anything is started: a port in use is told at once. Raises OSError."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise OSError(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); set HOST or PORT"
            ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done. 1: it could not be done, and why. 2: the call or a setting is wrong."""
    command = _parser().parse_args(arguments).command
    try:
        settings = from_env(os.environ)
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 2
    # Both ways of being asked to stop leave through the context managers, so that the database stops too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if command == "serve":
            _refuse_taken_port(settings)
        with database(settings) as url:
            print(f"schema at revision {asyncio.run(_migrate(url))}", flush=True)
            if command == "serve":
                _serve(settings, url)
    except (DatabaseUnavailable, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
