"""Asks the schema as every transport does, and keeps the statements that were sent."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import date
from typing import Any
from unittest import mock

import asyncpg
from sqlalchemy import event

from db.engine import read_engine
from db.reader import Reader
from schema.answer import Answer, answer

TODAY = date(2026, 7, 1)


@contextmanager
def sent(engine: Any, note: Callable[[str, Sequence[Any]], object]) -> Iterator[None]:
    """Notes every SELECT with its values as the driver gets it, be it from SQLAlchemy on this engine or from the reader itself."""
    fetch = asyncpg.Connection.fetch

    def fetched(connection: Any, text: str, *values: Any, **more: Any) -> Any:
        if connection.get_settings().application_name == "llmref":  # not the connection that listens for revisions
            note(text, values)
        return fetch(connection, text, *values, **more)

    def executed(*given: Any) -> None:
        note(given[2], tuple(given[3] or ()))

    event.listen(engine.sync_engine, "before_cursor_execute", executed)
    try:
        with mock.patch.object(asyncpg.Connection, "fetch", fetched):
            yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", executed)


def objects_of(found: Any) -> int:
    """How many objects are in a part of an answer."""
    below = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return isinstance(found, dict) + sum(map(objects_of, below))


async def _no_answer(*_: Any) -> None:
    pass


class Asked:
    """Answers operations and keeps the statements of the last one, as the driver got them."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.statements: list[str] = []
        self.isolation: list[str] = []
        self.record_key: bytes | None = None

    async def __call__(self, text: str, *, today: date = TODAY, **variables: Any) -> dict[str, Any]:
        found = await self.answered(text, today=today, **variables)
        return found.formatted  # type: ignore[return-value]  # a TypedDict

    async def answered(self, text: str, *, today: date = TODAY, straight: bool = True, **variables: Any) -> Answer:
        """The answer with what it cost; not `straight`: by the plan, even where one statement could make it."""
        async with Reader(self._engine) as reader:
            self.statements.clear()
            ways = nullcontext() if straight else mock.patch("schema.answer._straight", _no_answer)
            with ways, sent(self._engine, lambda statement, _: self.statements.append(statement)):
                result = await answer(text, variables, reader=reader, today=today, record_key=self.record_key)
            assert reader.statements == len(self.statements)
            self.isolation = sorted(reader.isolation)
        return result


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[Asked]:
    """A way to ask the catalogue at an address."""
    engine = read_engine(url, pool_size=1, pool_wait_s=2, statement_timeout_ms=10_000)
    async with engine.connect() as connection:  # so that what a first connection asks of the server is not counted
        await connection.exec_driver_sql("select 1")
    yield Asked(engine)
    await engine.dispose()
