"""How exactly ends are announced, and what is named instead of a model.

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DATED = ("deprecated", "retires")


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table in ("model", "route"):
        for what in _DATED:
            op.add_column(table, sa.Column(f"{what}_precision", sa.Text(), nullable=True))
            # Until now only whole days were taken in.
            op.execute(f"update {table} set {what}_precision = 'DAY' where {what}_on is not null")  # noqa: S608
        op.create_index(f"ix_{table}_retires_on_id", table, ["retires_on", "id"])
    op.create_table(
        "successor",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('DROP_IN', 'OPTION')", name=op.f("ck_successor_kind")),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_successor_model_id_model"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["model.id"], name=op.f("fk_successor_target_id_model"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_successor_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_successor")),
        sa.UniqueConstraint("model_id", "kind", "place", name=op.f("uq_successor_model_id_kind_place")),
    )
    op.create_index(op.f("ix_successor_target_id"), "successor", ["target_id"])


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_table("successor")
    for table in ("model", "route"):
        op.drop_index(f"ix_{table}_retires_on_id", table)
        for what in _DATED:
            op.drop_column(table, f"{what}_precision")
