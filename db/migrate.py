"""Brings the schema of a database to the newest revision, with alembic, under one advisory lock."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command

ROOT = Path(__file__).parent.parent
LOCK = 7_203_001
"""Two starts at once migrate one after the other; any number that nobody else takes."""


def config() -> Config:
    made = Config(str(ROOT / "alembic.ini"))
    made.set_main_option("script_location", str(ROOT / "alembic"))
    return made


@cache
def head() -> str:
    """The newest revision that this program knows."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def known(revision: str | None) -> bool:
    """Whether this program knows the revision; None, no schema at all, it does."""
    return revision is None or any(
        each.revision == revision for each in ScriptDirectory.from_config(config()).walk_revisions()
    )


async def migrate(engine: AsyncEngine, target: str = "head") -> None:
    """Upgrade (or, for tests, downgrade with `-1` or `base`) to the target."""

    def run(connection: Connection) -> None:
        made = config()
        made.attributes["connection"] = connection
        if target == "base" or target.startswith("-"):
            command.downgrade(made, target)
        else:
            command.upgrade(made, target)

    async with engine.connect() as connection:
        await connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        await connection.commit()
        try:
            await connection.run_sync(run)
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
            await connection.commit()


async def current(engine: AsyncEngine) -> str | None:
    """The revision of the database; None where it has no schema yet."""
    async with engine.connect() as connection:
        there = await connection.scalar(text("select to_regclass('alembic_version')"))
        if there is None:
            return None
        found: str | None = await connection.scalar(text("select version_num from alembic_version"))
        return found
