"""Further wire formats that a provider speaks, each with its address.

Revision: 0009
Follows: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.add_column(
        "provider",
        sa.Column("endpoints", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_column("provider", "endpoints")
