"""The tables, as typed definitions that statements are written against. Never instantiated, without relationships.

`statement` is append-only truth-as-said; everything below `subject` is derived from it by ingest and can be rebuilt.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, key_column

_EMPTY = text("'{}'")


# ---- what was obtained and what it says -------------------------------------------------------------------------------


class CatalogRevisionRow(Base):
    """One accepted state of the whole catalogue. The highest id is the one that answers."""

    __tablename__ = "catalog_revision"
    id: Mapped[int] = key_column()
    digest: Mapped[str]
    created_at: Mapped[datetime]
    rules_version: Mapped[str]
    counts: Mapped[dict[str, Any]]


class SourceRow(Base):
    """Who publishes. Sources of one lineage copy each other and count as one witness. `last_failed_at` and `last_failure` are
    null unless the last attempt to get a newer document failed."""

    __tablename__ = "source"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str | None]
    license: Mapped[str | None]
    lineage: Mapped[str]
    last_checked_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    last_failure: Mapped[str | None]


OLDER, HELD = "older-document", "held-back"
"""Mark a retrieval, among its problems, that is kept and not used: its document was older than what its source had said, or
named so much less that somebody has to look at it first."""
USED = f"not jsonb_exists_any(problems, array['{OLDER}', '{HELD}'])"
"""The condition of a retrieval that was taken in."""


class RetrievalRow(Base):
    """One obtained document, kept whole (zlib). `read_at` is later than `retrieved_at` where it was read anew by other rules;
    `etag` and `last_modified` are what its server called its version."""

    __tablename__ = "retrieval"
    id: Mapped[int] = key_column()
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    url: Mapped[str]
    retrieved_at: Mapped[datetime]
    document_date: Mapped[date | None]
    sha256: Mapped[str]
    size: Mapped[int]
    body: Mapped[bytes]
    problems: Mapped[dict[str, Any]]
    read_at: Mapped[datetime]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    __table_args__ = (UniqueConstraint("source_id", "sha256"),)


class SubjectRow(Base):
    """A thing as one source names it, and what we take it for. An unresolved subject has no link."""

    __tablename__ = "subject"
    id: Mapped[int] = key_column()
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    kind: Mapped[str]
    native_provider: Mapped[str] = mapped_column(server_default="")
    native_id: Mapped[str]
    native_name: Mapped[str | None]
    lab_id: Mapped[int | None] = mapped_column(ForeignKey("lab.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model.id"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id"))
    method: Mapped[str]
    confidence: Mapped[Decimal | None]
    evidence: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("source_id", "kind", "native_provider", "native_id"),
        CheckConstraint("kind in ('lab', 'provider', 'model', 'route', 'license')", name="kind"),
        *(Index(None, each) for each in ("model_id", "route_id", "provider_id", "lab_id")),
    )


class StatementRow(Base):
    """What one document says about one field of one subject. Never changed but for `superseded_at`: the moment
    from which a newer document of the same source says something else, or no longer says it."""

    __tablename__ = "statement"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    retrieval_id: Mapped[int] = mapped_column(ForeignKey("retrieval.id"))
    field: Mapped[str]
    value: Mapped[str]
    """Canonical JSON text."""
    locator: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    observed_on: Mapped[date | None]
    """The day of the data: the document's own date, else the day of the retrieval."""
    url: Mapped[str | None]
    read_on: Mapped[date | None]
    as_written: Mapped[str | None]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "subject_id", "field"), Index(None, "retrieval_id"))


# ---- what we accept ---------------------------------------------------------------------------------------------------


class LabRow(Base):
    __tablename__ = "lab"
    id: Mapped[int] = key_column()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    url: Mapped[str | None]


class LicenseRow(Base):
    __tablename__ = "license"
    id: Mapped[int] = key_column()
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    spdx: Mapped[str | None]
    osi_approved: Mapped[bool | None]
    commercial_use: Mapped[str] = mapped_column(server_default="UNKNOWN")
    openness: Mapped[str] = mapped_column(server_default="UNKNOWN")
    url: Mapped[str | None]


class ProviderRow(Base):
    __tablename__ = "provider"
    id: Mapped[int] = key_column()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    api_shape: Mapped[str]
    base_url: Mapped[str | None]
    docs_url: Mapped[str | None]
    sdk_package: Mapped[str | None]
    credentials: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    group: Mapped[str | None]
    endpoints: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    route_count: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        Index("ix_provider_by_name", text("lower(name)"), "id"),
        Index("ix_provider_by_routes", "route_count", "id"),
    )


