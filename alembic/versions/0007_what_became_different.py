"""What became different is recorded: changes of facts and of prices, append-only.

Revision: 0007
Follows: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "fact_change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_fact_change_model_id_model"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["route_id"], ["route.id"], name=op.f("fk_fact_change_route_id_route"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_fact_change_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_change")),
    )
    op.create_index(op.f("ix_fact_change_model_id"), "fact_change", ["model_id"])
    op.create_index(op.f("ix_fact_change_route_id"), "fact_change", ["route_id"])
    op.create_table(
        "price_change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("previous_source_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["route_id"], ["route.id"], name=op.f("fk_price_change_route_id_route"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_price_change_source_id_source")),
        sa.ForeignKeyConstraint(
            ["previous_source_id"], ["source.id"], name=op.f("fk_price_change_previous_source_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_change")),
    )
    op.create_index(op.f("ix_price_change_route_id"), "price_change", ["route_id"])
    op.create_index(op.f("ix_price_change_of"), "price_change", ["of"])
    op.create_index(
        "ix_price_change_day_id",
        "price_change",
        [sa.text("coalesce(day, '0001-01-01'::date) desc"), sa.text("id desc")],
    )


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_table("price_change")
    op.drop_table("fact_change")
