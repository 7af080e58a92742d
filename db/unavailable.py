"""Why a database cannot be had, above all the PostgreSQL that comes with the package, each with what to do about it.

The reason is read from what the system and the server said, so that a full disk is called a full disk.
"""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CATALOGUE_BYTES: Final = 350_000_000
"""What the folder takes after the first ingest of the default catalogue, with some air: measured 300 MB, of which 123 are
tables and indexes and 177 the write-ahead log."""

_LAST_WORDS = re.compile(r"^.*(?:PANIC|FATAL): .*$|^.*was terminated by signal.*$", re.MULTILINE)
_MOST_LAST_WORDS: Final = 3


class DatabaseUnavailable(Exception):
    """A database cannot be had; the message says why and what to do."""


class FolderUnusable(DatabaseUnavailable):
    """The data folder cannot be created, read or written by this user."""


class DiskFull(DatabaseUnavailable):
    """There is no space (or quota) left where the data folder is."""


class DatabaseInUse(DatabaseUnavailable):
    """Another process holds the data folder in a way that cannot be shared."""


class OtherVersion(DatabaseUnavailable):
    """The data folder was made by another major version of PostgreSQL."""


class StartFailed(DatabaseUnavailable):
    """PostgreSQL did not start; the message ends with what it said."""


class ServerEnded(DatabaseUnavailable):
    """PostgreSQL ended while it was in use; the message ends with what it said."""


class OtherSchema(DatabaseUnavailable):
    """The schema is not the one that this program knows as the newest, and stays as it is."""

    def __init__(self, found: str | None, head: str, why: str) -> None:
        super().__init__(
            f"The schema of the database is at {found or 'nothing'}, this program needs {head}, and {why}; "
            "run `llmref migrate` of this version as the owner of the database, then start again."
        )


def require_room(data_dir: Path, needed: int) -> None:
    """Raises DiskFull where less is free, before anything is written that would then have to be cleared away."""
    if needed and shutil.disk_usage(data_dir).free < needed:
        raise _full(data_dir, "Nothing was written.")


def failure(said: str, data_dir: Path, number: int | None = None) -> DatabaseUnavailable:
    """What the words or the number of an error mean."""
    said = said.strip()
    if number in {errno.ENOSPC, errno.EDQUOT} or tells_of_no_space(said):
        return _full(data_dir, said)
    if number is not None or "Read-only file system" in said or "Permission denied" in said:
        return FolderUnusable(
            f"The database folder {data_dir} cannot be used; make it writable, name another or set DATABASE_URL. {said}"
        )
    return StartFailed(f"PostgreSQL in {data_dir} failed. {said}")


def ending(log: str, data_dir: Path) -> DatabaseUnavailable:
    """Why a server ended that was in use, by the first of its last words."""
    last = "\n".join(_LAST_WORDS.findall(log)[:_MOST_LAST_WORDS])
    if tells_of_no_space(log):
        return _full(data_dir, f"What was committed is kept.\n{last}")
    told = last or "Its log does not say why; it may have been killed."
    return ServerEnded(
        f"PostgreSQL in {data_dir} ended while it was in use; start again, it recovers what was committed.\n{told}"
    )


def tells_of_no_space(said: str) -> bool:
    return "No space left on device" in said or "Disk quota exceeded" in said


def _full(data_dir: Path, said: str) -> DiskFull:
    try:
        free = f"{shutil.disk_usage(data_dir).free / 1e6:,.0f} MB are free"
    except OSError:  # the folder itself could not be made
        free = "it is full"
    return DiskFull(
        f"No space left for the database in {data_dir}: {free}, and the catalogue takes about "
        f"{CATALOGUE_BYTES / 1e6:,.0f} MB; free some and try again, or set DATA_DIR to another disk.\n{said}".rstrip()
    )


@contextlib.contextmanager
def os_errors_told(data_dir: Path) -> Iterator[None]:
    """Turns what the system refuses into a DatabaseUnavailable."""
    try:
        yield
    except OSError as error:
        raise failure(str(error), data_dir, error.errno) from error