class ModelRow(Base):
    """Identity and specification. The last block is derived from routes, so that lists sort and filter on an index."""

    __tablename__ = "model"
    id: Mapped[int] = key_column()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    lab_id: Mapped[int | None] = mapped_column(ForeignKey("lab.id"))
    family: Mapped[str | None]
    task: Mapped[str]
    released: Mapped[str | None]
    knowledge_cutoff: Mapped[str | None]
    context_window: Mapped[int | None]
    max_output: Mapped[int | None]
    parameters_total: Mapped[int | None] = mapped_column(BigInteger)
    parameters_active: Mapped[int | None] = mapped_column(BigInteger)
    architecture: Mapped[str]
    license_id: Mapped[int | None] = mapped_column(ForeignKey("license.id"))
    openness: Mapped[str]
    commercial_use: Mapped[str]
    input_modalities: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    output_modalities: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    capabilities_yes: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    capabilities_no: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    lifecycle: Mapped[str]
    deprecated_on: Mapped[date | None]
    deprecated_precision: Mapped[str | None]
    retires_on: Mapped[date | None]
    retires_precision: Mapped[str | None]
    successor: Mapped[str | None]
    weights_url: Mapped[str | None]
    last_reviewed: Mapped[date | None]
    # derived from the model's live routes and their current prices
    route_count: Mapped[int] = mapped_column(server_default="0")
    provider_count: Mapped[int] = mapped_column(server_default="0")
    cheapest_input: Mapped[Decimal | None]
    cheapest_output: Mapped[Decimal | None]
    provider_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=_EMPTY)
    search: Mapped[str]
    """Lower-case name, slug, lab and aliases, for text search with typos."""
    __table_args__ = (
        Index(None, "lab_id"),
        Index(None, "license_id"),
        Index("ix_model_released_id", text("coalesce(released, '') desc"), "id"),
        Index("ix_model_routes_id", text("route_count desc"), "id"),
        Index("ix_model_providers_id", text("provider_count desc"), text("id desc")),
        Index("ix_model_task_providers_id", "task", text("provider_count desc"), "id"),
        Index(None, "family"),
        Index("ix_model_name_id", text("lower(name)"), "id"),
        Index("ix_model_by_output", text("coalesce(cheapest_output, 1000000000::numeric)"), "id"),
        Index("ix_model_by_input", text("coalesce(cheapest_input, 1000000000::numeric)"), "id"),
        Index("ix_model_by_retirement", text("coalesce(retires_on, '9999-12-31'::date)"), "id"),
        Index("ix_model_context_id", text("coalesce(context_window, 0) desc"), "id"),
        Index("ix_model_retires_on_place", "retires_on", text("(id * 2)")),
        Index("ix_model_capabilities", "capabilities_yes", postgresql_using="gin"),
        Index("ix_model_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )


class RouteRow(Base):
    __tablename__ = "route"
    id: Mapped[int] = key_column()
    key: Mapped[str] = mapped_column(unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model.id"))
    provider_model_id: Mapped[str]
    name: Mapped[str | None]
    variant: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    region: Mapped[str | None]
    context_window: Mapped[int | None]
    max_output: Mapped[int | None]
    input_modalities: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    output_modalities: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    capabilities_yes: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    capabilities_no: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    lifecycle: Mapped[str]
    deprecated_on: Mapped[date | None]
    deprecated_precision: Mapped[str | None]
    retires_on: Mapped[date | None]
    retires_precision: Mapped[str | None]
    price_basis: Mapped[str]
    live: Mapped[bool]
    last_seen: Mapped[date | None]
    link_method: Mapped[str | None]
    link_confidence: Mapped[Decimal | None]
    first_party: Mapped[bool]
    # derived: the current standard base price in USD per million tokens of a METERED sheet that competes
    input_mtok: Mapped[Decimal | None]
    output_mtok: Mapped[Decimal | None]
    __table_args__ = (
        Index(None, "model_id", "output_mtok", "id"),
        Index(None, "provider_id"),
        Index("ix_route_retires_on_place", "retires_on", text("(id * 2 + 1)")),
        Index("ix_route_by_output", text("coalesce(output_mtok, 1000000000::numeric)"), "id"),
        Index("ix_route_by_input", text("coalesce(input_mtok, 1000000000::numeric)"), "id"),
        Index("ix_route_by_context", text("coalesce(context_window, 0)"), "id"),
        Index("ix_route_by_retirement", text("coalesce(retires_on, '9999-12-31'::date)"), "id"),
    )


class PriceRow(Base):
    """One dated sheet of a route, one mode, one tier. USD per million tokens unless `currency` says otherwise."""

    __tablename__ = "price"
    id: Mapped[int] = key_column()
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"))
    mode: Mapped[str]
    above: Mapped[int]
    valid_from: Mapped[date | None]
    valid_from_basis: Mapped[str]
    valid_to: Mapped[date | None]
    currency: Mapped[str]
    input_mtok: Mapped[Decimal | None]
    output_mtok: Mapped[Decimal | None]
    cache_read_mtok: Mapped[Decimal | None]
    cache_write_mtok: Mapped[Decimal | None]
    cache_write_1h_mtok: Mapped[Decimal | None]
    reasoning_mtok: Mapped[Decimal | None]
    audio_in_mtok: Mapped[Decimal | None]
    audio_out_mtok: Mapped[Decimal | None]
    other_units: Mapped[dict[str, Any]] = mapped_column(server_default=_EMPTY)
    hours: Mapped[list[str]] = mapped_column(server_default=_EMPTY)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    suspicious: Mapped[str | None]
    __table_args__ = (Index(None, "route_id", "id"), CheckConstraint("above >= 0", name="above"))


class BenchmarkRow(Base):
    __tablename__ = "benchmark"
    id: Mapped[int] = key_column()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    version: Mapped[str | None]


class BenchmarkResultRow(Base):
    __tablename__ = "benchmark_result"
    id: Mapped[int] = key_column()
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"))
    benchmark_id: Mapped[int] = mapped_column(ForeignKey("benchmark.id"))
    metric: Mapped[str]
    score: Mapped[Decimal]
    harness: Mapped[str | None]
    variant: Mapped[str | None]
    runner: Mapped[str | None]
    date: Mapped[str | None]
    url: Mapped[str | None]
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    __table_args__ = (Index(None, "model_id", "id"), Index(None, "benchmark_id"))


class AliasRow(Base):
    """A spelling under which a model is known, and why it is taken for it. `key` is lower-case."""

    __tablename__ = "alias"
    id: Mapped[int] = key_column()
    key: Mapped[str]
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id"))
    spelling: Mapped[str]
    method: Mapped[str]
    confidence: Mapped[Decimal]
    reason: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    """0 is the best; a spelling that names several models lists them all."""
    __table_args__ = (
        UniqueConstraint("key", "model_id"),
        Index(None, "model_id"),
        Index("ix_alias_key_trgm", "key", postgresql_using="gin", postgresql_ops={"key": "gin_trgm_ops"}),
    )


class MovingTargetRow(Base):
    """Where a subject that is a moving name pointed from one day to another, both included. `until` null: to this day;
    `model_id` null: not known; `first_party`: it is offered by the model's own lab. The subject's own link is the newest target."""

    __tablename__ = "moving_target"
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model.id", ondelete="SET NULL"))
    first_party: Mapped[bool]
    __table_args__ = (Index(None, "model_id"), CheckConstraint("until >= since", name="days"))


class DisputeRow(Base):
    """A fact of a model or of a route on which independent lineages disagree. `value` is the accepted one as JSON, `ratio` the
    largest number over the smallest one, `dissenting` how many statements disagree."""

    __tablename__ = "dispute"
    id: Mapped[int] = key_column()
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    field: Mapped[str]
    value: Mapped[str]
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    ratio: Mapped[Decimal | None]
    dissenting: Mapped[int]
    __table_args__ = (
        Index(None, "model_id"),
        Index(None, "route_id"),
        CheckConstraint("(model_id is null) <> (route_id is null)", name="about"),
    )


class SuccessorRow(Base):
    """What is named instead of a model. `spelling` is the source's own; without `target_id` it names no model of ours."""

    __tablename__ = "successor"
    id: Mapped[int] = key_column()
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"))
    target_id: Mapped[int | None] = mapped_column(ForeignKey("model.id", ondelete="SET NULL"))
    spelling: Mapped[str]
    kind: Mapped[str]
    place: Mapped[int] = mapped_column(SmallInteger)
    """Its place among those that its source names."""
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    __table_args__ = (
        UniqueConstraint("model_id", "kind", "place"),
        Index(None, "target_id"),
        CheckConstraint("kind in ('DROP_IN', 'OPTION')", name="kind"),
    )
