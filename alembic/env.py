"""Runs migrations on a connection that the caller opened (see db.migrate), or on DATABASE_URL from the command line."""

from __future__ import annotations

import asyncio
import os

from sqlalchemy import Connection

import db.keys
import db.signing  # noqa: F401 - the same
from alembic import context
from db.base import Base
from db.engine import write_engine


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def _from_command_line() -> None:
    engine = write_engine(os.environ["DATABASE_URL"])
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(_from_command_line())
