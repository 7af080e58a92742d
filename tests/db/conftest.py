"""A reader of the small made-up catalogue, or of the one that a module fills by itself as `filled`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from db.engine import read_engine
from db.reader import Reader


@pytest.fixture(scope="module")
def filled(catalogue: str) -> str:
    """The address that `reader` reads."""
    return catalogue


@pytest_asyncio.fixture
async def reader(filled: str) -> AsyncIterator[Reader]:
    engine = read_engine(filled, pool_size=1, pool_wait_s=2, statement_timeout_ms=10_000)
    async with Reader(engine) as made:
        yield made
    await engine.dispose()
