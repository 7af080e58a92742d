"""The command line: `llmref migrate` brings the database to the newest schema. More commands join as they are built."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

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
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done. 1: it could not be done, and why. 2: the call or a setting is wrong."""
    _parser().parse_args(arguments)
    try:
        settings = from_env(os.environ)
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with database(settings) as url:
            print(f"schema at revision {asyncio.run(_migrate(url))}")
    except (DatabaseUnavailable, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
