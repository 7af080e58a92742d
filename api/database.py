"""The database of a command: the one that is set, else the package's own, brought to the newest schema."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from api.settings import Settings
from api.steps import Steps
from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import current, migrate
from db.transaction import ConnectionLost
from db.unavailable import CATALOGUE_BYTES, DatabaseUnavailable, FolderUnusable
from db.writes import ERRORS
from ingest.run import IngestError

_FAILURES: tuple[type[Exception], ...] = (DatabaseUnavailable, IngestError, *ERRORS)


@dataclass(frozen=True, slots=True)
class Database:
    """A database in use. `lives` says whether the package's own server still does; of another one its connections tell."""

    url: str
    lives: Callable[[], bool] = lambda: True


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The database: the one that is set, else the package's own, running for as long as it is needed.

    Raises DatabaseUnavailable, also in place of what fails within because the package's own server ended or has no space.
    """
    if settings.database_url is not None:
        yield Database(settings.database_url)
        return
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise FolderUnusable(
            f"DATA_DIR: {settings.data_dir} cannot be made a folder ({reason}); set another one"
        ) from None
    server = EmbeddedPostgres(settings.data_dir / "postgres", room=CATALOGUE_BYTES)
    with server as url:
        try:
            yield Database(url, server.lives)
        except _FAILURES as error:
            if not _by_the_database(error):
                raise
            said, lost = str(getattr(error, "orig", None) or error), isinstance(error.__cause__, ConnectionLost)
            ended = server.ended(said, lost=lost)
            if ended is None:
                raise
            raise ended from error


def _by_the_database(error: Exception) -> bool:
    """An ingest fails by its documents too, which says nothing about the server."""
    return not isinstance(error, IngestError) or isinstance(error.__cause__, (ConnectionLost, *ERRORS))


async def _migrate(url: str) -> str | None:
    engine = write_engine(url)
    try:
        await migrate(engine)
        return await current(engine)
    finally:
        await engine.dispose()


def migrated(url: str) -> str | None:
    """The revision of the schema, which is the newest now."""
    try:
        return asyncio.run(_migrate(url))
    except OSError as error:
        raise DatabaseUnavailable(f"The database does not answer ({error}); see DATABASE_URL.") from None


@contextlib.contextmanager
def ready_database(settings: Settings, steps: Steps) -> Iterator[Database]:
    """A database with the newest schema, made so in two steps."""
    with contextlib.ExitStack() as held:
        found = steps.run("start the database", lambda: held.enter_context(database(settings)))
        steps.run("migrate the schema", lambda: migrated(found.url))
        yield found
