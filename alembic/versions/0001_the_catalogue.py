"""The catalogue: what was obtained, what it says, and what we accept of it.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that waits for a lock makes every reader behind it wait: give up early instead.
    op.execute("set lock_timeout = '5s'")
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "benchmark",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark")),
        sa.UniqueConstraint("slug", name=op.f("uq_benchmark_slug")),
    )
    op.create_table(
        "catalog_revision",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_revision")),
    )
    op.create_table(
        "lab",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab")),
        sa.UniqueConstraint("slug", name=op.f("uq_lab_slug")),
    )
    op.create_table(
        "license",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spdx", sa.Text(), nullable=True),
        sa.Column("osi_approved", sa.Boolean(), nullable=True),
        sa.Column("commercial_use", sa.Text(), server_default="UNKNOWN", nullable=False),
        sa.Column("openness", sa.Text(), server_default="UNKNOWN", nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license")),
        sa.UniqueConstraint("key", name=op.f("uq_license_key")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("api_shape", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=True),
        sa.Column("docs_url", sa.Text(), nullable=True),
        sa.Column("sdk_package", sa.Text(), nullable=True),
        sa.Column("credentials", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("route_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("slug", name=op.f("uq_provider_slug")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_table(
        "model",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lab_id", sa.Integer(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("released", sa.Text(), nullable=True),
        sa.Column("knowledge_cutoff", sa.Text(), nullable=True),
        sa.Column("context_window", sa.Integer(), nullable=True),
        sa.Column("max_output", sa.Integer(), nullable=True),
        sa.Column("parameters_total", sa.BigInteger(), nullable=True),
        sa.Column("parameters_active", sa.BigInteger(), nullable=True),
        sa.Column("architecture", sa.Text(), nullable=False),
        sa.Column("license_id", sa.Integer(), nullable=True),
        sa.Column("openness", sa.Text(), nullable=False),
        sa.Column("commercial_use", sa.Text(), nullable=False),
        sa.Column("input_modalities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("output_modalities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("capabilities_yes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("capabilities_no", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("deprecated_on", sa.Date(), nullable=True),
        sa.Column("retires_on", sa.Date(), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("weights_url", sa.Text(), nullable=True),
        sa.Column("last_reviewed", sa.Date(), nullable=True),
        sa.Column("route_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("provider_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cheapest_input", sa.Numeric(), nullable=True),
        sa.Column("cheapest_output", sa.Numeric(), nullable=True),
        sa.Column("provider_ids", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lab_id"], ["lab.id"], name=op.f("fk_model_lab_id_lab")),
        sa.ForeignKeyConstraint(["license_id"], ["license.id"], name=op.f("fk_model_license_id_license")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("slug", name=op.f("uq_model_slug")),
    )
    op.create_index("ix_model_capabilities", "model", ["capabilities_yes"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_model_cheapest_output_id",
        "model",
        [sa.literal_column("cheapest_output asc nulls last"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_model_context_id", "model", [sa.literal_column("coalesce(context_window, 0) desc"), "id"], unique=False
    )
    op.create_index(op.f("ix_model_lab_id"), "model", ["lab_id"], unique=False)
    op.create_index(op.f("ix_model_license_id"), "model", ["license_id"], unique=False)
    op.create_index("ix_model_name_id", "model", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index(
        "ix_model_released_id", "model", [sa.literal_column("coalesce(released, '') desc"), "id"], unique=False
    )
    op.create_index("ix_model_routes_id", "model", [sa.literal_column("route_count desc"), "id"], unique=False)
    op.create_index(
        "ix_model_search",
        "model",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "retrieval",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("retrieved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_retrieval_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrieval")),
        sa.UniqueConstraint("source_id", "sha256", name=op.f("uq_retrieval_source_id_sha256")),
    )
    op.create_table(
        "alias",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_alias_model_id_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
        sa.UniqueConstraint("key", "model_id", name=op.f("uq_alias_key_model_id")),
    )
    op.create_index(
        "ix_alias_key_trgm",
        "alias",
        ["key"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"key": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_alias_model_id"), "alias", ["model_id"], unique=False)
    op.create_table(
        "benchmark_result",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("benchmark_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(), nullable=False),
        sa.Column("harness", sa.Text(), nullable=True),
        sa.Column("variant", sa.Text(), nullable=True),
        sa.Column("runner", sa.Text(), nullable=True),
        sa.Column("date", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["benchmark_id"], ["benchmark.id"], name=op.f("fk_benchmark_result_benchmark_id_benchmark")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_benchmark_result_model_id_model")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_benchmark_result_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_result")),
    )
    op.create_index(op.f("ix_benchmark_result_benchmark_id"), "benchmark_result", ["benchmark_id"], unique=False)
    op.create_index(op.f("ix_benchmark_result_model_id_id"), "benchmark_result", ["model_id", "id"], unique=False)
    op.create_table(
        "route",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("provider_model_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("variant", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("context_window", sa.Integer(), nullable=True),
        sa.Column("max_output", sa.Integer(), nullable=True),
        sa.Column("input_modalities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("output_modalities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("capabilities_yes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("capabilities_no", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("deprecated_on", sa.Date(), nullable=True),
        sa.Column("retires_on", sa.Date(), nullable=True),
        sa.Column("price_basis", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=True),
        sa.Column("link_method", sa.Text(), nullable=True),
        sa.Column("link_confidence", sa.Numeric(), nullable=True),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.Column("input_mtok", sa.Numeric(), nullable=True),
        sa.Column("output_mtok", sa.Numeric(), nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_route_model_id_model")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_route_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
        sa.UniqueConstraint("key", name=op.f("uq_route_key")),
    )
    op.create_index(op.f("ix_route_model_id_output_mtok_id"), "route", ["model_id", "output_mtok", "id"], unique=False)
    op.create_index(
        "ix_route_output_id", "route", [sa.literal_column("output_mtok asc nulls last"), "id"], unique=False
    )
    op.create_index(op.f("ix_route_provider_id"), "route", ["provider_id"], unique=False)
    op.create_table(
        "price",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_from_basis", sa.Text(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("input_mtok", sa.Numeric(), nullable=True),
        sa.Column("output_mtok", sa.Numeric(), nullable=True),
        sa.Column("cache_read_mtok", sa.Numeric(), nullable=True),
        sa.Column("cache_write_mtok", sa.Numeric(), nullable=True),
        sa.Column("cache_write_1h_mtok", sa.Numeric(), nullable=True),
        sa.Column("reasoning_mtok", sa.Numeric(), nullable=True),
        sa.Column("audio_in_mtok", sa.Numeric(), nullable=True),
        sa.Column("audio_out_mtok", sa.Numeric(), nullable=True),
        sa.Column(
            "other_units", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("suspicious", sa.Text(), nullable=True),
        sa.CheckConstraint("above >= 0", name=op.f("ck_price_above")),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_price_route_id_route")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_price_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    op.create_index(op.f("ix_price_route_id_id"), "price", ["route_id", "id"], unique=False)
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("native_provider", sa.Text(), server_default="", nullable=False),
        sa.Column("native_id", sa.Text(), nullable=False),
        sa.Column("native_name", sa.Text(), nullable=True),
        sa.Column("lab_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Numeric(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('lab', 'provider', 'model', 'route')", name=op.f("ck_subject_kind")),
        sa.ForeignKeyConstraint(["lab_id"], ["lab.id"], name=op.f("fk_subject_lab_id_lab")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_subject_model_id_model")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_subject_provider_id_provider")),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_subject_route_id_route")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_subject_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint(
            "source_id",
            "kind",
            "native_provider",
            "native_id",
            name=op.f("uq_subject_source_id_kind_native_provider_native_id"),
        ),
    )
    op.create_index(op.f("ix_subject_lab_id"), "subject", ["lab_id"], unique=False)
    op.create_index(op.f("ix_subject_model_id"), "subject", ["model_id"], unique=False)
    op.create_index(op.f("ix_subject_provider_id"), "subject", ["provider_id"], unique=False)
    op.create_index(op.f("ix_subject_route_id"), "subject", ["route_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("retrieval_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("as_written", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["retrieval_id"], ["retrieval.id"], name=op.f("fk_statement_retrieval_id_retrieval")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_statement_subject_id_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index(op.f("ix_statement_retrieval_id"), "statement", ["retrieval_id"], unique=False)
    op.create_index(op.f("ix_statement_subject_id_field"), "statement", ["subject_id", "field"], unique=False)


def downgrade() -> None:
    # The extension stays: on a server of one's own others may use it.
    op.execute("set lock_timeout = '5s'")
    op.drop_index(op.f("ix_statement_subject_id_field"), table_name="statement")
    op.drop_index(op.f("ix_statement_retrieval_id"), table_name="statement")
    op.drop_table("statement")
    op.drop_index(op.f("ix_subject_route_id"), table_name="subject")
    op.drop_index(op.f("ix_subject_provider_id"), table_name="subject")
    op.drop_index(op.f("ix_subject_model_id"), table_name="subject")
    op.drop_index(op.f("ix_subject_lab_id"), table_name="subject")
    op.drop_table("subject")
    op.drop_index(op.f("ix_price_route_id_id"), table_name="price")
    op.drop_table("price")
    op.drop_index(op.f("ix_route_provider_id"), table_name="route")
    op.drop_index("ix_route_output_id", table_name="route")
    op.drop_index(op.f("ix_route_model_id_output_mtok_id"), table_name="route")
    op.drop_table("route")
    op.drop_index(op.f("ix_benchmark_result_model_id_id"), table_name="benchmark_result")
    op.drop_index(op.f("ix_benchmark_result_benchmark_id"), table_name="benchmark_result")
    op.drop_table("benchmark_result")
    op.drop_index(op.f("ix_alias_model_id"), table_name="alias")
    op.drop_index(
        "ix_alias_key_trgm", table_name="alias", postgresql_using="gin", postgresql_ops={"key": "gin_trgm_ops"}
    )
    op.drop_table("alias")
    op.drop_table("retrieval")
    op.drop_index(
        "ix_model_search", table_name="model", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )
    op.drop_index("ix_model_routes_id", table_name="model")
    op.drop_index("ix_model_released_id", table_name="model")
    op.drop_index("ix_model_name_id", table_name="model")
    op.drop_index(op.f("ix_model_license_id"), table_name="model")
    op.drop_index(op.f("ix_model_lab_id"), table_name="model")
    op.drop_index("ix_model_context_id", table_name="model")
    op.drop_index("ix_model_cheapest_output_id", table_name="model")
    op.drop_index("ix_model_capabilities", table_name="model", postgresql_using="gin")
    op.drop_table("model")
    op.drop_table("source")
    op.drop_table("provider")
    op.drop_table("license")
    op.drop_table("lab")
    op.drop_table("catalog_revision")
    op.drop_table("benchmark")
