"""Fills a fresh database with the default catalogue, as `llmref ingest` does without a network."""

import asyncio
from datetime import UTC, datetime

from db.engine import write_engine
from db.migrate import migrate
from ingest.run import ingest

DAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""On which the default catalogue is taken in, so that what follows from dates is the same on every day."""


def fill(url: str) -> None:
    """Migrate and take the pinned data packages and our curated files in."""

    async def filled() -> None:
        engine = write_engine(url)
        await migrate(engine)
        await ingest(engine, live=False, now=DAY)
        await engine.dispose()

    asyncio.run(filled())
