"""What became different: tables that are only ever appended to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, key_column


class FactChangeRow(Base):
    """An accepted fact that became another one. `of` is the slug or key, and stays when the thing goes; values are JSON."""

    __tablename__ = "fact_change"
    id: Mapped[int] = key_column()
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model.id", ondelete="SET NULL"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id", ondelete="SET NULL"))
    of: Mapped[str]
    field: Mapped[str]
    kind: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"))
    recorded_at: Mapped[datetime]
    revision: Mapped[int | None]
    __table_args__ = (Index(None, "model_id"), Index(None, "route_id"), Index(None, "revision"))


class PriceChangeRow(Base):
    """A day on which the accepted price of a route became another one. `before` and `after` are amounts by unit."""

    __tablename__ = "price_change"
    id: Mapped[int] = key_column()
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id", ondelete="SET NULL"))
    of: Mapped[str]
    mode: Mapped[str]
    above: Mapped[int]
    currency: Mapped[str]
    kind: Mapped[str]
    day: Mapped[date | None]
    basis: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    previous_source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"))
    recorded_at: Mapped[datetime]
    revision: Mapped[int | None]
    __table_args__ = (
        Index(None, "route_id"),
        Index(None, "of"),
        Index(None, "revision"),
        Index("ix_price_change_kind_day_id", "kind", text("coalesce(day, '0001-01-01'::date) desc"), text("id desc")),
        Index("ix_price_change_day_id", text("coalesce(day, '0001-01-01'::date) desc"), text("id desc")),
    )
