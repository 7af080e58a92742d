"""Changes are asked for by the revision after which they came.

Revision: 0013
Follows: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = "fact_change", "price_change"


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_revision"), table, ["revision"])


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_revision"), table_name=table)
