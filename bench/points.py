"""Whether points follow work: what a point buys, field by field.

Every field below two roots, a comparison and a model, is asked alone, with as little below it as can be, and the processor time of
this process is set against the points that are charged. Each root is asked for `__typename` first: what every question costs. What
takes less than 5 ms is left out. A field that stands far above the others is weighed too little (`schema/weights.py`). Unions and
fields with required arguments are not looked into, and the workload is the default one. Nothing is asserted about time.

Run: python -m bench.points [--models N] [--only TEXT] [--database URL]; it fills a catalogue of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from db.embedded import EmbeddedPostgres
from db.engine import read_engine
from db.reader import Reader
from schema.answer import CORE, Answer, answer
from tests.catalogue import fill

MOST_SERVED = """{ models(first: 10, order: MOST_PROVIDERS, where: {tasks: [TEXT_GENERATION]}) { nodes { slug } } }"""
DEPTH, LEAST_MS = 3, 5
LENSES = {"": "", " known": ', lens: {known: "%s"}'}


@dataclass(frozen=True, slots=True)
class Path:
    """A field below a root: the names on the way, and the document that asks it."""

    name: str
    document: str


def paths(kind: GraphQLObjectType, prefix: str, around: str, depth: int) -> Iterator[Path]:
    """The fields of a type that need no argument, to a depth. `around` has %s for a selection."""
    for name, field in kind.fields.items():
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        below = get_named_type(field.type)
        if not is_composite_type(below):
            yield Path(f"{prefix}.{name}", around % name)
        elif isinstance(below, GraphQLObjectType) and depth > 1:
            yield from paths(below, f"{prefix}.{name}", around % f"{name} {{ %s }}", depth - 1)
        else:
            yield Path(f"{prefix}.{name}", around % f"{name} {{ __typename }}")


async def cost(engine: AsyncEngine, document: str) -> tuple[float, Answer]:
    """Milliseconds of this process, the better of two."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        async with Reader(engine) as reader:
            given = await answer(document, {}, reader=reader, today=datetime.now(UTC).date())
        best = min(best, time.process_time() - start)
    return best * 1000, given


def _row(name: str, spent: float, given: Answer) -> str:
    if given.errors:
        return f"| {name} | {given.errors[0].message[:60]} | {given.estimated} | | |"
    return (
        f"| {name} | {spent:.1f} | {given.estimated} | {given.actual} | {spent * 1000 / max(1, given.estimated):.0f} |"
    )


async def measured(url: str, models: int, only: str) -> None:
    engine = read_engine(url, pool_size=1, pool_wait_s=60, statement_timeout_ms=600_000)
    _, found = await cost(engine, MOST_SERVED)
    assert found.data is not None
    assert CORE.query_type is not None
    slugs = [each["slug"] for each in found.data["models"]["nodes"]][:models]
    named, day = ", ".join(f'"{slug}"' for slug in slugs), datetime.now(UTC).date().isoformat()
    roots = {
        "comparison": f"comparison(models: [{named}]%s)",
        "model": f'model(ref: "{slugs[0]}"%s)',
    }
    print("| field | ms | points | objects | µs a point |\n| --- | --: | --: | --: | --: |")
    for lens, argument in LENSES.items():
        for root, called in roots.items():
            around = "{ " + (called % (argument % day if argument else "")) + " { %s } }"
            kind = get_named_type(CORE.query_type.fields[root].type)
            assert isinstance(kind, GraphQLObjectType)
            print(_row(root + lens, *await cost(engine, around % "__typename")), flush=True)
            for path in paths(kind, root + lens, around, DEPTH):
                if only not in path.name:
                    continue
                spent, given = await cost(engine, path.document)
                if given.errors or spent > LEAST_MS:
                    print(_row(path.name, spent, given), flush=True)
    await engine.dispose()


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--models", type=int, default=10)
    reader.add_argument("--only", default="")
    reader.add_argument("--database")
    asked = reader.parse_args()
    with contextlib.ExitStack() as stack:
        url = asked.database
        if url is None:
            url = stack.enter_context(EmbeddedPostgres.temporary())
            fill(url)
        asyncio.run(measured(url, asked.models, asked.only))


if __name__ == "__main__":
    main()
