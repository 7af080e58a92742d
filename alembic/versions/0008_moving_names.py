"""Where moving names pointed, by day.

Revision: 0008
Follows: 0007
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "moving_target",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("first_party", sa.Boolean(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_moving_target_days")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_moving_target_subject_id_subject"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_moving_target_model_id_model"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("subject_id", "since", name=op.f("pk_moving_target")),
    )
    op.create_index(op.f("ix_moving_target_model_id"), "moving_target", ["model_id"])


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_table("moving_target")
