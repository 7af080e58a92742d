"""Indexes for the lists and neighbours of a catalogue that is a hundred times as large.

Revision: 0010
Follows: 0008
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    most_served = sa.text("provider_count desc")
    op.create_index("ix_model_providers_id", "model", [most_served, sa.text("id desc")])
    op.create_index("ix_model_task_providers_id", "model", ["task", most_served, "id"])
    op.create_index(op.f("ix_model_family"), "model", ["family"])
    latest = sa.text("coalesce(day, '0001-01-01'::date) desc")
    op.create_index("ix_price_change_kind_day_id", "price_change", ["kind", latest, sa.text("id desc")])


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_index("ix_price_change_kind_day_id", table_name="price_change")
    op.drop_index(op.f("ix_model_family"), table_name="model")
    op.drop_index("ix_model_task_providers_id", table_name="model")
    op.drop_index("ix_model_providers_id", table_name="model")
