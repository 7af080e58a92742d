"""New databases for the tests that take documents in, and the resolver of the packaged ones."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import write_engine
from domain.identity import Resolver
from ingest.identifying import packaged_resolver
from tests.ingest.small import databases


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Each call gives the address of a new one."""
    with databases() as new:
        yield new


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """A new database with the newest schema."""
    return new_database()


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    """Writes into the same."""
    made = write_engine(url)
    yield made
    await made.dispose()


@pytest.fixture(scope="session")
def resolver() -> Resolver:
    """What the packaged catalogues and our own files know."""
    return packaged_resolver()
