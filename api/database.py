"""The database of a command: the one that is set, else the package's own, brought to the newest schema."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import ProgrammingError

from api.settings import Settings
from api.steps import Steps
from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import current, head, known, migrate
from db.transaction import ConnectionLost
from db.unavailable import CATALOGUE_BYTES, DatabaseUnavailable, FolderUnusable, OtherSchema
from db.writes import ERRORS
from ingest.run import IngestError

INSUFFICIENT_PRIVILEGE = "42501"
_FAILURES: tuple[type[Exception], ...] = (DatabaseUnavailable, IngestError, *ERRORS)


@dataclass(frozen=True, slots=True)
class Database:
    """A database in use. `lives` says whether the package's own server still does; of another one its connections tell. `revive`
    starts it again where it does not; None of a server that is not ours to start."""

    url: str
    lives: Callable[[], bool] = lambda: True
    revive: Callable[[], bool] | None = None


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
            yield Database(url, server.lives, server.revive)
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


async def _migrate(url: str, allowed: bool) -> str | None:
    engine = write_engine(url)
    try:
        found = await current(engine)
        if found == head():
            return found
        if not allowed:
            raise OtherSchema(found, head(), "MIGRATE is off")
        if not known(found):
            raise OtherSchema(found, head(), "it was made by a newer version of this program")
        try:
            await migrate(engine)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
                raise
            raise OtherSchema(found, head(), "this role may not change it") from None
        return await current(engine)
    finally:
        await engine.dispose()


def migrated(url: str, *, allowed: bool = True) -> str | None:
    """The revision of the schema, which is the newest now. Raises OtherSchema where it is another one and cannot, or must not, be
    changed."""
    try:
        return asyncio.run(_migrate(url, allowed))
    except OSError as error:
        raise DatabaseUnavailable(f"The database does not answer ({error}); see DATABASE_URL.") from None


@contextlib.contextmanager
def ready_database(settings: Settings, steps: Steps) -> Iterator[Database]:
    """A database with the newest schema, made so in two steps; with MIGRATE=off it has to have it."""
    doing = "migrate the schema" if settings.migrate else "look at the schema"
    with contextlib.ExitStack() as held:
        found = steps.run("start the database", lambda: held.enter_context(database(settings)))
        steps.run(doing, lambda: migrated(found.url, allowed=settings.migrate))
        yield found
