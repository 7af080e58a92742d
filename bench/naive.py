"""The same answers the way a first draft has them: Strawberry over SQLAlchemy's ORM, each field of a type asks the database itself.

As many types and fields as Q1 to Q4 name, in one file; the documents are those that the product is asked.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import strawberry
from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from starlette.applications import Starlette
from starlette.routing import Route as HttpRoute
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from db.address import address
from db.tables import BenchmarkResultRow, BenchmarkRow, LabRow, LicenseRow, ModelRow, PriceRow, ProviderRow, RouteRow
from domain.facts import CapabilityKind, PriceMode
from schema.scalars import SCALARS, BigInt

Row = strawberry.Private[Any]


class _Database:
    engine: AsyncEngine


async def _all(statement: Any) -> Any:
    async with AsyncSession(_Database.engine) as session:
        return (await session.scalars(statement)).all()


async def _one(statement: Any) -> Any:
    return next(iter(await _all(statement)), None)


@strawberry.type
class Named:
    name: str


@strawberry.type
class Capability:
    kind: str
    presence: str


@strawberry.type
class Price:
    mode: str
    above: int
    input_mtok: Decimal | None
    output_mtok: Decimal | None
    cache_read_mtok: Decimal | None
    valid_from: date | None


@strawberry.type
class Result:
    row: Row
    metric: str
    score: Decimal
    variant: str | None
    source_id: str = strawberry.field(name="source")

    @strawberry.field
    async def benchmark(self) -> Named:
        found = await _one(select(BenchmarkRow).where(BenchmarkRow.id == self.row.benchmark_id))
        return Named(name=found.name)


@strawberry.type
class Route:
    row: Row
    key: str
    provider_model_id: str
    context_window: int | None
    max_output: int | None
    lifecycle: str

    @strawberry.field
    async def provider(self) -> Named:
        found = await _one(select(ProviderRow).where(ProviderRow.id == self.row.provider_id))
        return Named(name=found.name)

    @strawberry.field
    async def prices(self) -> list[Price]:
        today, sheet = datetime.now(UTC).date(), PriceRow
        modes = {mode.value: place for place, mode in enumerate(PriceMode)}
        rows = await _all(
            select(sheet)
            .where(sheet.route_id == self.row.id)
            .where(or_(sheet.valid_from.is_(None), sheet.valid_from <= today))
            .where(or_(sheet.valid_to.is_(None), sheet.valid_to > today))
            .order_by(case(modes, value=sheet.mode), sheet.above, sheet.id)
        )
        return [_made(Price, row) for row in rows]


@strawberry.type
class Routes:
    nodes: list[Route]


@strawberry.type
class Model:
    row: Row
    slug: str
    name: str
    family: str | None
    task: str
    released: str | None
    knowledge_cutoff: str | None
    context_window: int | None
    max_output: int | None
    parameters_total: BigInt | None
    parameters_active: BigInt | None
    architecture: str
    openness: str
    commercial_use: str
    input_modalities: list[str]
    output_modalities: list[str]
    lifecycle: str
    retires_on: date | None
    weights_url: str | None

    @strawberry.field
    async def lab(self) -> Named | None:
        found = await _one(select(LabRow).where(LabRow.id == self.row.lab_id))
        return Named(name=found.name) if found else None

    @strawberry.field
    async def license(self) -> Named | None:
        found = await _one(select(LicenseRow).where(LicenseRow.id == self.row.license_id))
        return Named(name=found.name) if found else None

    @strawberry.field
    def capabilities(self) -> list[Capability]:
        yes, no = self.row.capabilities_yes, self.row.capabilities_no
        return [
            Capability(kind=kind, presence="YES" if kind in yes else "NO" if kind in no else "UNKNOWN")
            for kind in CapabilityKind
        ]

    @strawberry.field
    async def routes(self, first: int) -> Routes:
        route = RouteRow
        rows = await _all(
            select(route)
            .where(route.model_id == self.row.id, route.live)
            .order_by(route.output_mtok.asc().nulls_last(), route.id)
            .limit(first)
        )
        return Routes(nodes=[_made(Route, row) for row in rows])

    @strawberry.field
    async def results(self) -> list[Result]:
        result = BenchmarkResultRow
        of_model = select(result).where(result.model_id == self.row.id)
        rows = await _all(of_model.join(BenchmarkRow).order_by(BenchmarkRow.slug, result.id))
        return [_made(Result, row) for row in rows]


@strawberry.type
class Models:
    nodes: list[Model]


@strawberry.enum
class ModelOrder(StrEnum):
    MOST_PROVIDERS = "MOST_PROVIDERS"


def _made(kind: Any, row: Any) -> Any:
    """An object of the type from a row whose columns are named like its fields."""
    names = (each.name for each in fields(kind) if each.init)
    return kind(**{name: row if name == "row" else getattr(row, name) for name in names})


@strawberry.type
class Query:
    @strawberry.field
    async def models(self, first: int, order: ModelOrder) -> Models:
        most = select(ModelRow).order_by(ModelRow.provider_count.desc(), ModelRow.id.desc()).limit(first)
        return Models(nodes=[_made(Model, row) for row in await _all(most)])

    @strawberry.field
    async def model(self, ref: str) -> Model | None:
        row = await _one(select(ModelRow).where(ModelRow.slug == ref))
        return _made(Model, row) if row else None


def schema() -> strawberry.Schema:
    """Of the product's schema what Q1 to Q4 name."""
    return strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))


def app() -> Starlette:
    """The application over DATABASE_URL."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        where = address(os.environ["DATABASE_URL"])
        _Database.engine = create_async_engine(
            where.url,
            pool_size=int(os.environ["POOL_SIZE"]),
            max_overflow=0,
            pool_timeout=300,
            connect_args=where.arguments,
        )
        yield
        await _Database.engine.dispose()

    return Starlette(routes=[HttpRoute("/graphql", GraphQL(schema()))], lifespan=lifespan)
