"""New databases for the commands that need one of their own."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROWS
from tests.ingest.small import databases, run_script

REVISION = "insert into catalog_revision values (default, 'd', '2026-07-01', 'r', '{}')"


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """Each call gives the address of a new one with the newest schema."""
    with databases() as new:
        yield new


@pytest.fixture
def looked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `/readyz` and `/metrics` say is looked at whenever they are asked."""
    monkeypatch.setattr("api.health.GOOD_S", 0)


@pytest.fixture(scope="module")
def filled(new_database: Callable[[], str]) -> str:
    """The made-up catalogue as its first revision."""
    url = new_database()
    run_script(url, ROWS + REVISION)
    return url
