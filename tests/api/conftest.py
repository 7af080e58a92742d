"""New databases for the commands that need one of their own."""

from collections.abc import Callable, Iterator

import pytest

from tests.ingest.small import databases


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Each call gives the address of a new one with the newest schema."""
    with databases() as new:
        yield new
