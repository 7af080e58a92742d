"""What sources disagree about, so that it can be listed across the catalogue.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("ratio", sa.Numeric(), nullable=True),
        sa.Column("dissenting", sa.Integer(), nullable=False),
        sa.CheckConstraint("(model_id is null) <> (route_id is null)", name=op.f("ck_dispute_about")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_dispute_model_id_model"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_dispute_route_id_route"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_dispute_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_model_id"), "dispute", ["model_id"])
    op.create_index(op.f("ix_dispute_route_id"), "dispute", ["route_id"])


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_table("dispute")
